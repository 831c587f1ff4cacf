// In: what tests/run/all.sh left in a folder. Out: tests/all.json: commit, date and versions of this run, and of
// each entry what passed, at which commit. Entries that were not run this time stay as they were, if they are of
// this version of the package.
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

/** What a program prints, or null where it is not there. */
function output(command, ...args) {
  try {
    return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** The first version number in what the first of the programs that is there prints. */
function versionOf(...programs) {
  for (const program of programs) {
    const version = output(program, '--version')?.match(/\d+(\.\d+)+/)?.[0];
    if (version) return version;
  }
  return null;
}

const version = json(join(ROOT, 'pkg/package.json')).version;
const commit = output('git', 'rev-parse', 'HEAD');
const changed = output('git', 'status', '--porcelain', '--', '.', ':!tests/all.json');
const run = {
  // A run on changes that no commit holds says so.
  commit: changed ? `${commit}, with changes` : commit,
  date: new Date().toISOString().slice(0, 10),
  versions: {
    ranklet: version,
    rustc: versionOf('rustc'),
    node: process.versions.node,
    chromium: versionOf('chromium', 'chromium-browser', 'google-chrome'),
  },
};

const before = existsSync(FILE) ? json(FILE) : null;
const entries = new Map(before?.versions.ranklet === version ? before.entries.map((entry) => [entry.name, entry]) : []);
const put = (entry) => entries.set(entry.name, { ...entry, commit: run.commit, date: run.date });

if (existsSync(join(folder, 'suites.json'))) {
  for (const { name, passed, failed, seconds } of json(join(folder, 'suites.json')).suites) {
    put({ name: `suite ${name}`, command: `./build.sh test ${name}`, passed, failed, seconds });
  }
}
for (const file of readdirSync(folder).filter((name) => name.endsWith('.result'))) {
  const [name, status, seconds, command] = readFileSync(join(folder, file), 'utf8').trim().split('\t');
  const failed = Number(status) === 0 ? 0 : 1;
  put({ name, command, passed: 1 - failed, failed, seconds: Number(seconds) });
}
writeFileSync(FILE, `${JSON.stringify({ ...run, entries: [...entries.values()] }, null, 2)}\n`);

for (const { name, passed, failed, seconds } of entries.values()) {
  console.log(`${name.padEnd(24)}${String(passed).padStart(6)} passed${String(failed).padStart(4)} failed${String(seconds).padStart(7)} s`);
}
process.exitCode = [...entries.values()].some(({ failed }) => failed > 0) ? 1 : 0;
