// In: a media element. Out: the fraction of it that was played, 0 to 1.
// `played` holds each stretch once: what was watched twice, or jumped over, does not count.
// Must never answer NaN: a stream without an end has no fraction.

export function watched({ played, duration }) {
  if (!(duration > 0 && duration < Infinity)) return 0;
  let seconds = 0;
  for (let i = 0; i < played.length; i += 1) seconds += played.end(i) - played.start(i);
  return Math.min(1, seconds / duration);
}
