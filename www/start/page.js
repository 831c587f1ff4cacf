// In: the model and the candidates beside the page. Out: the list in the order for this visitor, again after each like.
// What is liked stays on this device, and is forgotten with the page.
// Must never show less than the server sent: rank() always answers.
import { Ranker } from 'ranklet';

const list = document.querySelector('#list');
const state = document.querySelector('#state');
const [ranker, { items }] = await Promise.all([
  Ranker.load('list.onnx'),
  fetch('candidates.json').then((answer) => answer.json()),
]);

function show({ items: ordered, tier, scored, ms }) {
  list.replaceChildren(...ordered.slice(0, 20).map((item) => {
    const line = document.createElement('li');
    const like = document.createElement('button');
    like.textContent = 'Like';
    like.onclick = () => {
      ranker.observe({ type: 'like', item });
      show(ranker.rank());
    };
    line.append(`${item.title} `, like);
    line.dataset.id = item.id;
    return line;
  }));
  state.textContent = `${tier}: ${scored} scored in ${ms.total.toFixed(1)} ms`;
}

show(ranker.rank(items));
