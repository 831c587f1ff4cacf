// In: an explanation as wasm gives it. Out: the same with a sentence a contribution, in English.
// Products in other languages fill `template`'s places themselves, or write their own by `factor` and `moved`.
// Must never put markup in: a title is text.

/** `titleOf(id)` gives what people call an item. */
export function explained(explanation, titleOf) {
  for (const one of explanation.contributions) {
    const title = one.event ? titleOf(one.event.item) : '';
    const values = { places: String(Math.abs(one.moved)), type: one.event?.type ?? '', title };
    one.title = title;
    one.sentence = one.template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }
  return explanation;
}
