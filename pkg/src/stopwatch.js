// In: a document. Out: the seconds in which it was shown since the start.
// Time in a hidden tab, or of a sleeping computer before it is shown again, is nobody's attention.
// Must never use the clock on the wall, which may be set while it runs.

export function stopwatch(doc) {
  let spent = 0;
  let since = doc.visibilityState === 'visible' ? performance.now() : null;
  const turn = () => {
    const now = performance.now();
    if (since !== null) spent += now - since;
    since = doc.visibilityState === 'visible' ? now : null;
  };
  doc.addEventListener('visibilitychange', turn);
  return {
    stop() {
      turn();
      since = null;
      doc.removeEventListener('visibilitychange', turn);
      return spent / 1000;
    },
  };
}
