// In: the films, and the controls under "What you like, and what the list must obey". Out: tags, rules and budget.
// Everything here becomes an argument of prefer() or rank(). The ranker is not called from here: the page is called back.
import { element } from './rows.js';

/** Genres that are offered: the most frequent. */
const GENRES = 10;

/** Rules by the name of their checkbox. */
const RULES = {
  varied: { rule: 'diversity', method: 'dpp', top: 20, relevance: 0.6, name: 'varied top' },
  ceiling: { rule: 'quota', each: 'anyTag', top: 10, most: 3, name: 'at most 3 of a kind' },
  surprise: { rule: 'explore', top: 10, rate: 0, least: 2, most: 2, pool: 100, name: 'two surprises' },
};

/** Budgets by the value of their button: the package's own, none, and one block of new candidates. */
const BUDGETS = {
  time: () => ({}),
  none: () => ({ budgetMs: null }),
  tight: (model) => ({ budgetMs: null, budgetUnits: model.block_units }),
};

const label = (input) => input.closest('label').textContent.trim();

export class Controls {
  #genres;
  #rules;
  #budgets;

  /**
   * `preferred(tags)` after a genre was ticked, `ruled({ label, name, on })` after a rule was,
   * `budgeted(label)` after another budget was chosen.
   */
  constructor(section, films, { preferred, ruled, budgeted }) {
    this.#genres = section.querySelector('#genres');
    this.#rules = [...section.querySelectorAll('input[name=rule]')];
    this.#budgets = [...section.querySelectorAll('input[name=budget]')];
    for (const genre of frequent(films)) {
      const box = element('input', { type: 'checkbox', value: genre });
      this.#genres.append(element('label', { className: 'chip' }, box, ` ${genre}`));
    }
    this.#genres.addEventListener('change', () => preferred(this.tags));
    for (const input of this.#rules) {
      input.addEventListener('change', () => ruled({ label: label(input), name: RULES[input.value].name, on: input.checked }));
    }
    for (const input of this.#budgets) input.addEventListener('change', () => budgeted(label(input)));
  }

  get tags() {
    return [...this.#genres.querySelectorAll(':checked')].map(({ value }) => value);
  }

  get rules() {
    return this.#rules.filter(({ checked }) => checked).map(({ value }) => RULES[value]);
  }

  /** `time`, `none` or `tight`. */
  get budget() {
    return this.#budgets.find(({ checked }) => checked)?.value;
  }

  /** The genres go with the visitor; rules and budget are the page's. */
  forget() {
    for (const box of this.#genres.querySelectorAll(':checked')) box.checked = false;
  }

  /** Options of rank(). */
  options(model) {
    return { rules: this.rules, seed: 1, ...BUDGETS[this.budget](model) };
  }
}

function frequent(films) {
  const counts = new Map();
  for (const genre of films.flatMap(({ genres }) => genres)) counts.set(genre, (counts.get(genre) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).slice(0, GENRES).map(([genre]) => genre);
}
