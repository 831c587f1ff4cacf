// In: what tests/run/all.sh left in a folder. Out: tests/all.json: commit, date, versions, and what passed.
// Entries that were not run this time stay as they were, if they are of this version of the package.
//
//   node all.mjs FOLDER
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = join(ROOT, 'tests/all.json');
const [folder] = process.argv.slice(2);

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const output = (command, ...args) => {
  try {
    return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

const version = json(join(ROOT, 'pkg/package.json')).version;
const before = existsSync(FILE) ? json(FILE) : { versions: {}, entries: [] };
const entries = new Map(before.versions.ranklet === version ? before.entries.map((entry) => [entry.name, entry]) : []);

if (existsSync(join(folder, 'suites.json'))) {
  for (const { name, passed, failed, seconds } of json(join(folder, 'suites.json')).suites) {
    entries.set(`suite ${name}`, { name: `suite ${name}`, command: `./build.sh test ${name}`, passed, failed, seconds });
  }
}
for (const file of readdirSync(folder).filter((name) => name.endsWith('.result'))) {
  const [name, status, seconds, command] = readFileSync(join(folder, file), 'utf8').trim().split('\t');
  const failed = Number(status) === 0 ? 0 : 1;
  entries.set(name, { name, command, passed: 1 - failed, failed, seconds: Number(seconds) });
}

const report = {
  commit: output('git', 'rev-parse', 'HEAD'),
  date: new Date().toISOString().slice(0, 10),
  versions: {
    ranklet: version,
    rustc: output('rustc', '--version')?.split(' ')[1] ?? null,
    node: process.versions.node,
    chromium: output('chromium', '--version')?.split(' ')[1] ?? null,
  },
  entries: [...entries.values()],
};
writeFileSync(FILE, `${JSON.stringify(report, null, 2)}\n`);

for (const { name, passed, failed, seconds } of report.entries) {
  console.log(`${name.padEnd(24)}${String(passed).padStart(6)} passed${String(failed).padStart(4)} failed${String(seconds).padStart(7)} s`);
}
process.exitCode = report.entries.some(({ failed }) => failed > 0) ? 1 : 0;
