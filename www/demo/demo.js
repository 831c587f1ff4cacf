// In: the films, the model, and what the visitor does. Out: the page: the list in the visitor's order.
// Every event goes to the ranker first and is shown as done only if it was accepted.
// Must never send anything: the page asks its own origin for files, and for nothing else.
import { Ranker, RankletError } from '/pkg/browser.js';
import { candidates, loadFilms } from './catalogue.js';
import { Deeds, past } from './deeds.js';
import { fillDetails } from './details.js';
import { Rows, element } from './rows.js';
import { Wishes, remarks } from './wishes.js';

const STEP = 60;
/** Seconds below which an open film was a slip, not a look. */
const SHORTEST_DWELL = 1;

const at = (id) => document.getElementById(id);
const rows = new Rows(at('films'), { act, open: openDetails, seen });
const deeds = new Deeds(at('done'), { undo });

let ranker;
let films;
let list = [];
let ranking;
let shown = STEP;
let opened = null;
let impressions = 0;
let wishes;

start().catch((error) => {
  say(error instanceof RankletError ? error.message : `The demo could not start: ${error.message}`);
  at('status').classList.add('failed');
});

async function start() {
  [ranker, films] = await Promise.all([
    Ranker.load(new URL('../movies/movies.onnx', import.meta.url)),
    loadFilms(new URL('../movies/films.json', import.meta.url)),
  ]);
  for (const input of document.querySelectorAll('input[name=size]')) {
    input.addEventListener('change', () => setSize(Number(input.value)));
  }
  at('forget').addEventListener('click', startOver);
  at('more').addEventListener('click', () => {
    shown += STEP;
    draw();
  });
  wishes = new Wishes(at('wishes'), films, { preferred, changed });
  addEventListener('keydown', (event) => {
    const typing = event.target.matches?.('input[type=text], textarea') || event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === 'u' && !typing && deeds.last) undo(deeds.last);
  });
  addEventListener('pagehide', closeDetails);
  setSize(Number(document.querySelector('input[name=size]:checked').value));
  say(`The model is ready: ${list.length} films, in a new visitor's order.`);
  document.documentElement.dataset.ready = 'true';
}

function setSize(size) {
  list = candidates(films, size);
  shown = STEP;
  rows.clear();
  const repeats = Math.max(0, size - films.length);
  at('note').hidden = repeats === 0;
  at('note').textContent = `The catalogue has ${films.length} films: ${repeats} of these ${size.toLocaleString('en')} candidates are repeats, with ids of their own.`;
  rank();
}

function rank() {
  ranking = ranker.rank(list, wishes.options(ranker.model));
  draw();
}

function draw() {
  rows.show(ranking.items, shown, deeds.verdicts);
  at('more').hidden = shown >= ranking.items.length;
  at('more').textContent = `Show more (${Math.min(shown, ranking.items.length)} of ${ranking.items.length.toLocaleString('en')} shown)`;
  const { ms, tier, reason, scored, total } = ranking;
  at('timing').textContent = `${ms.total.toFixed(1)} ms · ${tier}${reason ? ` (${reason})` : ''} · ${scored.toLocaleString('en')} of ${total.toLocaleString('en')} scored`;
  at('timing').dataset.tier = tier;
  at('remarks').replaceChildren(...remarks(ranking).map((text) => element('li', {}, text)));
}

/** Ranks again; gives how many films moved. */
function reranked() {
  const before = ranking.items.map((item) => item.id);
  rank();
  return ranking.items.filter((item, i) => before[i] !== item.id).length;
}

/** Tells the ranker; true if the event was new and is now part of the session. */
function observe(type, candidate, value, id) {
  try {
    return ranker.observe({ type, item: candidate, value, id });
  } catch (error) {
    say(`The ranker refused that: ${error.message}`);
    return false;
  }
}

function act(type, candidate) {
  const id = deeds.next(type);
  if (!observe(type, candidate, undefined, id)) return;
  deeds.add(id, type, candidate);
  const moved = reranked();
  const place = ranking.items.indexOf(candidate) + 1;
  say(`${past(type)} ${candidate.title}. It is now number ${place}; ${moved} films moved, in ${ranking.ms.total.toFixed(1)} milliseconds.`);
}

function undo(deed) {
  try {
    ranker.undo(deed.id);
  } catch (error) {
    say(`The ranker refused that: ${error.message}`);
    return;
  }
  deeds.remove(deed);
  const moved = reranked();
  say(`Taken back: ${deed.text}. ${moved} films moved, as if it had never happened.`);
}

function preferred(tags) {
  ranker.prefer(tags);
  const moved = reranked();
  say(tags.length === 0 ? `No genre is preferred; ${moved} films moved.` : `You like ${tags.join(', ')}; ${moved} films moved.`);
}

function changed() {
  const moved = reranked();
  say(`Ranked by other rules: ${moved} films moved.`);
}

function seen(candidate) {
  // The id makes it count once, although a row that left the list comes back as a new one.
  if (!observe('impression', candidate, undefined, `impression ${candidate.id}`)) return;
  impressions += 1;
  counted();
  // The order under the visitor's eyes stays until the next action: seeing must not move things.
}

function openDetails(candidate) {
  closeDetails();
  const id = deeds.next('click');
  if (!observe('click', candidate, undefined, id)) return;
  opened = { candidate, since: performance.now() };
  deeds.add(id, 'click', candidate);
  rank();
  fillDetails(at('details'), candidate, { why: () => ranker.explain(candidate.id), close: closeAndReturn });
  say(`Opened ${candidate.title}.`);
}

function closeAndReturn() {
  const id = opened?.candidate.id;
  closeDetails();
  const row = [...at('films').children].find((one) => one.dataset.id === id);
  (row?.querySelector('.open') ?? at('films')).focus();
}

function closeDetails() {
  if (!opened) return;
  const { candidate, since } = opened;
  opened = null;
  at('details').hidden = true;
  const seconds = (performance.now() - since) / 1000;
  const id = deeds.next('dwell');
  if (seconds < SHORTEST_DWELL || !observe('dwell', candidate, seconds, id)) return;
  deeds.add(id, 'dwell', candidate, `${Math.round(seconds)} s`);
  rank();
}

function startOver() {
  opened = null;
  at('details').hidden = true;
  ranker.forget();
  impressions = 0;
  deeds.clear();
  wishes.forget();
  counted();
  rank();
  say("Forgotten. The list is in a new visitor's order again.");
}

function counted() {
  at('seen').textContent = impressions === 0 ? 'No film seen yet.' : `Seen ${impressions} ${impressions === 1 ? 'film' : 'films'} go by.`;
}

function say(text) {
  at('status').textContent = text;
}
