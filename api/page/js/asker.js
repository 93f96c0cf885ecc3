// The answers of closed sessions: asked when a panel that shows them comes near the screen, again when the session
// changes, six minutes after it opened, and every ten minutes if they are not the same (ETag).
import { Failure, ask } from "./net.js";
import { sessionOf } from "./view/session.js";
import { waitAfter } from "./poll.js";

const PERIOD_MS = 600_000;
const AGGREGATED_MS = 360_000; // after the open, when the jobs have stored the session before

export class Asker {
  #store;
  #clock;
  #asked = new Map(); // by name: what was asked when, its ETag, and when it is due after a failure

  constructor(store, clock) {
    this.#store = store;
    this.#clock = clock;
  }

  // A panel near the screen needs this answer: asks where it is not there, or is another's, or is due.
  need(name, { url, every = PERIOD_MS }) {
    const known = this.#asked.get(name);
    const sessionMs = sessionOf(this.#store.answers.live)?.openMs ?? null;
    const now = this.#clock.now();
    const stored = sessionMs !== null && now >= sessionMs + AGGREGATED_MS;
    if (known?.url === url) {
      if (known.asking) return;
      if (known.sessionMs === null) Object.assign(known, { sessionMs, stored }); // asked before the session was known
      const due = known.failures ? known.due : known.at + every;
      if (known.sessionMs === sessionMs && known.stored === stored && now < due) return;
    }
    const { etag = null, failures = 0 } = known?.url === url ? known : {};
    this.#ask(name, { url, sessionMs, stored, at: now, failures, etag });
  }

  // The viewer asks again.
  again(name) {
    const known = this.#asked.get(name);
    if (known && !known.asking) this.#ask(name, { ...known, at: this.#clock.now() });
  }

  async #ask(name, question) {
    this.#asked.get(name)?.asking?.abort();
    const asking = new AbortController();
    const entry = { ...question, asking };
    this.#asked.set(name, entry);
    try {
      const { answer, etag, same } = await ask(question.url, { etag: question.etag, signal: asking.signal });
      if (asking.signal.aborted) return;
      Object.assign(entry, { etag: same ? entry.etag : etag, failures: 0 });
      if (!same) this.#store.answer(name, answer);
    } catch (failure) {
      if (asking.signal.aborted) return;
      if (!(failure instanceof Failure)) throw failure;
      entry.failures += 1;
      entry.due = this.#clock.now() + Math.max(waitAfter(entry.failures), failure.waitMs);
      if (!failure.away || !(name in this.#store.answers)) this.#store.fail(name, failure);
    } finally {
      entry.asking = null;
    }
  }
}
