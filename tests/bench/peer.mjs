// In: the same ONNX file, candidates and events as ranklet. Out: the same order, by onnxruntime-web.
// What a careful team would write without ranklet: features in plain JS on reused typed arrays, one run a list.
// Must never do more work than that, nor less: its scores are compared with ranklet's.
import * as ort from 'onnxruntime-web';
import { FLOAT, cut, metadata } from './onnx.mjs';
import { Tokeniser } from './text.mjs';

const CHANNELS = 3; // positive, negative, exposed
const AFFINITY_PRIOR = 2;
const STATIC = ['server_score', 'server_rank', 'server_absent', 'field', 'tag_count'];

const channelOf = {
  positive: (p) => p,
  negative: (p, n) => n,
  exposed: (p, n, e) => e,
  net: (p, n) => p - n,
};

/** One thread, SIMD, every optimisation of the graph: its best on this ground. */
export function open(bytes) {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  return ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
}

/** A model of `features [n,F]` → `heads [n,1]`, rows in, outputs out. */
export async function runModel(bytes) {
  const session = await open(bytes);
  return {
    run: async (rows, width) => (await session.run({ features: new ort.Tensor('float32', rows, [rows.length / width, width]) }, ['heads'])).heads.data,
    release: () => session.release(),
  };
}

export class Peer {
  static async load(bytes) {
    const manifest = JSON.parse(metadata(bytes, 'ranklet'));
    const { vector, features, history, stages: { score } } = manifest;
    const dims = { item: ['n', vector], dense: ['n', features.length], history: [history, vector], history_action: [history, CHANNELS] };
    const inputs = Object.entries(score.inputs).map(([role, name]) => [name, FLOAT, dims[role]]);
    const peer = new Peer(await open(bytes), manifest);
    peer.scoring = await open(cut(bytes, inputs, score.output));
    return peer;
  }

  constructor(session, manifest) {
    this.session = session;
    this.manifest = manifest;
    this.text = new Tokeniser(manifest.text);
    this.inputs = { ...manifest.stages.encode.inputs, ...manifest.stages.score.inputs };
    // `item` is the encode stage's own output when the graph is run as a whole.
    delete this.inputs.item;
    // Server vectors enter between the stages, as inputs of their own.
    if (manifest.vectors) Object.assign(this.inputs, { server_vector: 'server_vector', server_given: 'server_given' });
    this.finishers = manifest.features.map(finisher);
    this.rows = []; // the session's items, newest first: { id, tags, fields, vector, strength }
    this.history = new Float32Array(manifest.history * manifest.vector);
    this.actions = new Float32Array(manifest.history * CHANNELS);
    this.buffers(0);
    this.count();
  }

  buffers(n) {
    const { max_tokens: tokens } = this.manifest.text;
    if (this.n >= n) return;
    this.n = n;
    this.tokens = new BigInt64Array(n * tokens);
    this.dense = new Float32Array(n * this.manifest.features.length);
    this.scores = new Float32Array(n);
    this.fields = new Float32Array(n * this.manifest.fields.length);
    this.tags = new Array(n);
    this.server = new Float32Array(n * (this.manifest.vectors?.width ?? 0));
    this.given = new Float32Array(n);
  }

  /** Takes in an event about a whole item. */
  async observe({ type, item, value }) {
    const action = this.manifest.actions[type];
    const share = action.full_at == null ? 1 : Math.min(value / action.full_at, 1);
    const known = this.rows.findIndex((row) => row.id === item.id);
    const [before] = known < 0 ? [null] : this.rows.splice(known, 1);
    const strength = later(before?.strength ?? [0, 0, 0], [action.positive, action.negative, action.exposed].map((s) => (s ?? 0) * share));
    const width = this.manifest.fields.length;
    const first = { tags: this.tags[0], fields: this.fields.slice(0, width), score: this.scores[0] };
    this.read([item]);
    const vector = before?.vector ?? (await this.run(1, this.manifest.stages.score.inputs.item)).slice();
    this.rows.unshift({ id: item.id, tags: this.tags[0], fields: this.fields.slice(0, width), vector, strength });
    this.count();
    [this.tags[0], this.scores[0]] = [first.tags, first.score]; // the list's own first item again
    this.fields.set(first.fields);
  }

  /** As if no event had come. */
  forget() {
    this.rows = [];
    this.count();
  }

