// In: the text of JavaScript modules. Out: which of them imports which, and the circles among them.
// Static imports, re-exports and `import('…')` count alike; `#host` stands for every entry that it resolves to.
import { dirname, join } from 'node:path/posix';

/** `import … from`, `export … from`, `import '…'`, `import('…')`, at the start of a statement or within one. */
const SPECIFIER = /(?:^|[\s;{}(=])(?:import|export)\b(?:\s*\(\s*|[^'"`;()]*?\bfrom\s*|\s*)(['"])([^'"\n]+)\1/g;

/** Specifiers that a module imports, in their order; comments do not count. */
export function specifiers(text) {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '$1');
  return [...code.matchAll(SPECIFIER)].map(([, , specifier]) => specifier);
}

/**
 * The modules that each of `files` (text by path) imports. `resolved(specifier)` gives the paths that a specifier
 * other than a relative one means; what is not among the files is left out.
 */
export function importGraph(files, resolved = () => []) {
  return new Map(Object.entries(files).map(([path, text]) => {
    const targets = specifiers(text).flatMap((one) => (one.startsWith('.') ? [join(dirname(path), one.split('?')[0])] : resolved(one)));
    return [path, [...new Set(targets)].filter((target) => target in files)];
  }));
}

/** Every group of modules that reach each other, as Tarjan finds them; a module that imports itself is one. */
export function circles(graph) {
  const found = [];
  const numbers = new Map();
  const lowest = new Map();
  const stack = [];
  const visit = (path) => {
    numbers.set(path, numbers.size);
    lowest.set(path, numbers.get(path));
    stack.push(path);
    for (const target of graph.get(path)) {
      if (!numbers.has(target)) visit(target);
      if (stack.includes(target)) lowest.set(path, Math.min(lowest.get(path), lowest.get(target)));
    }
    if (lowest.get(path) !== numbers.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || graph.get(path).includes(path)) found.push(group.sort());
  };
  for (const path of graph.keys()) if (!numbers.has(path)) visit(path);
  return found;
}
