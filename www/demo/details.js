// In: a film, and a way to ask why it is where it is. Out: its pane: facts, and the reasons when asked for.
// Reasons are worked out by ranking again without each event, so only when somebody wants to know.
// Must never put markup in: titles and reasons are text.
import { element } from './rows.js';

/** Reasons shown: those that moved it most. */
const REASONS = 5;

/** `why()` gives an explanation of the package; `close()` is told. */
export function fillDetails(pane, candidate, { why, close }) {
  const { film } = candidate;
  const reasons = element('ul', { className: 'reasons', hidden: true });
  const ask = element('button', { type: 'button', className: 'why' }, 'Why is it here?');
  ask.setAttribute('aria-expanded', 'false');
  ask.addEventListener('click', () => {
    reasons.replaceChildren(...answer(why).map((text) => element('li', {}, text)));
    reasons.hidden = false;
    ask.setAttribute('aria-expanded', 'true');
  });
  const shut = element('button', { type: 'button' }, 'Close');
  shut.addEventListener('click', close);
  pane.onkeydown = (event) => { if (event.key === 'Escape') close(); };
  pane.replaceChildren(
    element('h2', {}, `${film.title} ${film.year ? `(${film.year})` : ''}`),
    element('p', {}, `Genres: ${film.genres.join(', ') || 'none'}`),
    element('p', {}, `Themes: ${film.themes.join(', ') || 'none'}`),
    element('p', { className: 'seen' }, 'The time that this stays open counts as interest.'),
    element('p', { className: 'acts' }, ask, shut),
    reasons,
  );
  pane.hidden = false;
  pane.focus({ preventScroll: true });
}

/** Hides reasons that were given for an order which is no more. */
export function foldReasons(pane) {
  pane.querySelector('.reasons')?.setAttribute('hidden', '');
  pane.querySelector('.why')?.setAttribute('aria-expanded', 'false');
}

function answer(why) {
  try {
    return told(why());
  } catch (error) {
    return [`That cannot be said now: ${error.message}`];
  }
}

/** An explanation as sentences, the strongest first. */
function told({ place, contributions }) {
  const here = place === null ? 'A rule took it out of the list.' : `It is number ${place}.`;
  const moved = contributions.filter((one) => one.moved !== 0 || /Taken|Listed/.test(one.sentence));
  const rest = moved.length === 0 ? ['Nothing that you did moved it: the model knows it by its title, its tags and its score.'] : [];
  return [here, ...moved.slice(0, REASONS).map(({ sentence }) => `${sentence}.`), ...rest];
}
