// In: bytes that arrived, or an engine's refusal to compile. Out: a coded error that names the cause and the remedy.
// Engines report a policy's refusal as prose, each in other words: the directive is read out of the message.
import { RankletError } from './errors.js';

/** Throws if `bytes` are plainly something else; `type` is what the server called them. */
export function checkContent(bytes, kind, type) {
  const start = firstText(bytes);
  // Neither ONNX nor wasm can begin with `<` or `{`, whatever white space comes first.
  if (bytes[start] === 0x3c) {
    throw new RankletError(`${kind}/html`, kind, `The server sent a page instead of the ${kind}: the address is wrong, or a fallback route answers for it.`);
  }
  const lfs = 'version https://git-lfs';
  if (String.fromCharCode(...bytes.subarray(0, lfs.length)) === lfs) {
    throw new RankletError(`${kind}/lfs-pointer`, kind, `This is a Git LFS pointer, not the ${kind}: run \`git lfs pull\` where it is deployed from.`);
  }
  if (bytes[start] === 0x7b || /^(text\/html|application\/json)\b/i.test(type ?? '')) {
    throw new RankletError(`${kind}/wrong-type`, kind, `The server sent ${type || 'JSON'} instead of the ${kind}: check its address; the type should be ${kind === 'wasm' ? 'application/wasm' : 'application/octet-stream'}.`);
  }
}

function firstText(bytes) {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < 64 && (bytes[at] === 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0d))) at += 1;
  return at;
}

/** What an engine's refusal to compile means. */
export function compileError(cause) {
  const said = String(cause?.message);
  if (/content.security.policy|unsafe-eval|\bcsp\b/i.test(said)) {
    const directive = said.match(/directive:? ["'“]?((?:script|default)-src)/i)?.[1] ?? 'script-src';
    return new RankletError('wasm/csp', 'wasm', `The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src (${directive} refused it).`, cause);
  }
  return new RankletError('wasm/compile', 'wasm', 'The wasm was refused. In workers that forbid compiling, import the .wasm statically and pass it as `wasm`.', cause);
}

/** Listens, while a fetch is under way, for the page's policy refusing it. */
export function watchPolicy(address) {
  if (typeof SecurityPolicyViolationEvent !== 'function') return null; // not a browser
  const wanted = new URL(address, globalThis.location?.href);
  /** @type {{ directive: string } | null} */
  let seen = null;
  const note = (event) => {
    // Browsers report the origin alone for a redirect's target, the whole address otherwise.
    if (event.disposition === 'enforce' && (event.blockedURI === wanted.origin || event.blockedURI.startsWith(wanted.href.split('#')[0]))) {
      seen = { directive: event.effectiveDirective };
    }
  };
  globalThis.addEventListener('securitypolicyviolation', note);
  return {
    /** The refusal, or null; the event comes a task after the fetch has failed. */
    violation: async () => {
      for (let i = 0; seen === null && i < 5; i += 1) await new Promise((done) => { setTimeout(done, i); });
      return seen;
    },
    stop: () => globalThis.removeEventListener('securitypolicyviolation', note),
  };
}
