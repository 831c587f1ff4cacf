// In: what the visitor did, as it was accepted. Out: the list of deeds, newest first, each to be taken back.
// Only what was done on purpose is listed: films that were merely seen are counted elsewhere.
// Must never take anything back by itself: it calls back.
import { element } from './rows.js';

const SHOWN = 50;
const PAST = { like: 'Liked', dislike: 'Disliked', skip: 'Skipped', click: 'Opened', dwell: 'Looked at' };
const VERDICTS = ['like', 'dislike', 'skip'];

export class Deeds {
  #list;
  #undo;
  #deeds = []; // oldest first
  #count = 0;

  /** `undo(deed)` when one is to be taken back. */
  constructor(list, { undo }) {
    this.#list = list;
    this.#undo = undo;
  }

  /** An id for the next event: what it is taken back by. */
  next(type) {
    this.#count += 1;
    return `${type} ${this.#count}`;
  }

  add(id, type, candidate, more = '') {
    const text = `${PAST[type]} ${candidate.title}${more && `, ${more}`}`;
    const deed = { id, type, candidate, text };
    const button = element('button', { type: 'button', className: 'undo' }, 'Undo');
    button.setAttribute('aria-label', `Undo: ${text}`);
    button.addEventListener('click', () => this.#undo(deed));
    deed.row = element('li', { className: type }, element('span', {}, text), button);
    this.#deeds.push(deed);
    this.#list.prepend(deed.row);
    while (this.#list.children.length > SHOWN) this.#list.lastElementChild.remove();
  }

  get last() {
    return this.#deeds.at(-1);
  }

  remove(deed) {
    const next = (deed.row.nextElementSibling ?? deed.row.previousElementSibling)?.querySelector('button');
    const focused = deed.row.contains(document.activeElement);
    this.#deeds = this.#deeds.filter((one) => one !== deed);
    deed.row.remove();
    if (focused) (next ?? document.getElementById('films')).focus();
  }

  clear() {
    this.#deeds = [];
    this.#list.replaceChildren();
  }

  /** The last like, dislike or skip by candidate id. */
  get verdicts() {
    return new Map(this.#deeds.filter(({ type }) => VERDICTS.includes(type)).map(({ candidate, type }) => [candidate.id, type]));
  }
}

export function past(type) {
  return PAST[type];
}
