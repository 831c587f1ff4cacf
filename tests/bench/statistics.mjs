// In: milliseconds. Out: median, 99th percentile, ratio over pairs.

/** The value below which a share of the sorted values lies (nearest rank). */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(Math.ceil(share * sorted.length), sorted.length) - 1 || 0];
}

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const summary = (ms) => ({ median: round(median(ms)), p99: round(quantile(ms, 0.99)) });

/** Median of ours / peer, pair by pair: both halves of a pair saw the same machine. */
export const ratio = (ours, peer) => round(median(ours.map((ms, i) => ms / peer[i])));

export const round = (value) => Number(value.toPrecision(4));

/**
 * Times two functions in turns, `runs` pairs after `warmup` unmeasured ones; who goes first alternates.
 * `prepare(i)` makes what both get, outside the clock.
 */
export async function interleave({ runs, warmup, prepare, ours, peer }) {
  const times = { ours: [], peer: [] };
  const clocked = async (which, run, input) => {
    const start = performance.now();
    await run(input);
    times[which].push(performance.now() - start);
  };
  for (let i = -warmup; i < runs; i += 1) {
    if (i === 0) times.ours.length = times.peer.length = 0;
    const input = await prepare(i);
    const turns = [['ours', ours], ['peer', peer]].filter(([, run]) => run);
    for (const [which, run] of i % 2 ? turns.reverse() : turns) await clocked(which, run, input);
  }
  return times;
}
