// In: rows of the benchmark. Out: an SVG of the cost of a full rank() against N, both axes logarithmic.
// Must never draw a host or a size that was not measured.
const [WIDTH, HEIGHT, MARGIN] = [720, 440, 64];
const COLOURS = { ours: '#0a7d5a', peer: '#b3541e' };

/** One line a host and side, with its points and its name at the end. */
export function costSvg(rows, peerName) {
  const full = rows.filter((row) => row.case === 'rank_full');
  if (full.length === 0) return '';
  const times = full.flatMap((row) => [row.ours.median, row.peer?.median]).filter((ms) => ms > 0);
  const scale = (values, from, to) => {
    const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
    return (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from);
  };
  const x = scale(full.map((row) => row.n), MARGIN, WIDTH - 150);
  const y = scale(times, HEIGHT - MARGIN, MARGIN / 2);
  const text = (px, py, words, more = '') => `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" ${more}>${words}</text>`;
  const lines = [...new Set(full.map((row) => row.host))].flatMap((host) => Object.keys(COLOURS).map((side) => {
    const points = full.filter((row) => row.host === host && row[side]).map((row) => [x(row.n), y(row[side].median), row[side].median]);
    if (points.length === 0) return '';
    const name = `${side === 'ours' ? 'ranklet' : peerName}, ${host}`;
    const dash = host === 'node' ? '' : 'stroke-dasharray="5 4"';
    return `<polyline fill="none" stroke="${COLOURS[side]}" stroke-width="2" ${dash} points="${points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(' ')}"/>${
      points.map(([px, py, ms]) => `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3" fill="${COLOURS[side]}"><title>${name}: ${ms} ms</title></circle>`).join('')}${
      text(points.at(-1)[0] + 8, points.at(-1)[1] + 4, name, `fill="${COLOURS[side]}"`)}`;
  }));
  const sizes = [...new Set(full.map((row) => row.n))].map((n) => text(x(n), HEIGHT - MARGIN / 2, n.toLocaleString('en'), 'text-anchor="middle"'));
  const ticks = [0.1, 1, 10, 100, 1000].filter((ms) => ms >= Math.min(...times) && ms <= Math.max(...times))
    .map((ms) => `<line x1="${MARGIN}" x2="${WIDTH - 150}" y1="${y(ms)}" y2="${y(ms)}" stroke="#ddd"/>${text(MARGIN - 8, y(ms) + 4, `${ms} ms`, 'text-anchor="end"')}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>rank(): median milliseconds against the number of candidates</title>
${[...ticks, ...sizes, ...lines].join('\n')}
${text((WIDTH - 86) / 2, HEIGHT - 8, 'candidates', 'text-anchor="middle"')}
</svg>
`;
}
