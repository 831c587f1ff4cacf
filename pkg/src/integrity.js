// In: bytes and a Subresource Integrity string. Out: nothing if they agree, else a coded error.
// As the SRI standard has it: of several hashes only those of the strongest algorithm count, and one must match.
// Must never pass what it could not check.
import { RankletError } from './errors.js';

const STRENGTH = ['sha256', 'sha384', 'sha512'];

/** Throws `load/bad-option` unless `integrity` is such a string; gives its strongest hashes. */
export function parseIntegrity(integrity) {
  const all = typeof integrity === 'string'
    ? [...integrity.matchAll(/(?:^|\s)(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(?=\?|\s|$)/g)].map(([, name, hash]) => ({ name, hash }))
    : [];
  if (all.length === 0) {
    throw new RankletError('load/bad-option', 'options.integrity', 'Give the integrity as "sha256-…", "sha384-…" or "sha512-…" with the digest in base64, as in HTML.');
  }
  const best = Math.max(...all.map(({ name }) => STRENGTH.indexOf(name)));
  return all.filter(({ name }) => name === STRENGTH[best]);
}

export async function checkIntegrity(bytes, hashes, kind) {
  const { name } = hashes[0];
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) {
    throw new RankletError(`${kind}/integrity`, kind, 'The integrity cannot be checked: this page is not a secure context (https or localhost).');
  }
  const digest = new Uint8Array(await subtle.digest(name.replace('sha', 'SHA-'), bytes));
  const found = btoa(String.fromCharCode(...digest));
  if (!hashes.some(({ hash }) => hash === found)) {
    throw new RankletError(`${kind}/integrity`, kind, `The ${kind} is not the one expected: its hash is ${name}-${found}.`);
  }
}
