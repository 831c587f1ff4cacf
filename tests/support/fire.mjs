// In: an address and what to ask of it. Out: so many requests at a time, each answer handed on, and how long it took.
// Plain node:http with kept connections: the client must cost less than what it measures.
// Must never stop at a failed request without saying which.
import { Agent, request as ask } from 'node:http';

/**
 * `make(i)` gives `{ path, method, headers, body }`; `take(i, { status, headers, body })` sees each answer.
 * Resolves to seconds in all and the milliseconds of each request, in the order of their answers.
 */
export async function fire(url, { requests, concurrency = 32, make, take = () => {} }) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const { hostname, port } = new URL(url);
  const ms = new Float64Array(requests);
  let next = 0;
  let ended = 0;
  const one = (i) => new Promise((done, failed) => {
    const { path = '/', method = 'GET', headers, body } = make(i);
    const since = performance.now();
    const sent = ask({ agent, hostname, port, path, method, headers, timeout: 60_000 }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', failed);
      answer.on('end', () => {
        ms[ended] = performance.now() - since;
        ended += 1;
        try {
          take(i, { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() });
          done();
        } catch (error) {
          failed(error);
        }
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`request ${i} got no answer within a minute`)));
    sent.on('error', failed);
    sent.end(body);
  });
  const started = performance.now();
  try {
    await Promise.all(Array.from({ length: concurrency }, async () => {
      while (next < requests) {
        next += 1;
        await one(next - 1);
      }
    }));
  } finally {
    agent.destroy();
  }
  return { seconds: (performance.now() - started) / 1_000, ms };
}