  /** Scores and orders a list. */
  async rank(candidates) {
    const n = candidates.length;
    this.read(candidates);
    this.fill(n);
    return this.order(n, await this.score(n));
  }

  /** Heads of what was read and filled. */
  score(n) {
    return this.run(n, this.manifest.stages.score.output);
  }

  /** Keeps what events leave alone: item vectors, and the columns until another list is read. */
  async cache(candidates) {
    const n = candidates.length;
    this.read(candidates);
    this.fill(n);
    this.vectors = (await this.run(n, this.manifest.stages.score.inputs.item)).slice();
    this.cached = n;
  }

  /** The cached list again: the columns that events change, and the score stage alone. */
  async rerank() {
    const n = this.cached;
    this.fill(n, (kind) => !STATIC.includes(kind));
    const { features, history, vector, stages: { score } } = this.manifest;
    const tensors = {
      item: () => new ort.Tensor('float32', this.vectors, [n, vector]),
      dense: () => new ort.Tensor('float32', this.dense.subarray(0, n * features.length), [n, features.length]),
      history: () => new ort.Tensor('float32', this.history, [history, vector]),
      history_action: () => new ort.Tensor('float32', this.actions, [history, CHANNELS]),
    };
    const feeds = Object.fromEntries(Object.entries(score.inputs).map(([role, name]) => [name, tensors[role]()]));
    return this.order(n, (await this.scoring.run(feeds, [score.output]))[score.output].data);
  }

  order(n, heads) {
    const weights = this.manifest.heads.map((head) => head.weight);
    const scores = new Float32Array(n);
    for (let i = 0; i < n; i += 1) {
      let sum = 0;
      for (let h = 0; h < weights.length; h += 1) sum += weights[h] * heads[i * weights.length + h];
      scores[i] = sum;
    }
    const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
    return { order, scores };
  }

  /** JS objects to columns. */
  read(candidates) {
    this.buffers(candidates.length);
    const { fields: names, text } = this.manifest;
    for (let i = 0; i < candidates.length; i += 1) {
      const { title = '', tags = [], score, fields, vector, basis } = candidates[i];
      const known = tags.map((tag) => this.text.tag(tag));
      this.text.tokens(title, known, this.tokens, i * text.max_tokens);
      this.tags[i] = known.filter(Boolean).map((tag) => tag.id);
      this.scores[i] = score ?? NaN;
      if (this.manifest.vectors) this.place(i, vector, basis);
      for (let f = 0; f < names.length; f += 1) this.fields[i * names.length + f] = fields?.[names[f]] ?? NaN;
    }
  }

  /** The server's vector of one item, in the model's unit. */
  place(i, vector, basis) {
    const { basis: own, width, scale } = this.manifest.vectors;
    this.given[i] = vector && basis === own ? 1 : 0;
    for (let v = 0; v < width; v += 1) this.server[i * width + v] = this.given[i] ? vector[v] * scale : 0;
  }

  async run(n, output) {
    const { text, features, history, vector, vectors } = this.manifest;
    const tensors = {
      tokens: () => new ort.Tensor('int64', this.tokens.subarray(0, n * text.max_tokens), [n, text.max_tokens]),
      dense: () => new ort.Tensor('float32', this.dense.subarray(0, n * features.length), [n, features.length]),
      history: () => new ort.Tensor('float32', this.history, [history, vector]),
      history_action: () => new ort.Tensor('float32', this.actions, [history, CHANNELS]),
      server_vector: () => new ort.Tensor('float32', this.server.subarray(0, n * vectors.width), [n, vectors.width]),
      server_given: () => new ort.Tensor('float32', this.given.subarray(0, n), [n, 1]),
    };
    const feeds = Object.fromEntries(Object.entries(this.inputs).map(([role, name]) => [name, tensors[role]()]));
    return (await this.session.run(feeds, [output]))[output].data;
  }

