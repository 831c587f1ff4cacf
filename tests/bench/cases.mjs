// In: a model, films, the sizes to measure. Out: rows of RESULTS: milliseconds of ranklet and the peer.
// Runs the same in Node and in a page: what differs between hosts is injected.
// Must never time a case before both sides gave the same answer on its input.
import { candidates } from '../../www/demo/catalogue.js';
import { FORMS, SIZES, denseModel, rows as randomRows } from './dense.mjs';
import { withBlock } from './onnx.mjs';
import { Peer, runModel } from './peer.mjs';
import { interleave, ratio, summary } from './statistics.mjs';

const TOLERANCE = 1e-3;
const WARMUP = 40;
const RANK = { budgetMs: null };
/** ranklet keeps 256 events; before that many, both sides start their session again. */
const SESSION = 200;
const DENSE_N = [100, 500, 1000];

export class Cases {
  /** `host` names the runtime in the rows; `report` gets each row as it is done. */
  static async open({ Ranker, load, model, films, host, variant = 'simd128', runs, report = () => {} }) {
    const cases = new Cases();
    Object.assign(cases, { Ranker, load, model, films, host, variant, runs, report, rows: [], agreement: [] });
    cases.ranker = await Ranker.load(model, load);
    cases.peer = await Peer.load(model);
    await cases.#takeInEvents();
    return cases;
  }

