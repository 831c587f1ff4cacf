// In: what the visitor did, as the ranker accepted it. Out: the list of it, newest first, each with a button to undo it.
// Only deliberate actions are listed: films that were merely seen are counted elsewhere.
// It changes nothing itself: the page is called back.
import { element } from './rows.js';

const SHOWN = 50;
const PAST = { like: 'Liked', dislike: 'Disliked', skip: 'Skipped', click: 'Opened', dwell: 'Looked at' };
const VERDICTS = ['like', 'dislike', 'skip'];

export class Activity {
  #list;
  #undo;
  #changed;
  #entries = []; // oldest first
  #count = 0;

  /** `undo(entry)` is called when one is to be undone, `changed(last)` when the newest entry is another. */
  constructor(list, { undo, changed }) {
    this.#list = list;
    this.#undo = undo;
    this.#changed = changed;
  }

  /** An id for the next event, by which it can be undone. */
  next(type) {
    this.#count += 1;
    return `${type} ${this.#count}`;
  }

  add(id, type, candidate, more = '') {
    const text = `${PAST[type]} ${candidate.title}${more && `, ${more}`}`;
    const entry = { id, type, candidate, text };
    const button = element('button', { type: 'button', className: 'undo' }, 'Undo');
    button.setAttribute('aria-label', `Undo: ${text}`);
    button.addEventListener('click', () => this.#undo(entry));
    entry.row = element('li', { className: type }, element('span', {}, text), button);
    this.#entries.push(entry);
    this.#list.prepend(entry.row);
    while (this.#list.children.length > SHOWN) this.#list.lastElementChild.remove();
    this.#changed(this.last);
    return entry;
  }

  get last() {
    return this.#entries.at(-1);
  }

  remove(entry) {
    const next = (entry.row.nextElementSibling ?? entry.row.previousElementSibling)?.querySelector('button');
    const focused = entry.row.contains(document.activeElement);
    this.#entries = this.#entries.filter((one) => one !== entry);
    entry.row.remove();
    // The panel is where the visitor looks: the list may be screens away.
    if (focused) (next ?? this.#list.parentElement).focus({ preventScroll: true });
    this.#changed(this.last);
  }

  clear() {
    this.#entries = [];
    this.#list.replaceChildren();
    this.#changed(undefined);
  }

  /** The last like, dislike or skip by candidate id: the one that stands. */
  get verdicts() {
    return new Map(this.#entries.filter(({ type }) => VERDICTS.includes(type)).map((entry) => [entry.candidate.id, entry]));
  }
}

export function past(type) {
  return PAST[type];
}