  /** After an event: sums by tag and field, and the rows of history that the model reads. */
  count() {
    const { history, vector, fields } = this.manifest;
    this.totals = [0, 0, 0];
    this.byTag = new Map();
    for (const { tags, strength } of this.rows) {
      strength.forEach((s, c) => { this.totals[c] += s; });
      for (const tag of tags) {
        const sums = this.byTag.get(tag);
        if (sums) strength.forEach((s, c) => { sums[c] += s; });
        else this.byTag.set(tag, [...strength]);
      }
    }
    this.fieldMeans = fields.map((_, f) => {
      const rows = this.rows.filter((row) => Number.isFinite(row.fields[f]));
      const weight = rows.reduce((sum, row) => sum + row.strength[0], 0);
      return weight > 0 ? rows.reduce((sum, row) => sum + row.strength[0] * row.fields[f], 0) / weight : NaN;
    });
    const verdict = (row) => row.strength[0] + row.strength[1] > 0;
    const read = [...this.rows.filter(verdict), ...this.rows.filter((row) => !verdict(row))].slice(0, history);
    this.history.fill(0);
    this.actions.fill(0);
    read.forEach((row, i) => {
      this.history.set(row.vector, i * vector);
      this.actions.set(row.strength, i * CHANNELS);
    });
  }

  /** The matrix `dense`, column by column. */
  fill(n, wanted = () => true) {
    const { features, fields: names } = this.manifest;
    const width = features.length;
    const sums = this.affinities(n);
    features.forEach(({ source }, column) => {
      if (!wanted(source.kind)) return;
      const finish = this.finishers[column];
      const write = (value) => {
        for (let i = 0; i < n; i += 1) this.dense[i * width + column] = finish(value(i));
      };
      const field = names.indexOf(source.field);
      switch (source.kind) {
        case 'server_score': write((i) => this.scores[i]); break;
        case 'server_rank': { const ranks = serverRanks(this.scores.subarray(0, n)); write((i) => ranks[i]); break; }
        case 'server_absent': write((i) => (Number.isFinite(this.scores[i]) ? 0 : 1)); break;
        case 'field': write((i) => this.fields[i * names.length + field]); break;
        case 'field_gap': write((i) => this.fields[i * names.length + field] - this.fieldMeans[field]); break;
        case 'tag_count': write((i) => this.tags[i].length); break;
        case 'tag_affinity': { const values = sums(source.channel, source.pool); write((i) => values[i]); break; }
        case 'session_strength': { const total = channelOf[source.channel](...this.totals); write(() => total); break; }
        default: throw new Error(`the peer does not know the feature source '${source.kind}'`);
      }
    });
  }

  /** Mean and peak of a channel over each item's tags; each tag is looked up once a list. */
  affinities(n) {
    const found = new Array(n);
    for (let i = 0; i < n; i += 1) found[i] = this.tags[i].map((tag) => this.byTag.get(tag));
    return (channel, pool) => {
      const of = channelOf[channel];
      return Float32Array.from({ length: n }, (_, i) => {
        const tags = found[i];
        if (tags.length === 0) return NaN;
        let sum = 0;
        let peak = 0;
        for (const strength of tags) {
          if (strength === undefined) continue;
          const [p, m, e] = strength;
          const value = of(p, m, e) / (p + m + e + AFFINITY_PRIOR);
          sum += value;
          if (Math.abs(value) > Math.abs(peak)) peak = value;
        }
        return pool === 'mean' ? sum / tags.length : peak;
      });
    };
  }
}

/** What an item's events say after one more: a verdict fades the opposite one, then adds up to 1. */
function later([p, n, e], [up, down, seen]) {
  return [Math.min(p * (1 - down) + up, 1), Math.min(n * (1 - up) + down, 1), Math.min(e + seen, 1)];
}

/** A feature's transforms as one function of the raw value. */
function finisher({ transform = [], missing = 0 }) {
  const steps = transform.map((step) => {
    if (step === 'log1p') return (x) => Math.log1p(Math.max(x, 0));
    if (step === 'abs') return Math.abs;
    const { standardise: s, clip: c } = step;
    if (s) return (x) => (x - s.mean) / s.scale;
    if (c) return (x) => Math.min(Math.max(x, c.low), c.high);
    throw new Error(`the peer does not know the transform ${JSON.stringify(step)}`);
  });
  return (raw) => {
    let value = raw;
    for (const step of steps) value = step(value);
    return Number.isFinite(raw) && Number.isFinite(value) ? value : missing;
  };
}

/** For each score the share of finite scores below it, ties half. */
function serverRanks(scores) {
  const sorted = scores.filter(Number.isFinite).sort();
  const others = Math.max(sorted.length - 1, 1);
  const first = (holds) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (holds(sorted[middle])) to = middle;
      else from = middle + 1;
    }
    return from;
  };
  return scores.map((score) => {
    const below = first((s) => s >= score);
    const equal = first((s) => s > score) - below;
    return equal === 0 ? NaN : (below + (equal - 1) / 2) / others;
  });
}
