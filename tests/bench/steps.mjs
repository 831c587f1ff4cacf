// In: a host's ranker and files. Out: every row of the benchmark that one running process can give.
// Runs the same in Node and in a page. Must never run two cases at once.
import { candidates } from '../../www/demo/catalogue.js';
import { Cases } from './cases.mjs';
import { eachRule, rulesTimes } from './rules.mjs';
import { summary } from './statistics.mjs';

/** Candidates of the rows with one size only. */
export const ONE = { model: 500, rules: 1000, blocks: 500 };

/** The memory of instances made after this, by which `memory` is told; call it before the first load. */
export function watchMemory() {
  const memories = [];
  const keep = (instance) => {
    if (instance.exports.memory) memories.push(instance.exports.memory);
    return instance;
  };
  const { Instance, instantiate } = WebAssembly;
  WebAssembly.Instance = function (...given) { return keep(new Instance(...given)); };
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate.call(WebAssembly, ...given);
    keep(made.instance ?? made);
    return made;
  };
  return memories;
}

/**
 * Rows, agreement and memory of one process; `only` chooses cases by the start of their names, `forms` and
 * `variant` the layers and the artefact, `blocks` sizes of blocks to compare.
 */
export async function measure({ Ranker, load, model, films, host, variant, runs, sizes, only = [], forms, blocks = [], report }) {
  const wanted = (name) => only.length === 0 || only.some((start) => name.startsWith(start));
  const memories = watchMemory();
  const cases = await Cases.open({ Ranker, load, model, films, host, variant, runs, report });
  const [first] = memories; // ranklet's: it loads before the peer
  const memory = [];
  for (const n of sizes) {
    if (wanted('rank_full')) await cases.rankFull(n);
    if (n === 1000 && first) memory.push({ host, n, bytes: first.buffer.byteLength });
  }
  for (const n of sizes.filter((n) => n <= 1000)) if (wanted('rerank_event')) await cases.rerank(n);
  for (const n of sizes.filter((n) => n <= 1000)) if (wanted('model_only')) await cases.modelOnly(n);
  if (wanted('rules')) {
    const times = rulesTimes(cases.ranker, candidates(films, ONE.rules), { runs });
    const row = { case: 'rules', n: ONE.rules, host, variant: 'simd128', runs, ours: summary(times) };
    for (const made of [row, ...eachRule(cases.ranker, candidates(films, ONE.rules), { runs, host })]) {
      cases.rows.push(made);
      report?.(made);
    }
  }
  if (blocks.length) await cases.blocks(blocks, ONE.blocks);
  if (wanted('dense')) await cases.dense(forms);
  return { rows: cases.rows, agreement: cases.agreement, memory };
}
