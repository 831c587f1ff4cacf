// In: PORT, HOST, ORIGIN and PROFILE_SECRET in the environment. Out: the edge as a server, in Deno.
// `deno run --allow-net --allow-env --allow-read=movies.onnx deno.js`; the wasm itself needs no permission.
// Must never listen on all addresses unless HOST says so.
import { handler } from './handler.js';

const env = Deno.env.toObject();
const fetch = handler(() => Deno.readFile(new URL('movies.onnx', import.meta.url)), env);

Deno.serve({
  hostname: env.HOST ?? '127.0.0.1',
  port: Number(env.PORT ?? 8787),
  onListen: ({ hostname, port }) => console.log(`listening on http://${hostname}:${port}/`),
}, fetch);
