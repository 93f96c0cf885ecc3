// Reads a chart by pointer and arrow keys: which of its points is under the cursor.
const KEYS = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => -Infinity,
  End: () => Infinity,
  Escape: () => null,
};

export class Reading {
  at = null;

  // `chart` gives range() as {first, count}, begin(), nearest(px within the element); `tell` is called when the point changed.
  constructor(element, chart, tell) {
    this.chart = chart;
    this.tell = tell;
    element.addEventListener("pointermove", (event) => this.#point(element, event));
    element.addEventListener("pointerdown", (event) => this.#point(element, event));
    element.addEventListener("pointerleave", () => element.matches(":focus-visible") || this.#move(null));
    element.addEventListener("blur", () => this.#move(null));
    element.addEventListener("keydown", (event) => {
      const own = event.target === element && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!own || !(event.key in KEYS)) return;
      event.preventDefault();
      event.stopPropagation();
      const from = this.at ?? this.chart.begin();
      this.#move(this.at === null && event.key.startsWith("Arrow") ? from : KEYS[event.key](from), true);
    });
  }

  #point(element, event) {
    if (event.target.closest("[role=slider]")) return;
    this.#move(this.chart.nearest(event.clientX - element.getBoundingClientRect().left));
  }

  #move(at, byKey = false) {
    const { first = 0, count } = this.chart.range();
    const kept = at === null || count === 0 ? null : Math.max(first, Math.min(first + count - 1, at));
    if (kept === this.at) return;
    this.at = kept;
    this.tell(kept, byKey);
  }
}
