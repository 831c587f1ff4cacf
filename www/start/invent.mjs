// In: nothing. Out: recipes.json and events.json, invented: what your own database might export.
// Every eater likes two or three cuisines and few others, so that there is something to learn.
// Must never draw from anything but its own seed: every run writes the same.
import { writeFileSync } from 'node:fs';

const CUISINES = {
  Italian: ['pasta', 'basil', 'tomato', 'parmesan'], Indian: ['curry', 'lentils', 'cumin', 'rice'], Mexican: ['beans', 'corn', 'lime', 'chili'],
  Japanese: ['miso', 'noodles', 'soy', 'seaweed'], French: ['butter', 'cream', 'wine', 'shallots'], Thai: ['coconut', 'lemongrass', 'peanut', 'basil'],
  Greek: ['olives', 'feta', 'oregano', 'lemon'], Turkish: ['eggplant', 'yogurt', 'mint', 'bulgur'],
};
const DISHES = ['soup', 'stew', 'salad', 'bake', 'pie', 'pan', 'bowl', 'skewers'];
const [RECIPES, EATERS, MEALS] = [400, 100, 55];

let state = 1;
/** A whole number below `n`. */
function draw(n) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

const names = Object.keys(CUISINES);
const recipes = Array.from({ length: RECIPES }, (_, i) => {
  const cuisine = names[draw(names.length)];
  const ingredients = [draw(4), draw(4)].map((at) => CUISINES[cuisine][at]);
  return { id: `recipe-${i + 1}`, name: `${cuisine} ${ingredients[0]} ${DISHES[draw(DISHES.length)]}`, cuisine, ingredients: [...new Set(ingredients)] };
});
const events = [];
for (let eater = 1; eater <= EATERS; eater += 1) {
  const liked = new Set([draw(names.length), draw(names.length), draw(names.length)].map((at) => names[at]));
  const seen = new Set();
  for (let meal = 0; seen.size < MEALS; meal += 1) {
    const recipe = recipes[draw(RECIPES)];
    if (seen.has(recipe.id) || (!liked.has(recipe.cuisine) && draw(3) > 0)) continue;
    seen.add(recipe.id);
    const type = liked.has(recipe.cuisine) ? ['save', 'save', 'click'][draw(3)] : ['click', 'hide'][draw(2)];
    events.push({ user: `eater-${eater}`, recipe: recipe.id, type, at: 1_700_000_000_000 + eater * 86_400_000 + meal * 3_600_000 });
  }
}
writeFileSync('recipes.json', JSON.stringify(recipes));
writeFileSync('events.json', JSON.stringify(events));
console.log(`recipes.json: ${recipes.length} recipes; events.json: ${events.length} events`);
