// In: src/core/limits.rs and what is generated of it. Out: statements that JavaScript's limits are those of Rust.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SOURCE, TARGET, limitsModule } from '../../pkg/build/limits.mjs';
import { LIMITS } from '../../pkg/src/edge/limits.js';
import * as limits from '../../pkg/src/limits.js';

const rust = readFileSync(SOURCE, 'utf8');

test('pkg/src/limits.js is what limits.rs says', () => {
  assert.equal(readFileSync(TARGET, 'utf8'), limitsModule(rust), 'run `node pkg/build/limits.mjs`');
});

test('a limit that changes in limits.rs changes the module', () => {
  const changed = rust.replace(/(pub const EVENTS: usize = )\d+/, '$1257');
  assert.notEqual(changed, rust);
  assert.match(limitsModule(changed), /export const EVENTS = 257;/);
});

test('expressions are worked out, names in them too', () => {
  const source = '/// A.\npub const A: usize = 3;\n/// B,\n/// of A.\npub const B: usize = A * (1_000 + (2 << 10)) - 1;\n';
  assert.ok(limitsModule(source, ['B']).endsWith('/** B,\n * of A. */\nexport const B = 9_143;\n'));
});

test('what is missing, or is no whole number, stops the generator', () => {
  assert.throws(() => limitsModule(rust, ['NOBODY']), /has no constant NOBODY/);
  assert.throws(() => limitsModule('/// A.\npub const A: f64 = f64::MAX;\n', ['A']), /not made of whole numbers/);
});

test('the edge takes what a session and a snapshot can hold', () => {
  assert.equal(LIMITS.events, limits.EVENTS);
  assert.equal(LIMITS.cookieBytes, limits.COMPACT_BYTES);
  assert.ok(LIMITS.snapshotBytes > limits.SNAPSHOT_BYTES);
});
