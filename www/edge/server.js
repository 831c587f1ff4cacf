// In: PORT, HOST, ORIGIN and PROFILE_SECRET in the environment. Out: the edge as a server, in Node or Bun.
// `node server.js`, `bun server.js`. Node's http speaks Request and Response through @hono/node-server.
// Must never listen on all addresses unless HOST says so.
import { readFile } from 'node:fs/promises';
import { handler } from './handler.js';

const { env } = process;
const hostname = env.HOST ?? '127.0.0.1';
const port = Number(env.PORT ?? 8787);
const fetch = handler(() => readFile(new URL('movies.onnx', import.meta.url)), env);

if (globalThis.Bun) {
  const server = Bun.serve({ hostname, port, fetch });
  console.log(`listening on ${server.url.href}`);
} else {
  const { serve } = await import('@hono/node-server');
  serve({ hostname, port, fetch }, (address) => console.log(`listening on http://${address.address}:${address.port}/`));
}
