// In: files by path. Out: a site on loopback that serves them, and the installed package beside them, under a policy.
// The default policy is the strictest that WebAssembly allows.
// Must never serve the source folder: what is not in the tarball is not there.
import { readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { installed } from './package.mjs';
import { server } from './server.mjs';

export const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.onnx': 'application/octet-stream' };

/** `files`: bodies by path, or functions of (request, response, body); `types` and `headers` override. Gives `{ url, asked, close }`. */
export async function site(files, { policy = STRICT, types = {}, headers = {}, root = installed() } = {}) {
  const asked = [];
  const http = await server((request, response, sent) => {
    const path = normalize(decodeURIComponent(request.url.split('?')[0]));
    asked.push(path);
    const found = files[path];
    if (typeof found === 'function') { found(request, response, sent); return; }
    const type = { ...TYPES, ...types }[extname(path)] ?? 'text/plain';
    const all = { 'content-type': type, ...(policy && { 'content-security-policy': policy }), ...headers };
    let body = found;
    try {
      body ??= readFileSync(join(root, path));
    } catch { /* said below */ }
    response.writeHead(body === undefined ? 404 : 200, all).end(body ?? 'not found');
  });
  return { url: http.url, asked, close: http.close };
}
