// In: the films, the model, and what the visitor does. Out: the page: the list in the visitor's order.
// Every event goes to the ranker first and is shown as done only if it was accepted.
// Must never send anything, nor wait with the list for the model: until it is there the server's order stands.
import { Ranker } from '/pkg/browser.js';
import { Activity, past } from './activity.js';
import { candidates, loadFilms } from './catalogue.js';
import { Controls } from './controls.js';
import { fillDetails, foldReasons } from './details.js';
import { ProgressiveRanking } from './progressive-ranking.js';
import { Rows, element } from './rows.js';
import { number, remarks, ruleDid, scoredOf, shortOf } from './status-text.js';

const STEP = 60;
/** Seconds below which an open film was a slip, not a look. */
const SHORTEST_DWELL = 1;

const at = (id) => document.getElementById(id);
const rows = new Rows(at('films'), { act, open: openDetails, seen });
const activity = new Activity(at('done'), { undo, changed: (last) => { at('undo').disabled = !last; } });
const progress = new ProgressiveRanking({
  rank: () => { ranking = ranker ? ranker.rank(list, controls.options(ranker.model)) : served(); },
  // Of a budget that the visitor chose too small, nothing is made up for.
  cut: () => ranking.reason === 'budget' && controls.budget === 'time',
  show: draw,
  done: () => unseen.splice(0).forEach(seen),
});

let ranker = null;
let films;
let list = [];
let ranking;
let shown = STEP;
let opened = null;
let impressions = 0;
let controls;
/** Gives what the status says of the ranking, whenever it is taken up again. */
let telling = null;
/** Films that came into view while the order was not yet what it will be. */
const unseen = [];

start().catch((error) => failed(`The demo could not start: ${error.message}`));

async function start() {
  const loading = Ranker.load(new URL('../movies/movies.onnx', import.meta.url));
  loading.catch(() => {}); // told below, when the films are there
  films = await loadFilms(new URL('../movies/films.json', import.meta.url));
  at('whole').textContent = number(films.length);
  for (const input of sizes()) input.addEventListener('change', () => setSize(sizeOf(input)));
  at('more').addEventListener('click', showMore);
  setSize(sizeOf(sizes().find(({ checked }) => checked)));
  enable('bar');
  say(`${number(list.length)} films, in the server's order. Loading the model…`);
  try {
    ranker = await loading;
  } catch (error) {
    document.documentElement.dataset.model = 'missing';
    failed(`The model could not be had, so the list stays in the server's order. ${error.message}`);
    return;
  }
  ready();
}

function ready() {
  at('forget').addEventListener('click', startOver);
  at('undo').addEventListener('click', undoLast);
  controls = new Controls(at('controls'), films, { preferred, ruled, budgeted });
  addEventListener('keydown', (event) => {
    const typing = event.target.matches?.('input[type=text], textarea') || event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === 'u' && !typing) undoLast();
  });
  addEventListener('pagehide', closeDetails);
  enable('controls');
  at('forget').disabled = false;
  rank();
  tell(() => `The model is ready: ${ranking.tier === 'full' ? `${number(ranking.total)} films, ${newVisitors()}` : scoredOf(ranking, progress.pending)}.`);
  document.documentElement.dataset.ready = 'true';
}

function sizes() {
  return [...document.querySelectorAll('input[name=size]')];
}

function sizeOf({ value }) {
  return value === 'all' ? films.length : Number(value);
}

function enable(id) {
  for (const set of at(id).querySelectorAll('fieldset')) set.disabled = false;
}

function setSize(size) {
  closeDetails(); // of a film that the next list may not have
  list = candidates(films, size);
  shown = STEP;
  rows.clear();
  const repeats = Math.max(0, size - films.length);
  at('note').hidden = repeats === 0;
  at('note').textContent = `The catalogue has ${films.length} films: ${repeats} of these ${number(size)} candidates are repeats, with ids of their own.`;
  rank();
  tell(() => `${number(size)} candidates, ${ranker ? scoredOf(ranking, progress.pending) : "in the server's order: there is no model"}.`);
}

function showMore() {
  shown += STEP;
  draw();
  // The button goes with the last films, and the focus with it.
  if (at('more').hidden) rows.focusNear(null, shown - STEP);
}

function served() {
  return { items: list, tier: 'passthrough', reason: null, rules: [], more: null };
}

function rank() {
  telling = null;
  foldReasons(at('details'));
  progress.start();
}

function draw() {
  remark();
  rows.show(ranking.items, shown, activity.verdicts);
  at('more').hidden = shown >= ranking.items.length;
  at('more').textContent = `Show more (${Math.min(shown, ranking.items.length)} of ${number(ranking.items.length)} shown)`;
  if (telling) at('status').textContent = telling();
  if (!ranker) return;
  const { ms, tier, reason, scored, total } = ranking;
  at('timing').replaceChildren(`${ms.total.toFixed(1)} ms · ${tier}`, element('span', { className: 'reason' }, reason ? ` (${reason})` : ''), ` · ${number(scored)} of ${number(total)} scored`);
  at('timing').dataset.tier = tier;
}

/** Lines above the list come and go; it stays where it is, unless what was pressed is above it too. */
function remark() {
  const top = () => at('films').getBoundingClientRect().top;
  const before = top();
  at('remarks').replaceChildren(...remarks(ranking, progress.pending).map((text) => element('li', {}, text)));
  if (!document.activeElement?.closest('#bar, #controls')) scrollBy(0, top() - before);
}

