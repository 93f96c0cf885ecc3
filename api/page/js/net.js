// One question to the API: its answer, or a failure with a code that the catalogue of words knows.
import { problemOf } from "./view/problem.js";

const TIME_OUT_MS = 8000;

export class Failure extends Error {
  constructor({ code, status, detail, waitMs = 0 }) {
    super(detail);
    Object.assign(this, { code, status, detail, waitMs });
  }

  // The service or its database is away: what is shown stays true, and it may come back by itself.
  get away() {
    return this.status === null || [429, 502, 503, 504].includes(this.status);
  }
}

// Gives {answer, etag, dateMs, version}, or {same: true} where the answer is the one that `etag` names.
// `begun` is a request that is already on its way. Raises Failure; AbortError where `signal` gave up.
export async function ask(url, { etag, signal, begun } = {}) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort("timeout"), TIME_OUT_MS);
  const stop = () => giveUp.abort("stopped");
  signal?.addEventListener("abort", stop);
  try {
    const response = await (begun ?? fetch(url, { signal: giveUp.signal, headers: etag ? { "If-None-Match": etag } : {} }));
    const dateMs = Date.parse(response.headers.get("Date"));
    if (response.status === 304) return { same: true, dateMs };
    if (!response.ok) throw await refused(response);
    const named = { etag: response.headers.get("ETag"), version: response.headers.get("Page-Version") };
    return { answer: await response.json(), dateMs, ...named };
  } catch (error) {
    const cutOff = error instanceof TypeError || error instanceof SyntaxError; // by fetch, and by half an answer
    if (signal?.aborted || !(giveUp.signal.aborted || cutOff)) throw error;
    const code = giveUp.signal.aborted ? "timeout" : "network";
    throw new Failure({ code, status: null, detail: code });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function refused(response) {
  const document = await response.json().catch(() => ({}));
  return new Failure({ ...problemOf(document, response.status), waitMs: waitMs(response.headers.get("Retry-After")) });
}

// Seconds, or an instant.
function waitMs(text) {
  if (!text) return 0;
  return /^\d+$/.test(text) ? Number(text) * 1000 : Math.max(0, Date.parse(text) - Date.now());
}
