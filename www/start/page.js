// In: the candidates and the model beside the page. Out: the server's list at once; with the model in the order for this visitor, again after each like.
// What is liked stays on this device, and is forgotten with the page.
// Must never wait with the list for the model, nor go without it where there is no model.
import { Ranker } from 'ranklet';

/** How often a ranking that its deadline cut short is taken up again: a page's first ones run code that is not compiled yet. */
const TRIES = 5;
const list = document.querySelector('#list');
const state = document.querySelector('#state');
const loading = Ranker.load('list.onnx');
loading.catch(() => {}); // said below, when there is a list
let ranker = null;
let later;

function show(items) {
  // The place that a keyboard is at stays, whatever stands there now.
  const at = [...list.children].findIndex((line) => line.contains(document.activeElement));
  list.replaceChildren(...items.slice(0, 20).map((item) => {
    const line = document.createElement('li');
    line.append(`${item.title} `);
    line.dataset.id = item.id;
    if (!ranker) return line;
    const like = document.createElement('button');
    like.textContent = 'Like';
    like.onclick = () => {
      ranker.observe({ type: 'like', item });
      rank();
    };
    line.append(like);
    return line;
  }));
  list.children[at]?.querySelector('button')?.focus({ preventScroll: true });
}

/** Ranks `items`, or the last ones again. */
function rank(items, tries = TRIES) {
  clearTimeout(later);
  const { items: ordered, tier, reason, scored, total, ms } = ranker.rank(items);
  show(ordered);
  state.textContent = `${tier}: ${scored} of ${total} scored in ${ms.total.toFixed(1)} ms`;
  if (reason === 'budget' && tries > 0) later = setTimeout(() => rank(undefined, tries - 1), 50); // when this is drawn
}

try {
  const { items } = await (await fetch('candidates.json')).json();
  show(items);
  state.textContent = "The server's order. Loading the model …";
  try {
    ranker = await loading;
    rank(items);
  } catch (error) {
    state.textContent = `The server's order: there is no model. ${error.message}`;
  }
} catch (error) {
  state.textContent = `The list could not be had. ${error.message}`;
}
