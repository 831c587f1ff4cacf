// In: a port, or none for the first free from 8080. Out: www/ and pkg/ on 127.0.0.1, for the demo and its tests.
// Sends the headers that a page with ranklet needs: the wasm's type, and a policy that allows wasm.
// Must never answer with a file outside these two folders.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
};
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/** The file that a path of a URL names, or null. */
async function fileFor(pathname) {
  let path = decodeURIComponent(pathname);
  if (path.includes('\0')) return null;
  if (path.endsWith('/')) path += 'index.html';
  const folder = join(ROOT, path.startsWith('/pkg/') ? 'pkg' : 'www');
  const file = await realpath(join(folder, path.replace(/^\/pkg\//, '/')));
  if (!file.startsWith((await realpath(folder)) + sep)) return null; // `..`, or a link out
  return (await stat(file)).isFile() ? file : null;
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end();
  if (pathname === '/') return response.writeHead(302, { location: '/demo/' }).end();
  const file = await fileFor(pathname).catch(() => null);
  const type = file && TYPES[extname(file)];
  if (!type) return response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
  response.writeHead(200, {
    'content-type': type,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  });
  if (request.method === 'HEAD') return response.end();
  return createReadStream(file).on('error', () => response.destroy()).pipe(response);
}

/** Listens on `port`, or on the first free one from 8080; 0 is any free one. Gives the server. */
export async function serve(port) {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(400).end());
  });
  const listen = (at) => new Promise((done, failed) => {
    server.once('error', failed).listen(at, '127.0.0.1', () => {
      server.off('error', failed);
      done();
    });
  });
  for (let at = port ?? 8080; ; at += 1) {
    try {
      await listen(at);
      return server;
    } catch (error) {
      if (port !== undefined || error.code !== 'EADDRINUSE' || at >= 8180) throw error;
    }
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const given = process.argv[2];
  if (given !== undefined && !(Number(given) >= 0 && Number(given) < 65536)) {
    console.error(`serve: '${given}' is not a port`);
    process.exit(2);
  }
  try {
    const server = await serve(given === undefined ? undefined : Number(given));
    console.log(`ranklet demo: http://127.0.0.1:${server.address().port}/demo/  (Ctrl-C ends it)`);
  } catch (error) {
    console.error(`serve: ${error.message}`);
    process.exit(1);
  }
}
