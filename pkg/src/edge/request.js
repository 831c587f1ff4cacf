// In: a request. Out: the visitor's profile that it brings: in a POST's JSON body or in a header.
// For pages that keep the profile themselves: the server stores nothing.
// Must never trust it: sizes are bounded before it is parsed, and errors carry a code and a status.
import { EdgeFault } from './faults.js';
import { LIMITS } from './limits.js';
import { readText } from './origin.js';

export const PROFILE_HEADER = 'x-ranklet-profile';

/** @type {typeof import('../../edge.js').requestProfile} */
export function requestProfile({ header = PROFILE_HEADER } = {}) {
  return {
    async read(request, env, { limits }) {
      const text = request.method === 'POST'
        ? await bodyText(request, 'profile/too-large', limits)
        : headerText(request.headers.get(header) ?? '', header, limits);
      if (text === '') return null;
      const sent = parsed(text, 'profile');
      const profile = request.method === 'POST' ? sent?.profile : sent?.profile ?? sent;
      return { events: eventsOf(profile, 'profile', limits) };
    },
    hide: (headers) => headers.delete(header),
  };
}

export async function bodyText(request, code, /** @type {import('../../edge.js').EdgeLimits} */ limits = LIMITS) {
  if (request.body === null) return '';
  return readText(request.body, limits.bodyBytes, code, 413);
}

export function parsed(text, what) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EdgeFault(`${what}/not-json`, 400, `The ${what} is not JSON.`, cause, what);
  }
}

/** The list of events in `{ events: […] }`. */
export function eventsOf(sent, what, limits) {
  const events = sent?.events ?? [];
  if (sent === null || typeof sent !== 'object' || !Array.isArray(events)) {
    throw new EdgeFault(`${what}/shape`, 400, `The ${what} is not an object with a list of events.`, undefined, `${what}.events`);
  }
  if (events.length > limits.events) {
    throw new EdgeFault(`${what}/too-large`, 413, `At most ${limits.events} events are taken at a time.`, undefined, `${what}.events`);
  }
  return events;
}

function headerText(value, header, limits) {
  if (value.length > limits.headerChars) throw new EdgeFault('profile/too-large', 413, `The header has more than ${limits.headerChars} characters.`, undefined, header);
  const bytes = fromBase64Url(value);
  if (bytes === null) throw new EdgeFault('profile/not-base64', 400, 'The header is not base64url.', undefined, header);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new EdgeFault('profile/not-utf8', 400, 'The header is not UTF-8.', cause, header);
  }
}

/** Bytes, or null. */
export function fromBase64Url(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

export function toBase64Url(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
