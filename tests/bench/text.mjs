// In: titles and tags. Out: token ids and tag ids, the same as `src/core/text.rs` gives.
// What a team that runs its model in onnxruntime would write: 64-bit hashes in two halves, tags cached.
// Must never differ from `src/core/text.rs`; bench.mjs compares the scores that come of both.

const encoder = new TextEncoder();
const scratch = new Uint8Array(16);

let high = 0; // the hash under construction, two unsigned halves
let low = 0;

function start(seed, domain) {
  high = (0xcbf29ce4 ^ Number(seed >> 32n)) >>> 0;
  low = (0x84222325 ^ Number(seed & 0xffffffffn)) >>> 0;
  feed(domain);
}

/** FNV-1a's step; the prime is 2^40 + 0x1b3. */
function feed(byte) {
  const before = (low ^ byte) >>> 0;
  const product = before * 0x1b3; // below 2^41, exact
  high = (Math.imul(high, 0x1b3) + Math.imul(before, 0x100) + Math.floor(product / 4294967296)) >>> 0;
  low = product >>> 0;
}

/** The upper half of the product of two unsigned 32-bit numbers. */
function upper(a, b) {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = ah * bl + Math.floor((al * bl) / 65536);
  return ah * bh + Math.floor(middle / 65536) + Math.floor(((middle % 65536) + al * bh) / 65536);
}

function multiply(bHigh, bLow) {
  const carried = upper(low, bLow);
  high = (carried + Math.imul(high, bLow) + Math.imul(low, bHigh)) >>> 0;
  low = Math.imul(low, bLow) >>> 0;
}

function shifted(bits) {
  low = (low ^ ((low >>> bits) | (high << (32 - bits)))) >>> 0;
  high = (high ^ (high >>> bits)) >>> 0;
}

/** SplitMix64's last steps. */
function finish() {
  shifted(30);
  multiply(0xbf58476d, 0x1ce4e5b9);
  shifted(27);
  multiply(0x94d049bb, 0x133111eb);
  shifted(31);
}

function feedWord(word) {
  for (let i = 0; i < word.length; i += 1) {
    const unit = word.charCodeAt(i);
    if (unit > 127) return feedRest(word.slice(i));
    feed(unit >= 65 && unit <= 90 ? unit + 32 : unit);
  }
}

/** Lower-cased character by character: the lower case of a whole string depends on neighbours. */
function feedRest(word) {
  for (const character of word) {
    const { written } = encoder.encodeInto(character.toLowerCase(), scratch);
    for (let i = 0; i < written; i += 1) feed(scratch[i]);
  }
}

const WORDS = /[\p{Alphabetic}\p{N}]+/gu;
const words = (text) => text.match(WORDS) ?? [];

function hashTag(seed, parts) {
  start(seed, 116); // 't'
  parts.forEach((word, i) => {
    if (i > 0) feed(32);
    feedWord(word);
  });
  finish();
}

export class Tokeniser {
  #spec;
  #seed;
  #tags = new Map();

  constructor(spec) {
    this.#spec = spec;
    if (!Number.isSafeInteger(spec.seed)) throw new Error(`text.seed ${spec.seed} lost digits in JSON`);
    this.#seed = BigInt(spec.seed);
  }

  #row() {
    const rows = this.#spec.table - 1;
    return 1 + (((high % rows) * 4294967296 + low) % rows);
  }

  #wordRow(word) {
    start(this.#seed, 119); // 'w'
    feedWord(word);
    finish();
    return this.#row();
  }

  /** What is known of a tag: its counter id, its row, the rows of its words; null without a letter or digit. */
  tag(text) {
    let known = this.#tags.get(text);
    if (known === undefined) {
      const parts = words(text);
      if (parts.length === 0) known = null;
      else {
        hashTag(0n, parts);
        const id = high;
        hashTag(this.#seed, parts);
        known = { id, row: this.#row(), wordRows: parts.length > 1 ? parts.map((word) => this.#wordRow(word)) : [] };
      }
      this.#tags.set(text, known);
    }
    return known;
  }

  /** Writes `max_tokens` ids into `out` (BigInt64Array) from `at`; the rest of the row is 0. */
  tokens(title, tags, out, at) {
    const { max_tokens: most, tag_words: tagWords, title_words: titleWords } = this.#spec;
    const seen = [];
    const push = (row) => {
      if (seen.length < most && !seen.includes(row)) seen.push(row);
    };
    for (const tag of tags) if (tag) push(tag.row);
    if (tagWords) for (const tag of tags) if (tag) tag.wordRows.forEach(push);
    if (titleWords && seen.length < most) for (const word of words(title)) push(this.#wordRow(word));
    for (let i = 0; i < most; i += 1) out[at + i] = i < seen.length ? BigInt(seen[i]) : 0n;
  }
}
