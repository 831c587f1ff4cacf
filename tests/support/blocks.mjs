// In: Markdown and .d.ts files. Out: their code blocks, and each as a program that holds its comments to their word.
// `EXPRESSION; // → VALUE` states what a line gives; any other comment is prose.
// Must never leave a block out: one that nothing can run is an error.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ROOT } from './package.mjs';

/** Languages that run as JavaScript, as esbuild calls them. */
export const SCRIPTS = { js: 'js', javascript: 'js', mjs: 'js', jsx: 'jsx', ts: 'ts', typescript: 'ts', tsx: 'tsx' };
/** What tests/documents.rs checks, what is data, and what is no code. */
const OTHERS = ['sh', 'json', 'text'];

/** Every block of the repository's documents, each `{ name, file, language, code }`. */
export function blocks() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md', 'pkg/*.d.ts'], { cwd: ROOT, encoding: 'utf8' });
  const found = files.trim().split('\n').flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return extname(file) === '.md' ? fences(file, text) : examples(file, text);
  });
  for (const { name, language } of found) {
    if (!SCRIPTS[language] && !OTHERS.includes(language)) throw new Error(`${name}: nothing runs blocks of '${language}'`);
  }
  return found;
}

const lineOf = (text, index) => text.slice(0, index).split('\n').length;

function fences(file, text) {
  const found = [...text.matchAll(/^( *)(```+|~~~+)(.*)\n([^]*?)^ *\2 *$/gm)];
  const marks = text.match(/^ *(```|~~~)/gm)?.length ?? 0;
  if (marks !== 2 * found.length) throw new Error(`${file}: a block does not end`);
  return found.map(({ index, 3: info, 4: code }) => ({ name: `${file}:${lineOf(text, index)}`, file, language: info.trim().split(/\s/)[0], code }));
}

/** The `@example` of each doc comment: to the comment's end or the next tag; JSX where its first line says so. */
function examples(file, text) {
  return [...text.matchAll(/^ *\*? *\/?\*?\*? ?@example(.*)\n((?:^ *\*(?!\/)(?! @).*\n)+)/gm)].map(({ index, 1: caption, 2: body }) => ({
    name: `${file}:${lineOf(text, index)}`, file, language: caption.trim() || 'js', code: body.replace(/^ *\* ?/gm, ''),
  }));
}

/** How many statements of the form `// → VALUE` a block makes. */
export const claims = (code) => code.match(/\/\/ →/g)?.length ?? 0;

/**
 * The block with each `// → VALUE` as a call of `claim(given, value, line)`, and at its end a call of `left`
 * with those of the usual names that it declared.
 */
export function program({ name, code }) {
  const lines = code.split('\n').map((line) => {
    const stated = line.match(/^(\s*)(.*);\s*\/\/ → (.+)$/);
    if (!stated) {
      if (line.includes('// →')) throw new Error(`${name}: no statement that can be checked: ${line}`);
      return line;
    }
    const [, , statement, value] = stated;
    const declared = statement.match(/^(?:const|let)\s+(\w+)\s*=/) ?? statement.match(/^(\w+)\s*=[^=>]/);
    const said = JSON.stringify(line.trim());
    return declared ? `${statement}; claim(${declared[1]}, ${value}, ${said});` : `claim(${statement}, ${value}, ${said});`;
  });
  const usual = ['ranking', 'candidates'].map((word) => `${word}: typeof ${word} === 'undefined' ? null : ${word}`);
  return `${lines.join('\n')}\nleft({ ${usual.join(', ')} });\n`;
}
