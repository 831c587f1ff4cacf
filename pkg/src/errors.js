// In: a code, a path and a sentence. Out: `RankletError`, the one class that this package throws,
// and `Warnings`, what one answer carries of faults that it survived.
// Must never hold a caller's object.

/** `code` is stable; `path` says which part of the input it concerns. */
export class RankletError extends Error {
  constructor(code, path, message, cause) {
    super(`${message} (${code}${path ? ` at ${path}` : ''})`, cause === undefined ? undefined : { cause });
    this.name = 'RankletError';
    this.code = code;
    this.path = path;
  }
}

/**
 * Whether wasm reported this on purpose: a trap has no code, and the instance is lost.
 *
 * @returns {error is Error & { code: string, path?: string }}
 */
export function isReported(error) {
  return error instanceof Error && typeof /** @type {any} */ (error).code === 'string';
}

/** The same report as a `RankletError`; wasm's sentence already names code and place. */
export function fromWasm(error) {
  const own = new RankletError(error.code, error.path ?? '', error.message, error);
  own.message = error.message;
  return own;
}

/** Warnings of one answer; more than this are only counted. */
const MOST_WARNINGS = 20;

export class Warnings {
  #list = [];
  #dropped = 0;

  add(code, path, message) {
    if (this.#list.length < MOST_WARNINGS) this.#list.push({ code, path, message });
    else this.#dropped += 1;
  }

  /** A list of the caller's own: these, then `others` in the same shape. */
  with(others) {
    const all = [...this.#list, ...others].map(({ code, path, message }) => ({ code, path, message }));
    const dropped = this.#dropped + Math.max(0, all.length - MOST_WARNINGS);
    if (dropped > 0) {
      all.length = MOST_WARNINGS;
      all.push({ code: 'warnings/more', path: '', message: `${dropped} more warnings are not listed.` });
    }
    return all;
  }
}
