// Asks /live while the tab is seen: every 5 s, one request at a time, with growing waits while it fails.
import { Failure, ask } from "./net.js";

const PERIOD_MS = 5000;
const WAITS_MS = [5000, 10_000, 20_000, 40_000, 60_000];
const JITTER = 0.2;

export function waitAfter(failures, random = Math.random()) {
  const wait = WAITS_MS[Math.min(failures, WAITS_MS.length) - 1];
  return wait * (1 + JITTER * (2 * random - 1));
}

export class Poll {
  #store;
  #clock;
  #question;
  #timer = null;
  #asking = null;
  #first;
  #connection;

  // `question` gives the address to ask; `first` is a request that began before the modules came: {url, answer}.
  constructor(store, clock, question, first) {
    this.#store = store;
    this.#clock = clock;
    this.#question = question;
    this.#first = first;
    this.#tell({ began: clock.now(), newest: null, failures: 0, next: null, trying: false, problem: null });
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  // Asks at once; one that is on its way is given up, since it may answer an older question.
  now() {
    this.#asking?.abort();
    clearTimeout(this.#timer);
    return this.#round();
  }

  #seen() {
    if (document.hidden) {
      clearTimeout(this.#timer);
      this.#asking?.abort();
    } else {
      this.now();
    }
  }

  async #round() {
    if (document.hidden) return;
    const began = Date.now();
    const asking = new AbortController();
    this.#asking = asking;
    this.#tell({ trying: true });
    const url = this.#question();
    const begun = this.#first?.url === url ? this.#first.answer : undefined;
    this.#first = undefined;
    try {
      const { answer, dateMs, version } = await ask(url, { signal: asking.signal, begun });
      if (asking.signal.aborted) return;
      this.#clock.heard(dateMs);
      const next = this.#later(Math.max(0, began + PERIOD_MS - Date.now()));
      this.#tell({ newest: this.#clock.now(), failures: 0, next, trying: false, problem: null });
      this.#store.answer("live", answer);
      this.#store.answer("version", version);
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.#failed(error);
    }
  }

  #failed(failure) {
    const failures = this.#connection.failures + 1;
    const { code, status, detail } = failure;
    const wait = code === "no_data" ? PERIOD_MS : Math.max(waitAfter(failures), failure.waitMs);
    this.#tell({ failures, next: this.#later(wait), trying: false, problem: { code, status, detail } });
  }

  #later(wait) {
    this.#timer = setTimeout(() => this.#round(), wait);
    return this.#clock.now() + wait;
  }

  #tell(changes) {
    this.#connection = { ...this.#connection, ...changes };
    this.#store.answer("connection", this.#connection);
  }
}