  /** A short session: likes, a dislike and a dwell, spread over the catalogue. */
  async #takeInEvents() {
    const list = candidates(this.films, Math.min(this.films.length, 300));
    const kinds = ['like', 'click', 'like', 'dislike', 'impression', 'like', 'skip', 'dwell'].filter((kind) => this.ranker.model.actions.includes(kind));
    for (const [i, type] of kinds.entries()) await this.#event(type, list[(i * 37) % list.length], i);
  }

  async #event(type, item, count) {
    const event = { type, item, at: 1_700_000_000_000 + count * 1000, ...(type === 'dwell' && { value: 20 }) };
    this.ranker.observe(event);
    await this.peer.observe(event);
  }

  #row(name, n, times, more = {}) {
    const { ours, peer } = times;
    const row = { case: name, n, host: this.host, variant: this.variant, runs: ours.length, ours: summary(ours), ...more };
    if (peer?.length) Object.assign(row, { peer: summary(peer), ratio: ratio(ours, peer) });
    this.rows.push(row);
    this.report(row);
  }

  /** Fewer runs of what takes long, never under 30. */
  #runs(n) {
    return n > 1000 ? Math.max(30, Math.round((this.runs * 1000) / n)) : this.runs;
  }

  /** JS objects never seen before → ordered list. */
  async rankFull(n, name = 'rank_full') {
    const list = candidates(this.films, n);
    await this.#compare(list);
    const times = await interleave({
      runs: this.#runs(n), warmup: WARMUP,
      prepare: (i) => fresh(list, i),
      ours: (input) => full(this.ranker.rank(input, RANK)),
      peer: (input) => this.peer.rank(input),
    });
    this.#row(name, n, times);
  }

  /** ranklet: one event and the same list again. The peer: the list again, its event taken in before the clock. */
  async rerank(n) {
    const list = candidates(this.films, n);
    let count = 0;
    const begin = async () => {
      this.ranker.forget();
      this.peer.forget();
      await this.#takeInEvents();
      this.ranker.rank(list, RANK);
      await this.peer.cache(list);
      count = 100;
    };
    await begin();
    const timed = (peer) => interleave({
      runs: this.#runs(n), warmup: WARMUP,
      prepare: async (i) => {
        if (count >= SESSION) await begin();
        const event = { type: i % 4 ? 'like' : 'dislike', item: list[(count * 37) % Math.min(n, 40)], at: 1_700_000_000_000 + count * 1000 };
        count += 1;
        await this.peer.observe(event);
        return { ...event, item: event.item.id };
      },
      ours: (event) => {
        this.ranker.observe(event);
        full(this.ranker.rank(undefined, RANK));
      },
      peer,
    });
    this.#row('rerank_event', n, await timed(() => this.peer.rank(list)));
    await begin();
    this.#row('rerank_event_cached', n, await timed(() => this.peer.rerank()));
    this.#near(full(this.ranker.rank(undefined, RANK)), await this.peer.rerank());
  }

  /** Every stage's graph on inputs that are ready: ranklet's own clock, and the peer's run. */
  async modelOnly(n) {
    const list = candidates(this.films, n);
    const times = { ours: [], peer: [] };
    for (let i = -WARMUP; i < this.#runs(n); i += 1) {
      const input = fresh(list, i);
      const ours = full(this.ranker.rank(input, RANK)).ms.score;
      this.peer.read(input);
      this.peer.fill(n);
      const start = performance.now();
      await this.peer.score(n);
      const peer = performance.now() - start;
      if (i >= 0) {
        times.ours.push(ours);
        times.peer.push(peer);
      }
    }
    this.#row('model_only', n, times);
  }

  /** Full and repeated ranking in blocks of other sizes, turn by turn: what the committed size is chosen by. */
  async blocks(sizes, n) {
    const list = candidates(this.films, n);
    const rankers = [];
    for (const block of sizes) rankers.push(await this.Ranker.load(withBlock(this.model, block), this.load));
    const times = sizes.map(() => ({ full: [], again: [] }));
    for (let i = -WARMUP; i < this.#runs(n); i += 1) {
      rankers.forEach((ranker, at) => {
        const first = full(ranker.rank(fresh(list, i), RANK)).ms.total;
        const again = full(ranker.rank(undefined, RANK)).ms.total;
        if (i >= 0) { times[at].full.push(first); times[at].again.push(again); }
      });
    }
    sizes.forEach((block, at) => {
      const each = { block, block_ms: summary(times[at].again.map((ms) => ms / Math.ceil(n / block))).median };
      this.#row('block', n, { ours: times[at].full }, { ...each, again: summary(times[at].again) });
      rankers[at].dispose();
    });
  }

  /** Layers alone, random rows: `scoreBatch` beside one run of the session. */
  async dense(forms = FORMS, sizes = Object.keys(SIZES)) {
    for (const size of sizes) {
      for (const form of forms) {
        const width = SIZES[size][0];
        const model = await denseModel(size, form, async (bytes, rows) => (await runModel(bytes)).run(rows, width));
        const ours = await this.Ranker.load(model, this.load);
        const peer = await runModel(model);
        for (const n of DENSE_N) {
          const rows = randomRows(n, width);
          const more = { ...this.#agree(ours.scoreBatch(rows), await peer.run(rows, width), form), simd: ours.model.simd };
          const times = await interleave({
            runs: this.runs, warmup: WARMUP, prepare: () => rows,
            ours: (input) => ours.scoreBatch(input),
            peer: (input) => peer.run(input, width),
          });
          this.#row(`dense_${form}_${size}`, n, times, more);
        }
        ours.dispose();
        await peer.release();
      }
    }
  }

  /** f32 agrees to rounding; bytes may lie a step apart, so they agree as a whole. */
  #agree(ours, theirs, form) {
    let [worst, sum] = [0, 0];
    for (let i = 0; i < theirs.length; i += 1) {
      const difference = Math.abs(ours[i] - theirs[i]);
      if (!(difference <= worst)) worst = difference;
      sum += difference;
    }
    const most = { f32: 1e-4, int8_qdq: 0.05, int8_dyn: 0.1 }[form]; // of outputs between about -1 and 1
    if (!(worst <= most) || ours.length !== theirs.length) throw new Error(`${form}: outputs differ by ${worst}, at most ${most}`);
    return { max_abs_diff: worst, mean_abs_diff: sum / theirs.length };
  }

  /** How far both agree on a list; ends the process if they do not. */
  async #compare(list) {
    this.#near(full(this.ranker.rank(list, RANK)), await this.peer.rank(list));
  }

  #near(ours, theirs) {
    const n = ours.order.length;
    let difference = 0;
    for (let i = 0; i < n; i += 1) {
      const d = Math.abs(ours.scores[i] - theirs.scores[i]);
      if (!(d <= difference)) difference = d; // NaN stays
    }
    if (!(difference <= TOLERANCE)) throw new Error(`scores of ${n} candidates differ by ${difference}, at most ${TOLERANCE}`);
    const same = ours.order.reduce((sum, position, place) => sum + (position === theirs.order[place]), 0);
    this.agreement.push({ host: this.host, n, max_abs_diff: difference, same_places: same });
  }
}

/** The same list as new objects under new ids, so that nothing remembered of an earlier run helps. */
function fresh(list, run) {
  return list.map(({ id, title, tags, score, fields }) => ({ id: `${id}/${run}`, title, tags, score, fields }));
}

function full(ranking) {
  if (ranking.tier !== 'full') throw new Error(`ranklet answered '${ranking.tier}': ${ranking.reason}`);
  return ranking;
}
