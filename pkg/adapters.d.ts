// In: nothing. Out: the types of `ranklet/adapters`: servers' answers as they send them.
// A mapping says where in a hit a candidate's parts lie; only `tags`, `title` and `fields` need one.
// Must never promise what no test holds.
import type { Candidate } from './index.js';

/** A dotted path into a hit's document, or a function of the hit. One that throws counts as absent. */
export type Place<H, V = unknown> = string | ((hit: H) => V);

export interface Mapping<H> {
  /** Default: the server's own id. */
  id?: Place<H, string | number>;
  title?: Place<H, string | null | undefined>;
  /** Several places are joined; a single value is a list of one; numbers become text, anything else is left out. */
  tags?: Place<H, readonly string[] | string | null | undefined> | readonly Place<H>[];
  /** Default: the server's own score, where it sends one. */
  score?: Place<H, number | null | undefined>;
  /** Names of fields that are called the same in the document, or places by name. Numbers as text are read, booleans are 0 and 1. */
  fields?: readonly string[] | Readonly<Record<string, Place<H>>> | ((hit: H) => Readonly<Record<string, number | null | undefined>>);
  /** A collaborative vector of the model's basis. */
  vector?: Place<H>;
}

/** A candidate that remembers the hit it was made from. */
export type HitCandidate<H> = Candidate & { hit: H };

export interface Adapter<A = unknown, C = Candidate> {
  /**
   * One candidate a hit, in the answer's order. A hit that is no object becomes `null`, which ranks as an
   * unreadable candidate: positions stay those of the answer.
   *
   * @throws {RankletError} `adapter/shape`: the answer has no list of hits where this server puts it.
   */
  candidates(answer: A): (C & Candidate)[];
  /** The same answer with its hits in this order, such as `ranking.order`; those left out are dropped. The answer given is not changed. */
  reorder(answer: A, order: ArrayLike<number>): A;
}

export interface ElasticsearchHit { _id: string; _score?: number | null; _source?: unknown; fields?: Record<string, unknown[]> }
export interface ElasticsearchAnswer<H = ElasticsearchHit> { hits: { hits: H[] } }
/**
 * Paths start in `_source`, then in the hit's `fields`.
 *
 * @example
 * import { fromElasticsearch } from 'ranklet/adapters';
 *
 * const search = fromElasticsearch({ title: 'name', tags: 'genres', fields: ['year'] });
 * const answer = { hits: { hits: [
 *   { _id: '1', _score: 2, _source: { name: 'Heat', genres: ['Crime'], year: 1995 } },
 *   { _id: '2', _score: 1, _source: { name: 'Babe', genres: ['Children'], year: 1995 } },
 * ] } };
 * ranker.observe({ type: 'like', item: { id: '2', title: 'Babe', tags: ['Children'] } });
 * const { order } = ranker.rank(search.candidates(answer), { budgetMs: null });
 * search.reorder(answer, order).hits.hits.map(({ _id }) => _id); // → ['2', '1']
 */
export function fromElasticsearch<H extends ElasticsearchHit = ElasticsearchHit>(mapping?: Mapping<H>): Adapter<ElasticsearchAnswer<H>, HitCandidate<H>>;
export { fromElasticsearch as fromOpenSearch };

export interface AlgoliaHit { objectID: string }
export type AlgoliaAnswer<H = AlgoliaHit> = { hits: H[] } | { results: { hits: H[] }[] };
/**
 * Algolia sends no score: the default falls with the place, from 1 for the first to above 0. `query`: which
 * of several queries. Default: 0.
 */
export function fromAlgolia<H extends AlgoliaHit = AlgoliaHit>(mapping?: Mapping<H> & { query?: number }): Adapter<AlgoliaAnswer<H>, HitCandidate<H>>;

export interface QdrantPoint { id: string | number; score?: number; payload?: Record<string, unknown> | null; vector?: unknown }
export interface QdrantAnswer<H = QdrantPoint> { result: H[] | { points: H[] } }
/** Paths start in `payload`. */
export function fromQdrant<H extends QdrantPoint = QdrantPoint>(mapping?: Mapping<H>): Adapter<QdrantAnswer<H>, HitCandidate<H>>;

export interface VespaHit { id: string; relevance?: number; fields?: Record<string, unknown> }
export interface VespaAnswer<H = VespaHit> { root: { children?: H[] } }
/** Paths start in `fields`. Children without `fields` (groupings) are no hits: they stay, behind the hits. */
export function fromVespa<H extends VespaHit = VespaHit>(mapping?: Mapping<H>): Adapter<VespaAnswer<H>, HitCandidate<H>>;

export interface MetarankItem { item: string; score: number }
export interface MetarankAnswer<H = MetarankItem> { items: H[] }
/** An answer holds ids and scores alone; paths start in what `lookup(id)` gives. */
export function fromMetarank<H extends MetarankItem = MetarankItem>(
  mapping?: Mapping<H> & { lookup?: (id: string) => unknown },
): Adapter<MetarankAnswer<H>, HitCandidate<H>>;

/**
 * An array, or an object that holds one at the path `list`. Default: `"items"`. Without a mapping the items
 * are candidates already and go through as they are.
 */
export function fromArray<C extends Candidate = Candidate>(mapping?: { list?: string }): Adapter<unknown, C>;
export function fromArray<H extends object>(mapping: Mapping<H> & { list?: string }): Adapter<unknown, HitCandidate<H>>;
