// In: pkg/ with its built wasm. Out: the tarball as users get it, installed in an empty project.
// Every suite tests this, so that a file left out of the tarball fails.
// Must never fall back to the source folder, nor to the network.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** The path of what must exist, or an error that says what makes it. */
export function needed(path, mend) {
  const full = resolve(ROOT, path);
  if (!existsSync(full)) throw new Error(`${path} is missing: ${mend}`);
  return full;
}

let tarball;
let project;

/** Packs pkg/ once a process; gives the tarball's path. */
export function packed() {
  if (tarball) return tarball;
  needed('pkg/wasm/ranklet_bg.wasm', 'run `./build.sh wasm`.');
  const folder = temporary('ranklet-pack-');
  const [{ filename }] = JSON.parse(npm(['pack', join(ROOT, 'pkg'), '--json', '--pack-destination', folder], folder));
  tarball = join(folder, filename);
  return tarball;
}

/** An empty project with the tarball installed, once a process; gives its folder. */
export function installed() {
  if (project) return project;
  const folder = temporary('ranklet-project-');
  install(folder);
  project = folder;
  return project;
}

/** Makes a folder an empty project with the tarball installed. */
export function install(folder) {
  writeFileSync(join(folder, 'package.json'), '{"name": "empty-project", "private": true, "type": "module"}\n');
  npm(['install', packed(), '--offline', '--no-audit', '--no-fund', '--ignore-scripts'], folder);
}

/** The package's folder in the project. */
export function packageFolder() {
  return join(installed(), 'node_modules/ranklet');
}

/** The file that `import 'ranklet'` means under one of the export conditions. */
export function entry(condition) {
  const { exports } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));
  return join(packageFolder(), exports['.'][condition]);
}

/** The package as Node resolves it from the project. */
export function importPackage() {
  const file = createRequire(join(installed(), 'package.json')).resolve('ranklet');
  return import(pathToFileURL(file));
}

/** The generated glue that the imported package uses: the same module instance. */
export function importGlue() {
  return import(pathToFileURL(join(packageFolder(), 'wasm/ranklet.js')));
}

/** A folder that is removed when the process ends. */
export function temporary(prefix) {
  mkdirSync(tmpdir(), { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
