// In: files of this repository. Out: rows of the benchmark from headless Chromium.
// One page measures; two more are throttled; every load has a fresh page. Loopback only.
// Must never wait without a limit.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { launch } from '../support/browser.mjs';
import { server } from '../support/server.mjs';

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json', '.html': 'text/html' };
const ORT = '/tests/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';
const PAGE = `<!doctype html><script type="importmap">{"imports": {"onnxruntime-web": "${ORT}"}}</script><script type="module" src="/tests/bench/page.mjs"></script>`;
/** A page that is isolated gets a clock of 5 µs; another one of 100. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin' };
const SAMPLE_MS = 60_000;

/** `measureIn({ throttle, ...job })` and `load(side)`; `close()` ends the browser. */
export async function chromium(root, { model, films, limitMs }) {
  const site = await server(async (request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    if (path === '/bench') return response.writeHead(200, { 'content-type': 'text/html', ...ISOLATED }).end(PAGE);
    const body = await readFile(join(root, normalize(path))).catch(() => null);
    return response.writeHead(body ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', ...ISOLATED }).end(body);
  });
  const context = await launch();
  const open = async (throttle) => {
    const page = await context.newPage();
    page.setDefaultTimeout(SAMPLE_MS);
    page.on('console', (message) => { if (message.text().startsWith('row ')) console.error(`  ${message.text().slice(4)}`); });
    if (throttle) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: throttle });
    await page.goto(`${site.url}/bench`);
    await page.waitForFunction('globalThis.bench');
    return page;
  };
  const within = (ms, work) => {
    let late;
    const limit = new Promise((_, reject) => { late = setTimeout(() => reject(new Error(`Chromium gave no answer in ${ms / 1000} s`)), ms); });
    return Promise.race([work, limit]).finally(() => clearTimeout(late));
  };
  const inPage = async (method, job, { throttle, ms }) => {
    const page = await open(throttle);
    try {
      return await within(ms, page.evaluate(([name, given]) => globalThis.bench[name](given), [method, { model, films, ...job }]));
    } finally {
      await page.close();
    }
  };
  return {
    version: context.browser()?.version() ?? (await versionOf(context)),
    measure: ({ throttle, ...job }) => inPage('measure', job, { throttle, ms: limitMs }),
    load: (side) => inPage('load', { side }, { ms: SAMPLE_MS }),
    close: async () => {
      await context.close();
      await site.close();
    },
  };
}

async function versionOf(context) {
  const page = await context.newPage();
  const agent = await page.evaluate(() => navigator.userAgent);
  await page.close();
  return /Chrome\/([\d.]+)/.exec(agent)?.[1] ?? 'unknown';
}
