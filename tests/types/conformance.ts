// In: the package's entries and its declarations. Out: errors where an entry is not what is declared.
// Entries with a declaration beside them (worker, edge, adapters, …) name it in their own JSDoc.
import type * as declared from '../../pkg/index.js';
import * as browser from '../../pkg/browser.js';
import * as edgeLight from '../../pkg/edge-light.js';
import * as node from '../../pkg/node.js';
import * as relaxedNode from '../../pkg/relaxed-node.js';
import * as workerd from '../../pkg/workerd.js';

for (const { Ranker, RankletError, version } of [browser, edgeLight, node, relaxedNode, workerd]) {
  const load: typeof declared.Ranker.load = Ranker.load;
  const ranker: Promise<declared.Ranker> = load('/movies.onnx');
  const text: ReturnType<typeof declared.version> = version();
  const error: Pick<declared.RankletError, 'message' | 'path'> = new RankletError('model/fetch', '', '', undefined);
  void [ranker, text, error];
}
