// In: processes. Out: the CPU time that each has had so far, as the kernel counts it, in milliseconds.
// Asked from outside: what the process itself could say would be read from a clock that it may stop.
// Must never count another process's time; Linux only.
import { readFileSync, readdirSync } from 'node:fs';

/** The ids of this process's own children of that name. */
export function children(name) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      // "pid (name) state parent …"
      const [, comm, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').match(/^\d+ \((.*)\) \S (\d+)/s);
      return comm === name && Number(parent) === process.pid;
    } catch {
      return false; // ended meanwhile
    }
  }).map(Number);
}

/** CPU milliseconds of all threads that a process has now, in nanosecond steps. A thread that ended takes its own along. */
export function cpuMs(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch { /* it ended meanwhile */ }
  }
  return nanoseconds / 1e6;
}
