// In: the packed tarball's types. Out: a program that uses every entry, checked by TypeScript as strictly as it can.
// What must not compile is marked: an expected error that is none is an error.
// Must never skip the libraries' own declarations.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, installed } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';

const USAGE = `
import { Ranker, RankletError, version, type Candidate, type Ranking, type RankletEvent, type Tier } from 'ranklet';

interface Film extends Candidate { id: string; year: number }
const films: Film[] = [{ id: '1', title: 'Heat', tags: ['Crime'], score: 4.1, fields: { year: 1995 }, year: 1995 }];

export async function use(bytes: Uint8Array, signal: AbortSignal): Promise<number> {
  using ranker: Ranker = await Ranker.load(bytes, { signal, clock: () => Date.now() });
  await Ranker.load(fetch('/movies.onnx'));
  await Ranker.load(new URL('https://example.com/movies.onnx'), { wasm: new WebAssembly.Module(bytes.slice().buffer) });
  const ranking: Ranking<Film> = ranker.rank(films, { budgetMs: null, weights: { engage: 2 } });
  const year: number = ranking.items[0]!.year;
  const tier: Tier = ranking.tier;
  const event: RankletEvent = { type: 'dwell', item: films[0]!, id: 'e1', at: new Date(), value: 12 };
  const fresh: boolean = ranker.observe(event);
  ranker.observe({ type: 'like', item: 7 });
  ranker.setCandidates(films);
  ranker.forget();
  try { ranker.dispose(); } catch (error) { if (error instanceof RankletError) console.log(error.code, error.path, error.cause); }
  const order: Uint32Array = ranking.order;
  const text: string | null = version();
  // @ts-expect-error a ranker is made by load
  new Ranker();
  // @ts-expect-error an id is needed
  ranker.rank([{ title: 'Heat' }]);
  // @ts-expect-error the model cannot be changed
  ranker.model.fields.push('x');
  // @ts-expect-error a budget is a number
  ranker.rank(films, { budgetMs: '30' });
  // @ts-expect-error an event needs an item
  ranker.observe({ type: 'like' });
  return year + order.length + Number(fresh) + tier.length + ranking.ms.total + (text?.length ?? 0);
}
`;

const ENTRIES = `
import wasm from 'ranklet/ranklet_bg.wasm';
import { fromAlgolia, fromArray, fromElasticsearch, fromMetarank, fromOpenSearch, fromQdrant, fromVespa, type Adapter } from 'ranklet/adapters';
import { cookieProfile, createEdgeHandler, createProfileObject, durableObjectProfile, kvProfile, requestProfile, visitorCookie, type ProfileSource } from 'ranklet/edge';
import { Ranker as Inline } from 'ranklet/inline';
import { observeSignals, type Signals } from 'ranklet/observe';
import { persist } from 'ranklet/persist';
import { useRanking } from 'ranklet/react';
import { WorkerRanker } from 'ranklet/worker';
import { Ranker, RankletError, type Candidate, type Explanation, type Rule } from 'ranklet';

interface Env { ORIGIN: string; MODEL: ArrayBuffer }
interface Doc { _id: string; _source: { title: string; genres: string[]; year: number } }

const rules: Rule[] = [
  { rule: 'filter', where: { not: { any: [{ tag: 'Horror' }, { field: { name: 'year', atMost: 1950 } }] } } },
  { rule: 'quota', each: 'firstTag', top: 10, most: 4 },
  { rule: 'explore', top: 20, rate: 0.1 },
];
const adapters: Adapter<any, any>[] = [fromAlgolia({ title: 'name', query: 1 }), fromArray({ list: 'data.items' }), fromMetarank({ lookup: (id) => ({ id }) }), fromOpenSearch(), fromQdrant({ tags: 'genres', vector: 'vector' }), fromVespa()];
const search = fromElasticsearch<Doc>({ title: (hit) => hit._source.title, tags: 'genres', fields: ['year'] });
const own: ProfileSource<Env> = {
  read: async (request) => ({ snapshot: null, events: [{ type: 'like', item: request.url }] }),
  write: async (request, env, events, { apply }) => apply(null, events),
};

export const { fetch } = createEdgeHandler<Env>({ model: (env) => env.MODEL, origin: (request, env) => new Request(env.ORIGIN), adapter: search, profile: own, budgetUnits: (env, request) => request.url.length + env.ORIGIN.length, limits: { unitsPerMs: 2_000 }, rankOptions: { rules, budgetUnits: 1e6 } });
export const others = [cookieProfile({ secret: 'a secret of more than 16 bytes' }), kvProfile(), durableObjectProfile({ visitor: visitorCookie() }), requestProfile()].map((profile) => createEdgeHandler({ model: '/m.onnx', profile, minimumTier: 'prior' }));
export class Profile extends createProfileObject<Env>({ model: (env) => env.MODEL, ttlDays: 7 }) {}

export async function page(element: HTMLElement): Promise<string[]> {
  const ranker: Ranker = await Inline.load('/m.onnx', { wasm, integrity: 'sha384-x', onProgress: ({ part, loaded, total }) => console.log(part, loaded / (total ?? 1)) });
  await using worker = { ranker: await WorkerRanker.load('/m.onnx'), async [Symbol.asyncDispose]() { this.ranker.dispose(); } };
  const kept = await persist(worker.ranker, { onError: (error) => console.log(error instanceof RankletError ? error.code : error.message) });
  const signals: Signals = observeSignals(kept, { share: 0.5 });
  signals.track(element, 'id', { axis: 'inline' });
  const { items, more, removed, propensities } = await worker.ranker.rank([{ id: 1, title: 'Heat' }], { rules, seed: 1, without: ['e'], context: { hour: 20 } });
  const explanation: Explanation = await worker.ranker.explain(items[0]!.id);
  const scores: Float32Array = await worker.ranker.scoreBatch(new Float32Array(4));
  const told: Explanation = ranker.explain(1);
  ranker.prefer(['Comedy'], [items[0]!]);
  ranker.restore(ranker.snapshot({ compact: true }));
  return [explanation, told].flatMap((one) => one.contributions.map(({ sentence }) => sentence)).concat(more?.tags.map(({ tag }) => tag) ?? [], String(scores.length + removed.length + propensities.length));
}

export function List({ films }: { films: Candidate[] }): readonly Candidate[] {
  const { items, pending, error, observe } = useRanking('/m.onnx', films, { rankOptions: { rules } });
  if (!pending && error === null) observe({ type: 'click', item: films[0]! });
  return items;
}

// @ts-expect-error a rule's kind is one of those that are known
export const unknown: Rule = { rule: 'shuffle' };
// @ts-expect-error a handler needs a model
createEdgeHandler({});
// @ts-expect-error an event has a type
observeSignals((event) => event.kind);
`;

for (const [module, resolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
  test(`the types hold under strict and ${resolution}, library checks included`, async () => {
    const folder = installed();
    writeFileSync(join(folder, 'usage.ts'), USAGE);
    writeFileSync(join(folder, 'entries.ts'), ENTRIES);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, module, moduleResolution: resolution, target: 'es2022', lib: ['es2022', 'dom', 'esnext.disposable'],
        paths: { react: [join(ROOT, 'tests/node_modules/@types/react')] },
        exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, types: [],
      },
      files: ['usage.ts', 'entries.ts'],
    }));
    await run(tool('tsc'), ['--project', 'tsconfig.json'], { cwd: folder });
  });
}
