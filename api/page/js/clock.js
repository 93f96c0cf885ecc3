// The server's clock, by the `Date` of its answers: the viewer's own may be wrong.
const TOLERANCE_MS = 1500; // `Date` is whole seconds, and answers take a while

export class Clock {
  #offsetMs = 0;

  now() {
    return Date.now() + this.#offsetMs;
  }

  // An answer said this, which it had to say between the request and now.
  heard(dateMs) {
    if (Number.isNaN(dateMs)) return;
    const offsetMs = dateMs + 500 - Date.now();
    if (Math.abs(offsetMs - this.#offsetMs) > TOLERANCE_MS) this.#offsetMs = offsetMs;
  }
}
