// In: a caller's rules, whatever they are. Out: their JSON, of plain data that was read once.
// wasm says what the rules mean and whether they make sense; here they are only copied.
// It must never throw, nor follow a caller's object without end.
import { RULES } from './limits.js';

/** Objects, entries and values of all rules together: room for long lists of ids. */
const MOST_PARTS = 50_000;
/** Levels that are followed; wasm's own limit is lower. */
const MOST_LEVELS = 24;

/** The rules as JSON: `'[]'` for none. A rule that cannot be read is `null` there, and refused by wasm. */
export function readRules(rules, warnings) {
  if (rules == null) return '[]';
  const left = { parts: MOST_PARTS };
  try {
    // One more than wasm takes, so that it says so.
    if (Array.isArray(rules)) return JSON.stringify(Array.from({ length: Math.min(rules.length, RULES + 1) }, (_, i) => rule(rules, i, left)));
    warnings.add('rules/malformed', 'options.rules', 'The rules are not an array; none applied.');
  } catch {
    warnings.add('rules/malformed', 'options.rules', 'Reading the rules threw; none applied.');
  }
  return '[]';
}

function rule(rules, i, left) {
  try {
    return copy(rules[i], MOST_LEVELS, left);
  } catch {
    return null;
  }
}

/** Plain data; what JSON has no word for becomes `null`, which no rule takes for a value. */
function copy(value, levels, left) {
  left.parts -= 1;
  if (left.parts < 0 || levels === 0) throw new RangeError('too much');
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value;
  if (value === null || typeof value !== 'object') return null;
  if (Array.isArray(value)) {
    const { length } = value;
    if (!(length <= left.parts)) throw new RangeError('too much');
    return Array.from({ length }, (_, i) => copy(value[i], levels - 1, left));
  }
  const keys = Object.keys(value);
  if (!(keys.length <= left.parts)) throw new RangeError('too much');
  const own = Object.create(null);
  for (const key of keys) {
    const one = value[key];
    if (one !== undefined) own[key] = copy(one, levels - 1, left);
  }
  return own;
}
