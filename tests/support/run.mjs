// In: a command of tests/node_modules or of the system. Out: what it printed; an error if it failed.
// Must never leave the command running.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './package.mjs';

/** The path of a tool that `npm ci --prefix tests` installs; missing ones are an error, not a skip. */
export function tool(name) {
  const path = join(ROOT, 'tests/node_modules/.bin', name);
  if (!existsSync(path)) throw new Error(`${name} is missing: run \`npm ci --prefix tests\`.`);
  return path;
}

/** What the command printed. */
export function run(command, args, { cwd, env, seconds = 120 } = {}) {
  return new Promise((done, failed) => {
    execFile(command, args, { cwd, env: { ...process.env, ...env }, timeout: seconds * 1000, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error) failed(new Error(`${command} ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
      else done(stdout);
    });
  });
}
