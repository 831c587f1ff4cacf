// In: a code and a status. Out: the JSON answer for a request that cannot be served.
// Below 500 the fault is the request's own; from 500 it is ours or the origin's.
// Must never say more of an inner error than its code.
import { RankletError } from '../errors.js';

export class EdgeFault extends RankletError {
  constructor(code, status, message, cause, path = '') {
    super(code, path, message, cause);
    this.status = status;
  }
}

export function fault({ code, path, status, message }, headers = {}) {
  return Response.json({ error: { code, path, message } }, {
    status,
    headers: { ...headers, 'cache-control': 'private, no-store', 'x-ranklet': `fault; ${code}` },
  });
}

/** The call's answer, or a fault once the time is over; the call gets a signal that says so. */
export async function withinMs(ms, code, call) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new EdgeFault(code, 504, `There was no answer within ${ms} ms.`));
      controller.abort();
    }, ms);
  });
  try {
    return await Promise.race([call(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
