// In: the demo's films and model. Out: candidate lists, the model's bytes, and what every ranking must satisfy.
// The lists are the demo's own: what the tests rank is what a visitor sees.
// Must never change a film.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { candidates } from '../../www/demo/catalogue.js';
import { needed } from './package.mjs';

export const MODEL_FILE = needed('www/movies/movies.onnx', 'train it with `./build.sh train`.');
export const FILMS_FILE = needed('www/movies/films.json', 'it is part of the repository.');

export const films = JSON.parse(readFileSync(FILMS_FILE, 'utf8'));

/** `size` real candidates, without the demo's own properties. */
export function filmList(size) {
  return candidates(films, size).map(({ film, copy, ...candidate }) => candidate);
}

export function modelBytes() {
  return new Uint8Array(readFileSync(MODEL_FILE));
}

/** Asserts that `ranking` holds exactly `list`, each object once, in the order it says. */
export function assertRanks(ranking, list, tier) {
  assert.equal(ranking.total, list.length);
  assert.equal(ranking.items.length, list.length);
  assert.equal(ranking.scores.length, list.length);
  assert.deepEqual([...ranking.order].sort((a, b) => a - b), [...list.keys()], 'the order is a permutation');
  ranking.items.forEach((item, i) => assert.ok(Object.is(item, list[ranking.order[i]]), 'the items are the caller\'s own'));
  if (tier) assert.equal(ranking.tier, tier, `reason: ${ranking.reason}, ${JSON.stringify(ranking.warnings)}`);
}

/** Two genres, and films of each, that events can tell apart. */
export function ofGenre(list, genre) {
  return list.filter((item) => item.tags.includes(genre));
}