/** Ranks again; gives a function that tells how many films stand elsewhere than before. */
function reranked() {
  const before = ranking.items;
  rank();
  return () => ranking.items.filter((item, i) => before[i] !== item).length;
}

/** Tells the ranker; true if the event was new and is now part of the session. */
function observe(type, candidate, value, id) {
  if (!ranker) {
    say('Without the model nothing counts: the list stays in the server\'s order.');
    return false;
  }
  try {
    return ranker.observe({ type, item: candidate, value, id });
  } catch (error) {
    say(`The ranker refused that: ${error.message}`);
    return false;
  }
}

/** A verdict; one that stands already is taken back by it. */
function act(type, candidate) {
  const standing = activity.verdicts.get(candidate.id);
  if (standing?.type === type) {
    undo(standing);
    return;
  }
  const id = activity.next(type);
  if (!observe(type, candidate, undefined, id)) return;
  activity.add(id, type, candidate);
  tellMoved(`${past(type)} ${candidate.title}`, candidate);
}

function tellMoved(what, candidate) {
  const moved = reranked();
  tell(() => `${what}. It is now number ${ranking.items.indexOf(candidate) + 1}; ${number(moved())} films moved.${shortOf(ranking, progress.pending)}`);
}

function undoLast() {
  if (activity.last) undo(activity.last);
}

function undo(entry) {
  try {
    ranker.undo(entry.id);
  } catch (error) {
    say(`The ranker refused that: ${error.message}`);
    return;
  }
  activity.remove(entry);
  const moved = reranked();
  tell(() => `Taken back: ${entry.text}. ${number(moved())} films moved, as if it had never happened.${shortOf(ranking, progress.pending)}`);
}

function preferred(tags) {
  ranker.prefer(tags);
  const moved = reranked();
  const what = tags.length === 0 ? 'No genre is preferred' : `You like ${tags.join(', ')}`;
  tell(() => `${what}; ${number(moved())} films moved.${shortOf(ranking, progress.pending)}`);
}

function ruled({ label, name, on }) {
  rank();
  tell(() => {
    const report = ranking.rules.find((rule) => rule.name === name);
    return `${label}: ${on ? report ? ruleDid(report) : 'on.' : 'off.'}${shortOf(ranking, progress.pending)}`;
  });
}

function budgeted(label) {
  rank();
  tell(() => `Budget: ${label}; ${scoredOf(ranking, progress.pending)}.`);
}

function seen(candidate) {
  // Later: an order that is still to come must not be bent by having been waited for.
  if (!ranker || progress.pending) {
    unseen.push(candidate);
    return;
  }
  // The id makes it count once, although a row that left the list comes back as a new one.
  if (!observe('impression', candidate, undefined, `impression ${candidate.id}`)) return;
  impressions += 1;
  counted();
  // The order under the visitor's eyes stays until the next action: seeing must not move things.
}

function openDetails(candidate) {
  const place = ranking.items.indexOf(candidate);
  closeDetails();
  const id = activity.next('click');
  if (!observe('click', candidate, undefined, id)) return;
  opened = { candidate, place, since: performance.now() };
  activity.add(id, 'click', candidate);
  tellMoved(`${past('click')} ${candidate.title}`, candidate);
  fillDetails(at('details'), candidate, { why: () => ranker.explain(candidate.id), close: closeAndReturn });
}

function closeAndReturn() {
  const { candidate, place } = opened;
  const entry = closeDetails();
  if (entry) tellMoved(entry.text, candidate);
  else say(`Closed ${candidate.title}.`);
  rows.focusNear(candidate.id, place);
}

/** Gives its entry, if it was open long enough to be one; the caller ranks again. */
function closeDetails() {
  if (!opened) return null;
  const { candidate, since } = opened;
  opened = null;
  at('details').hidden = true;
  const seconds = (performance.now() - since) / 1000;
  const id = activity.next('dwell');
  if (seconds < SHORTEST_DWELL || !observe('dwell', candidate, seconds, id)) return null;
  return activity.add(id, 'dwell', candidate, `${Math.round(seconds)} s`);
}

function startOver() {
  opened = null;
  at('details').hidden = true;
  ranker.forget();
  impressions = unseen.length = 0;
  activity.clear();
  controls.forget();
  counted();
  rank();
  tell(() => `Forgotten. The list is ${newVisitors()}.${shortOf(ranking, progress.pending)}`);
}

/** Whose order it is that nothing the visitor did has bent; rules and a small budget are the page's, and stay. */
function newVisitors() {
  const on = [controls.rules.length > 0 && 'rules', controls.budget === 'tight' && 'budget'].filter(Boolean);
  return `in a new visitor's order${on.length > 0 ? `, with the ${on.join(' and ')} still on` : ''}`;
}

function counted() {
  at('seen').textContent = impressions === 0 ? 'No film seen yet.' : `Seen ${impressions} ${impressions === 1 ? 'film' : 'films'} go by.`;
}

function say(text) {
  telling = null;
  at('status').textContent = text;
}

function tell(text) {
  say(text());
  telling = text;
}

function failed(text) {
  say(text);
  at('status').classList.add('failed');
}
