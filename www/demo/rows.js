// In: candidates in order. Out: rows on the page, moved from where they were to where they are.
// Only the top of the list is rendered: a thousand animated rows would not stay smooth. The focus keeps its place, not its film.
// Must never rank, nor tell the ranker anything: it calls back.

const MOVE_MS = 350;
const ACTIONS = [
  ['like', 'Like', 'l'],
  ['dislike', 'Dislike', 'd'],
  ['skip', 'Skip', 's'],
];

export class Rows {
  #list;
  #make;
  #rows = new Map();
  #place = new Map();
  #onSeen;
  #observer;
  #calm = matchMedia('(prefers-reduced-motion: reduce)');

  /** `act(type, candidate)` for buttons and keys, `open(candidate)`, `seen(candidate)` once it is in view. */
  constructor(list, { act, open, seen }) {
    this.#list = list;
    this.#onSeen = seen;
    this.#make = (candidate) => makeRow(candidate, act, open);
    this.#observer = new IntersectionObserver((entries) => this.#see(entries), { threshold: 0.6 });
    list.addEventListener('keydown', (event) => this.#key(event, act));
  }

  /** Shows the first `count`. `done` maps ids to the verdicts on them. */
  show(items, count, done) {
    const before = this.#tops();
    const focused = [...this.#list.children].indexOf(document.activeElement?.closest?.('li'));
    const part = document.activeElement?.dataset?.part;
    const shown = items.slice(0, count);
    const wanted = new Set(shown.map((item) => item.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      this.#observer.unobserve(row);
      this.#rows.delete(id);
    }
    const rows = shown.map((item) => this.#row(item));
    this.#list.replaceChildren(...rows);
    shown.forEach((item, i) => this.#dress(rows[i], item, i + 1, done.get(item.id)?.type));
    this.#place = new Map(items.map((item, i) => [item.id, i + 1]));
    // At the same place, whatever film stands there now: where one goes the eyes cannot follow.
    if (focused >= 0) focus(this.#list.children[Math.min(focused, rows.length - 1)], part);
    this.#animate(before);
  }

  /** Focuses a film where it is in view, else what stands at `place`, else the first in view: nothing scrolls. */
  focusNear(id, place) {
    const rows = [...this.#list.children];
    const top = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    const inView = (row) => {
      const box = row?.getBoundingClientRect();
      return box && box.top >= top && box.bottom <= innerHeight;
    };
    focus([this.#rows.get(id), rows[place]].find(inView) ?? rows.find(inView) ?? rows[0]);
  }

  clear() {
    this.#observer.disconnect();
    this.#rows.clear();
    this.#place.clear();
    this.#list.replaceChildren();
  }

  #row(item) {
    let row = this.#rows.get(item.id);
    if (!row) {
      row = this.#make(item);
      row.candidate = item;
      this.#rows.set(item.id, row);
      this.#observer.observe(row);
    }
    return row;
  }

  #dress(row, item, place, action) {
    row.querySelector('.place').textContent = place;
    const was = this.#place.get(item.id);
    const move = row.querySelector('.move');
    const up = was === undefined ? 0 : was - place;
    move.textContent = up === 0 ? '' : up > 0 ? `▲ ${up}` : `▼ ${-up}`;
    move.className = `move ${up > 0 ? 'up' : 'down'}`;
    if (action) row.dataset.action = action;
    else delete row.dataset.action;
    for (const button of row.querySelectorAll('[data-act]')) {
      button.setAttribute('aria-pressed', String(button.dataset.act === action));
    }
  }

  #tops() {
    const tops = new Map();
    for (const [id, row] of this.#rows) tops.set(id, row.getBoundingClientRect().top);
    return tops;
  }

  /** FLIP: the rows are where they belong already; each starts from where it was. */
  #animate(before) {
    if (this.#calm.matches) return;
    const [low, high] = [-innerHeight, 2 * innerHeight];
    const moves = [];
    for (const [id, row] of this.#rows) {
      const top = row.getBoundingClientRect().top;
      const from = before.get(id);
      if (from === undefined || from === top) continue;
      if ((top < low && from < low) || (top > high && from > high)) continue; // nobody sees it
      moves.push([row, from - top]);
    }
    for (const [row, by] of moves) {
      row.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], { duration: MOVE_MS, easing: 'ease-out' });
    }
  }

  #see(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.#observer.unobserve(target);
      this.#onSeen(target.candidate);
    }
  }

  #key(event, act) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest('li');
    if (!row) return;
    const action = ACTIONS.find(([, , key]) => key === event.key.toLowerCase());
    if (action) {
      event.preventDefault();
      if (!event.repeat) act(action[0], row.candidate); // a key held down is one verdict
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
      focus(next);
    }
  }
}

/** The part of a row, or its title, in view. */
function focus(row, part) {
  const target = row?.querySelector(`[data-part="${part}"]`) ?? row?.querySelector('.open');
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: 'nearest' });
}

function makeRow(candidate, act, open) {
  const { film, copy } = candidate;
  const row = element('li', { className: 'film' });
  row.dataset.id = candidate.id;
  const title = copy === 1 ? film.title : `${film.title} (repeat ${copy})`;
  const opener = element('button', { type: 'button', className: 'open' },
    element('span', { className: 'title' }, title), ' ', element('span', { className: 'year' }, String(film.year ?? '')));
  opener.dataset.part = 'open';
  opener.addEventListener('click', () => open(candidate));
  const about = element('div', { className: 'about' }, opener,
    element('span', { className: 'tags' }, candidate.tags.slice(0, 5).join(' · ')));
  if (film.score === null || film.score === undefined) {
    about.append(element('span', { className: 'new' }, 'new: placed by title and themes'));
  }
  const buttons = ACTIONS.map(([type, label, key]) => {
    const button = element('button', { type: 'button' }, label);
    button.dataset.act = button.dataset.part = type;
    button.setAttribute('aria-label', `${label} ${title}`);
    button.setAttribute('aria-keyshortcuts', key);
    button.addEventListener('click', () => act(type, candidate));
    return button;
  });
  row.append(
    element('span', { className: 'rank' }, element('span', { className: 'place' }), element('span', { className: 'move', ariaHidden: 'true' })),
    about,
    element('span', { className: 'acts', role: 'group' }, ...buttons),
  );
  return row;
}

/** An element with properties and children; text stays text. */
export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
