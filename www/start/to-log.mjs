// In: recipes.json and ratings.json, which stand for your own JSON. Out: log.jsonl to train on, public/candidates.json to rank.
// The one file to change for data of your own: it says what of them is an item, and what an event.
// Must never write a field that only some later event knows: a model would learn from the future.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const [recipes, ratings] = [read('recipes.json'), read('ratings.json')];
const tags = ({ cuisine, ingredients }) => [cuisine, ...ingredients];

// One line an item, one an event; ids are strings of digits, times milliseconds since 1970, ratings 0.5 to 5.
const field = (name, value) => ({ name, value });
const lines = [
  ...recipes.map((recipe) => ({ event: 'item', item: String(recipe.id), fields: [field('title', recipe.name), field('genres', tags(recipe))] })),
  ...ratings.map(({ user, recipe, stars, at }, i) => ({
    event: 'interaction', id: `rating-${i}`, type: 'rating', item: String(recipe), user: String(user), timestamp: String(at), fields: [field('rating', stars)],
  })),
];
writeFileSync('log.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

// The server's score, as training counts it: a mean of stars drawn to that of all, and a little for being known.
const mean = ratings.reduce((sum, { stars }) => sum + stars, 0) / ratings.length;
const score = (id) => {
  const own = ratings.filter(({ recipe }) => recipe === id);
  return (own.reduce((sum, { stars }) => sum + stars, 0) + 10 * mean) / (own.length + 10) + 0.05 * Math.log1p(own.length);
};
const items = recipes.slice(0, 200).map((recipe) => ({
  id: String(recipe.id), title: recipe.name, tags: tags(recipe), score: score(recipe.id),
  fields: { popularity: ratings.filter(({ recipe: id }) => id === recipe.id).length },
}));
mkdirSync('public', { recursive: true });
writeFileSync('public/candidates.json', JSON.stringify({ items }));
console.log(`log.jsonl: ${lines.length} lines; public/candidates.json: ${items.length} candidates`);
