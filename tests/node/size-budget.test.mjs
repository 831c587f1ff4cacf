// The module may not grow unnoticed: at most 3 % above the committed figure of the same toolchain.
// After a growth that is worth it: put the new figure, which the failure names, into size-budget.json.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const SLACK = 1.03;
const from = (path) => readFile(new URL(path, import.meta.url));
const json = async (path) => JSON.parse(await from(path));

test('wasm and glue, gzip -9, are within 3 % of their budget', async () => {
  const { profile, toolchain } = await json('../../target/module/release/build.json');
  assert.equal(profile, 'release');
  // A toolchain that nobody measured is held to the largest figure.
  const budgets = await json('size-budget.json');
  const budget = budgets[toolchain] ?? Math.max(...Object.values(budgets));
  const files = await Promise.all(['ranklet_bg.wasm', 'ranklet.js'].map((name) => from(`../../target/module/release/wasm/${name}`)));
  const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  assert.ok(bytes <= budget * SLACK, `${bytes} bytes, built with ${toolchain}; the budget is ${budget}`);
});
