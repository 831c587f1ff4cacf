// In: the package's Ranker, the fixture model, the requests of requests.json. Out: their orders and scores.
// Runs unchanged in Node, workerd and browsers: nothing of the host is used but the ranker.
// Must never compare: whoever calls it knows what is expected.

/** `orders[i]` is request i's; `scores[i]` its scores' bits in hex, as far as the model gave any. */
export async function golden(Ranker, model, { catalogue, requests }) {
  const ranker = await Ranker.load(model);
  const answers = { orders: [], scores: [], warnings: 0 };
  for (const { list, prefer = [], events = [], undo = [], options } of requests) {
    ranker.forget();
    ranker.setCandidates(list.map((at) => catalogue[at]));
    ranker.prefer(prefer);
    for (const event of events) ranker.observe({ ...event, item: catalogue[event.item] });
    for (const id of undo) ranker.undo(id);
    const ranking = ranker.rank(undefined, { budgetMs: null, ...options });
    answers.orders.push([...ranking.order]);
    answers.scores.push([...new Uint32Array(ranking.scores.buffer)].map((bits) => bits.toString(16)).join(' '));
    answers.warnings += ranking.warnings.length;
  }
  ranker.dispose();
  return answers;
}
