// In: a request. Out: the events of the visitor's profile, an empty list if there is none.
// The profile comes as the JSON body of a POST, or base64url in the header `x-ranklet-profile`.
// Must never trust it: sizes are bounded before it is parsed, and errors carry a code.
import { RankletError } from 'ranklet';

/** Bytes of a profile in a body, characters of one in a header. */
const BODY_BYTES = 64 << 10;
const HEADER_CHARS = 12 << 10;
/** Events; a session keeps no more. */
const EVENTS = 256;

export async function readProfile(request) {
  const text = await profileText(request);
  if (text === '') return [];
  let sent;
  try {
    sent = JSON.parse(text);
  } catch (cause) {
    throw new RankletError('profile/not-json', 'profile', 'The profile is not JSON.', cause);
  }
  const profile = request.method === 'POST' ? sent?.profile : sent?.profile ?? sent;
  const events = profile?.events ?? [];
  if (profile === null || typeof profile !== 'object' || !Array.isArray(events)) {
    throw new RankletError('profile/shape', 'profile.events', 'The profile holds no list of events.');
  }
  if (events.length > EVENTS) {
    throw new RankletError('profile/too-large', 'profile.events', `A profile has at most ${EVENTS} events.`);
  }
  return events;
}

async function profileText(request) {
  if (request.method === 'POST') {
    const bytes = await bounded(request);
    return decode(bytes);
  }
  const header = request.headers.get('x-ranklet-profile') ?? '';
  if (header.length > HEADER_CHARS) throw tooLarge();
  let binary;
  try {
    binary = atob(header.replaceAll('-', '+').replaceAll('_', '/'));
  } catch (cause) {
    throw new RankletError('profile/not-base64', 'x-ranklet-profile', 'The header is not base64url.', cause);
  }
  return decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}

function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RankletError('profile/not-utf8', 'profile', 'The profile is not UTF-8.', cause);
  }
}

async function bounded(request) {
  const chunks = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > BODY_BYTES) {
      reader.cancel().catch(() => {});
      throw tooLarge();
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function tooLarge() {
  return new RankletError('profile/too-large', 'profile', 'The profile is too large.');
}
