// In: a hundred thousand requests of two visitors, many at a time, through real workerd. Out: that none saw the other.
// Profiles lie in real Durable Objects, real KV and signed cookies; the origin answers after waits of its own, so that requests overtake each other.
// Must never accept an order but the visitor's own, each place of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fire } from '../support/fire.mjs';
import { ROOT } from '../support/package.mjs';
import { worker } from '../support/worker.mjs';

const REQUESTS = 100_000;
// A small model and short lists, so that the requests are many: what is tested is who gets which, not how fast.
const read = (name) => readFileSync(join(ROOT, 'tests/golden', name));
const { catalogue } = JSON.parse(read('requests.json'));
const list = catalogue.slice(0, 8);
const tagged = (tag) => catalogue.filter((item) => item.tags.includes(tag)).slice(0, 6);
const liked = { ann: tagged('tea'), bob: tagged('radio') };

const source = (profile) => `
import { cookieProfile, createEdgeHandler, createProfileObject, durableObjectProfile, kvProfile } from 'ranklet/edge';
import model from './movies.onnx';
const LIST = ${JSON.stringify(JSON.stringify({ items: list }))};
let turn = 0;
/** An origin that is sometimes slow: later requests overtake earlier ones. */
async function origin() {
  turn = (turn * 1103515245 + 12345) % 2147483648;
  if (turn % 4 === 0) await new Promise((done) => { setTimeout(done, turn % 3); });
  return new Response(LIST, { headers: { 'content-type': 'application/json' } });
}
export default createEdgeHandler({ model, origin: 'http://origin.invalid', fetch: origin, profile: ${profile}, budgetMs: null, rankOptions: { at: 1763000000000 } });
export const Profile = createProfileObject({ model });`;

const PLACES = {
  'Durable Objects': { share: 0.2, source: source('durableObjectProfile()'), durableObjects: { PROFILE: { className: 'Profile', useSQLite: true } } },
  'Workers KV': { share: 0.2, source: source('kvProfile()'), kvNamespaces: ['PROFILES'] },
  'signed cookies': { share: 0.6, source: source('cookieProfile()'), bindings: { PROFILE_SECRET: 'a secret of more than 16 bytes' } },
};
const counts = {};
after(() => {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  assert.equal(total, REQUESTS);
  console.log(`interleaved requests without cross-talk: ${total}`);
});

for (const [place, { share, ...options }] of Object.entries(PLACES)) {
  const requests = Math.round(REQUESTS * share);
  test(`workerd: ${requests} interleaved requests of two visitors with profiles in ${place}: none sees the other`, async () => {
    const edge = await worker({ ...options, model: read('fixture.onnx') });
    try {
      const url = String(await edge.ready);
      const events = (who) => JSON.stringify({ events: liked[who].map((item, i) => ({ id: `${who}-${i}`, type: 'like', at: 1763000000000 + i, item })) });
      const cookies = {};
      const ask = async (who, path = '/list', init = {}) => {
        const answer = await fetch(new URL(path, url), { ...init, headers: { cookie: cookies[who] ?? '' } });
        for (const set of answer.headers.getSetCookie()) cookies[who] = set.split(';')[0];
        return answer.json();
      };
      const order = ({ items }) => items.map((item) => item.id).join();
      const expected = {};
      for (const who of ['ann', 'bob']) {
        await ask(who);
        assert.equal((await ask(who, '/ranklet/feedback', { method: 'POST', body: events(who) })).accepted, 6);
        expected[who] = order(await ask(who));
      }
      expected.nobody = order(await ask('nobody'));
      assert.equal(new Set(Object.values(expected)).size, 3, 'each has an order of their own');

      const wrong = [];
      const seen = { ann: 0, bob: 0, nobody: 0, feedback: 0 };
      await fire(url, {
        requests,
        make: (i) => {
          // Known events again, now and then: a write to the profile that changes nothing of it.
          if (i % 200 === 199) return { path: '/ranklet/feedback', method: 'POST', headers: { cookie: cookies.ann }, body: place === 'signed cookies' ? '{"events": []}' : events('ann') };
          const who = i % 50 === 49 ? 'nobody' : i % 2 ? 'ann' : 'bob';
          return { path: `/list?${who}`, headers: who === 'nobody' ? {} : { cookie: cookies[who] } };
        },
        take: (i, { status, body }) => {
          const answer = JSON.parse(body);
          const who = i % 200 === 199 ? 'feedback' : i % 50 === 49 ? 'nobody' : i % 2 ? 'ann' : 'bob';
          seen[who] += 1;
          const right = who === 'feedback' ? answer.accepted === 0 : answer.ranklet?.tier === 'full' && order(answer) === expected[who];
          if ((status !== 200 || !right) && wrong.length < 3) wrong.push([i, who, status, body.slice(0, 300)]);
        },
      });
      assert.deepEqual(wrong, []);
      assert.ok(Object.values(seen).every((count) => count > 0));
      counts[place] = Object.values(seen).reduce((a, b) => a + b, 0);
    } finally {
      await edge.dispose();
    }
  });
}
