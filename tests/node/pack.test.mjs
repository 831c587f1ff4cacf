// What the packer writes says what the lists said, one list after the other on the same buffers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Warnings } from '../../pkg/src/errors.js';
import { Packer } from '../../pkg/src/pack.js';

const LIMITS = { id_bytes: 16, title_bytes: 24, tags: 6, tag_bytes: 8 };

/** A small generator of the same numbers everywhere. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** What the columns say: a tag's string stands where its number comes first. */
function unpacked({ text, lengths, tags, tagCounts, scores }) {
  const decoder = new TextDecoder();
  const known = [];
  let [at, string, tag] = [0, 0, 0];
  const next = () => {
    at += lengths[string];
    string += 1;
    return decoder.decode(text.subarray(at - lengths[string - 1], at));
  };
  const items = Array.from(tagCounts, (count, i) => {
    const item = { id: next(), title: next(), score: scores[i] };
    item.tags = Array.from({ length: count }, () => {
      const number = tags[tag];
      tag += 1;
      assert.ok(number <= known.length, 'a number is of a string that was met, or of the next one');
      if (number === known.length) known.push(next());
      return known[number];
    });
    return item;
  });
  assert.equal(at, text.length);
  assert.equal(string, lengths.length);
  assert.equal(tag, tags.length);
  return items;
}

const cut = (word) => new TextDecoder().decode(new TextEncoder().encode(word).subarray(0, LIMITS.tag_bytes));

test('300 lists in turn come out as they went in', () => {
  const [roll, packer] = [dice(7), new Packer(LIMITS, [])];
  for (let round = 0; round < 300; round += 1) {
    // Words of this list, of lists before it, and of no other; some are longer than a tag may be.
    const word = () => ['a', 'drama', 'été', 'two words', `r${round}`, `w${roll(400)}`, ''][roll(7)];
    const list = Array.from({ length: roll(round % 50 === 0 ? 400 : 12) }, (_, i) => ({
      id: `${round}/${i}`, title: word(), score: Math.fround(roll(100) / 7), tags: Array.from({ length: roll(7) }, word),
    }));
    const warnings = new Warnings();
    const columns = packer.pack(list, list.length, warnings);
    assert.deepEqual(unpacked(columns), list.map((item) => ({ ...item, tags: item.tags.map(cut) })));
    assert.deepEqual(columns.ids, list.map(({ id }) => id));
  }
});

test('a tag that is cut is said each time it comes', () => {
  const packer = new Packer(LIMITS, []);
  const list = [{ id: 'a', tags: ['far too long'] }, { id: 'b', tags: ['far too long', 7, 'x'] }];
  for (const round of [1, 2]) {
    const warnings = new Warnings();
    const columns = packer.pack(list, 2, warnings);
    assert.deepEqual(unpacked(columns).map(({ tags }) => tags), [['far too '], ['far too ', 'x']], `round ${round}`);
    assert.deepEqual(warnings.with([]).map(({ code, path }) => `${code} ${path}`), [
      'candidate/truncated candidates[0].tags[0]', 'candidate/truncated candidates[1].tags[0]', 'candidate/not-text candidates[1].tags[1]',
    ]);
  }
});

test('strings of lists long gone are let go', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const packer = new Packer(LIMITS, []);
  const used = () => { collect(); return process.memoryUsage().heapUsed; };
  const pack = (from, to) => {
    for (let i = from; i < to; i += 1) packer.pack([{ id: 'a', tags: [0, 1, 2, 3, 4, 5].map((t) => `${i}/${t}`) }], 1, new Warnings());
  };
  pack(0, 1_000);
  const before = used();
  pack(1_000, 41_000);
  const grown = used() - before;
  // Held, 240,000 strings and their places would be some 20 MB.
  assert.ok(grown < 2e6, `${grown} bytes`);
});
