// `import 'ranklet'` may not grow unnoticed: its closure (tests/bench/closure.mjs), brotli 11, is within
// pkg/build/size-budget.json. A growth that is worth it changes that file, in a commit that says why.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { add, closure } from '../bench/closure.mjs';

const json = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

test("the closure of import 'ranklet' is within its budget", async (t) => {
  const { profile, toolchain } = json('../../target/module/release/build.json');
  assert.equal(profile, 'release');
  const { brotli } = add(await closure());
  const budget = json('../../pkg/build/size-budget.json').brotli;
  t.diagnostic(`${brotli} bytes of ${budget}, built with ${toolchain}`);
  assert.ok(brotli <= budget, `${brotli} bytes brotli, built with ${toolchain}; the budget is ${budget}`);
});
