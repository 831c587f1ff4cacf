// Every code that the sources can give is in the types, and the types name no other.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
/** The package's own; the edge handler answers HTTP, with codes of its own. */
const files = ['pkg', 'pkg/src', 'pkg/src/adapters'].flatMap((folder) => readdirSync(join(ROOT, folder))
  .filter((name) => name.endsWith('.js')).map((name) => `${folder}/${name}`));
const ROOMS = 'adapter|candidates?|event|load|model|prefer|rank|ranker|rules|snapshot|warnings|wasm|worker';

function ofSources() {
  const codes = new Set(['budget']);
  for (const text of files.map(read)) {
    for (const [, code] of text.matchAll(new RegExp(`['"\`]((?:${ROOMS})/[a-z-]+)['"\`]`, 'g'))) codes.add(code);
    for (const [, reason] of text.matchAll(/`\$\{kind\}\/([a-z-]+)`/g)) for (const kind of ['model', 'wasm']) codes.add(`${kind}/${reason}`);
    for (const [, reason] of text.matchAll(/\bbad\('([a-z-]+)'/g)) codes.add(`event/${reason}`);
  }
  for (const [, code] of read('src/core/error.rs').matchAll(/=> "([a-z]+\/[a-z-]+)"/g)) codes.add(code);
  return codes;
}

function ofTypes() {
  const text = read('pkg/types/codes.d.ts');
  const transfer = text.slice(text.indexOf('type Transfer'), text.indexOf('/** Stable'));
  const reasons = [...transfer.matchAll(/\| '([a-z-]+)'/g)].map(([, reason]) => reason);
  const codes = new Set([...text.slice(text.indexOf('export type Code')).matchAll(/\| '([a-z/-]+)'/g)].map(([, code]) => code));
  for (const kind of ['model', 'wasm']) for (const reason of reasons) codes.add(`${kind}/${reason}`);
  return codes;
}

test('the types hold every code that there is, and no other', () => {
  assert.deepEqual([...ofTypes()].sort(), [...ofSources()].sort());
});
