// In: a ranking, and what led to it. Out: the sentences that the page shows about it.
// Figures come from the ranking: what was scored, where a film is now, what a rule moved.
// What the model did not score is said, so that a partial order does not pass for a whole one.

export const number = (n) => n.toLocaleString('en');

/** Of how many films the order is the model's; `pending`: it is taken up again by itself. */
export function scoredOf({ tier, scored, total }, pending) {
  if (tier === 'full') return `all ${number(total)} films scored`;
  return `${number(scored)} of ${number(total)} films scored${pending ? ' so far' : ''}`;
}

/** The same as a sentence to add, where the order is not the model's all through. */
export function shortOf(ranking, pending) {
  if (ranking.tier === 'full') return '';
  if (ranking.tier === 'passthrough') return ` Nothing could be ranked (${ranking.reason}).`;
  return ` ${scoredOf(ranking, pending)}.`;
}

/** What a rule did, after its name. */
export function ruleDid({ moved, cost, infeasible, message }) {
  return infeasible ? message : `moved ${number(moved)} films, for ${(100 * cost).toFixed(1)} % of the predicted value.`;
}

/** What a ranking says of itself beyond its order: what was not scored, what rules did, what is missing. */
export function remarks({ tier, reason, scored, total, rules, more }, pending) {
  const lines = [];
  // Not while it is taken up again: a line that comes and goes would move the list.
  if (tier !== 'full' && reason === 'budget' && !pending) {
    lines.push(`The budget ended after ${number(scored)} of ${number(total)} films; the others keep the server\u2019s order below them.`);
  }
  for (const rule of rules) lines.push(`${rule.name}: ${ruleDid(rule)}`);
  if (more) {
    const tags = more.tags.slice(0, 5).map(({ tag }) => tag).join(', ');
    const why = more.reason === 'exhausted' ? 'You have judged nearly all of this list' : 'This list has little of what you like';
    lines.push(`${why}: a page with a server would now ask it for more${tags ? ` (${tags})` : ''}.`);
  }
  return lines;
}
