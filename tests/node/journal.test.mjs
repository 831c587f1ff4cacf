// In: pkg/src/journal.js. Out: statements about what a replay does, and when a journal is full.
// That a session survives a trap and a lost worker is tested in recovery.test.mjs and worker.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal } from '../../pkg/src/journal.js';

/** A session that is the list of what was done to it. */
class Holder {
  done = [];

  restore(bytes) {
    this.done = [...bytes];
  }

  say(word) {
    if (word === 'refused') throw new TypeError(word);
    if (word === 'trap') throw new RangeError(word);
    this.done.push(word);
  }
}

const isRefused = (error) => error instanceof TypeError;
const say = (word) => (holder) => holder.say(word);

function replayed(journal) {
  const holder = new Holder();
  journal.replay(holder, isRefused);
  return holder.done;
}

test('steps are carried out in their order, as often as they are replayed', () => {
  const journal = new Journal(4);
  for (const word of ['a', 'b', 'c']) journal.add(say(word));
  assert.deepEqual(replayed(journal), ['a', 'b', 'c']);
  assert.deepEqual(replayed(journal), ['a', 'b', 'c']);
});

test('a journal is full beyond its limit; a snapshot takes the place of the steps', () => {
  const journal = new Journal(2);
  assert.deepEqual(['a', 'b', 'c'].map((word) => journal.add(say(word))), [false, false, true]);
  journal.restartFrom(['a', 'b', 'c']);
  assert.equal(journal.add(say('d')), false);
  assert.deepEqual(replayed(journal), ['a', 'b', 'c', 'd']);
});

test('a cleared journal makes an empty session', () => {
  const journal = new Journal(2);
  journal.restartFrom(['a']);
  journal.add(say('b'));
  journal.clear();
  assert.deepEqual(replayed(journal), []);
});

test('a harmless error costs its step alone', () => {
  const journal = new Journal(4);
  for (const word of ['a', 'refused', 'b']) journal.add(say(word));
  assert.deepEqual(replayed(journal), ['a', 'b']);
});

test('any other error is thrown, and its steps are not tried again', () => {
  const journal = new Journal(4);
  for (const word of ['a', 'trap', 'b']) journal.add(say(word));
  assert.throws(() => replayed(journal), RangeError);
  assert.deepEqual(replayed(journal), []);
});
