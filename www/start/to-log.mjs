// In: recipes.json and events.json, which stand for your own JSON. Out: log.jsonl to train on, public/candidates.json to rank.
// The one file to change for data of your own: it says what of them is an item, and what an event.
// Must never give an item a field that only its later events tell: a model would learn from the future.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const [recipes, events] = [read('recipes.json'), read('events.json')];

// One line an item, one an event; times are milliseconds since 1970.
const field = (name, value) => ({ name, value });
const lines = [
  ...recipes.map(({ id, name, cuisine, ingredients }) => ({ event: 'item', item: id, fields: [field('title', name), field('genres', [cuisine]), field('tags', ingredients)] })),
  ...events.map(({ user, recipe, type, at }, i) => ({ event: 'interaction', id: `event-${i}`, type, item: recipe, user, timestamp: String(at) })),
];
writeFileSync('log.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

// The server's score, as training counts it: mean stars, drawn to those of all, and a little for being known.
const STARS = { save: 5, click: 3.5, hide: 1 };
const stars = new Map(recipes.map(({ id }) => [id, []]));
for (const { recipe, type } of events) stars.get(recipe).push(STARS[type]);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const mean = sum([...stars.values()].flat()) / events.length;
const items = recipes.slice(0, 200).map(({ id, name, cuisine, ingredients }) => {
  const own = stars.get(id);
  return {
    id, title: name, tags: [cuisine, ...ingredients],
    score: (sum(own) + 10 * mean) / (own.length + 10) + 0.05 * Math.log1p(own.length),
    fields: { popularity: own.length },
  };
});
mkdirSync('public', { recursive: true });
writeFileSync('public/candidates.json', JSON.stringify({ items }));
console.log(`log.jsonl: ${lines.length} lines; public/candidates.json: ${items.length} candidates`);
