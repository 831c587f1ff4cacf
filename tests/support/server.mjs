// In: a function of the request. Out: an HTTP server on loopback that it answers for.
// Must never listen on another address.
import { createServer } from 'node:http';

/** Gives `{ url, close }`; `answer(request, response, body)` gets the whole body. */
export async function server(answer) {
  const http = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });
  await new Promise((done) => { http.listen(0, '127.0.0.1', done); });
  return {
    url: `http://127.0.0.1:${http.address().port}`,
    close: () => new Promise((done) => {
      http.closeAllConnections();
      http.close(done);
    }),
  };
}
