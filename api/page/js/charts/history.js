// The shown sessions with one window's band, and what stands over the canvas.
import { html, sentence, svg } from "../dom.js";
import { COLUMN, drawBars, drawCandles } from "./bars.js";
import { Plot, roundTicks } from "./plot.js";

const NARROW = matchMedia("(max-width: 759px)");
const TICKS = 5;
const EDGE = 0.62; // room of a session left of the first and right of the last
const LABEL = 14;
const WINDOW = [3, 4, 5]; // the columns of the window: p90, p10, median
const nothing = { paths: () => null, points: { show: false } };

export class History {
  #model;
  #shown = [0, 1];
  #drawn = [];

  constructor(element, told) {
    this.told = told; // the position that is read, or null
    const ink = (name) => () => (this.#bars ? (this.plot?.ink[name] ?? "") : "transparent");
    const line = (colour, width, dash) => ({ stroke: ink(colour), width, dash, points: { show: false } });
    this.plot = new Plot(element, {
      padding: [10, () => (NARROW.matches ? 8 : 90), 22, 44],
      series: [
        {},
        nothing,
        nothing,
        line("ul", 1, [4, 2.5]),
        line("ul", 1, [4, 2.5]),
        line("bg", 4.5),
        ...["open", "high", "low", "close"].map(() => ({ ...nothing, scale: "price" })),
        line("ink", 1.8),
      ],
      scales: {
        x: { time: false, range: () => [this.#shown[0] - EDGE, this.#shown[1] + EDGE] },
        y: { range: () => [0, this.#top() * 1.06] },
        price: { range: () => this.#prices() },
      },
      bands: [{ series: [3, 4], fill: () => (this.#bars ? faint(this.plot.ink.u2) : "transparent") }],
      hooks: { before: (plot) => this.#paint(plot), label: (plot) => this.#model && this.#labels(plot) },
    });
  }

  get u() {
    return this.plot.u;
  }

  get #bars() {
    return this.#model?.shape !== "candles";
  }

  get #scale() {
    return this.#bars ? "y" : "price";
  }

  draw(model, data, shown) {
    const drawn = [data, ...shown, model.shape];
    const same = drawn.every((one, at) => one === this.#drawn[at]);
    this.#model = model;
    this.#shown = shown;
    this.#drawn = drawn;
    if (same) this.plot.label(); // a reading alone
    else this.plot.set([...data, data[WINDOW[2]]]); // the median twice: its halo, and itself
  }

  nearest(px) {
    return Math.round(this.u.posToVal(px - this.plot.box.left, "x"));
  }

  #most(columns, best, begin) {
    let found = begin;
    for (const column of columns) {
      for (let at = this.#shown[0]; at <= this.#shown[1]; at += 1) {
        const value = this.u.data[column][at];
        if (value !== null && value !== undefined) found = best(found, value);
      }
    }
    return found;
  }

  #top() {
    return this.#most([COLUMN.range, ...WINDOW], Math.max, 0) || 1;
  }

  #prices() {
    const low = this.#most([COLUMN.low], Math.min, Infinity);
    const high = this.#most([COLUMN.high], Math.max, -Infinity);
    if (!(high > low)) return [0, 1];
    const edge = (high - low) * 0.05;
    return [low - edge, high + edge];
  }

  #ticks() {
    const { min, max } = this.u.scales[this.#scale];
    return roundTicks(min, max, TICKS);
  }

  #paint(plot) {
    if (!this.#model) return;
    const { count, total, complete } = this.#model;
    const running = { today: total > count ? count : null, complete };
    plot.grid(this.#ticks().values, this.#scale, plot.ink.grid);
    if (this.#bars) drawBars(plot, this.#shown, running);
    else drawCandles(plot, this.#shown, running);
  }

  #labels(plot) {
    const model = this.#model;
    const { left, top, width, height, all } = plot.box;
    const [from, to] = this.#shown;
    const { values, digits } = this.#ticks();
    const at = this.told();
    const bottom = top + height;
    return html`
      <svg class="marks" width=${all} height=${bottom} aria-hidden="true">
        <line class="l-axis" x1=${left} x2=${left + width} y1=${bottom} y2=${bottom}></line>
        ${at === null ? "" : svg`<line class="l-read" x1=${plot.x(at)} x2=${plot.x(at)} y1=${top} y2=${bottom}></line>`}
      </svg>
      ${values.map((value) => html`<span class="tick y" data-y=${Math.round(plot.y(value, this.#scale))}>${model.tick(value, digits)}</span>`)}
      ${model.ticks(from, to).map(
        ({ at: place, text, minor }) =>
          html`<span class=${minor ? "tick x minor" : "tick x"} data-x=${Math.round(plot.x(place))} data-y=${bottom}
            >${text}</span
          >`,
      )}
      ${this.#bars ? this.#windowLabels(plot, model.labels(to), left + width + 8) : ""}
    `;
  }

  // From the top down, each under the one before.
  #windowLabels(plot, labels, x) {
    const bottom = plot.box.top + plot.box.height - LABEL / 2;
    const places = labels.map(({ y }) => plot.y(y));
    for (let at = 1; at < places.length; at += 1) places[at] = Math.max(places[at], places[at - 1] + LABEL);
    for (let at = places.length - 1; at >= 0; at -= 1) {
      places[at] = Math.min(places[at], (places[at + 1] ?? bottom + LABEL) - LABEL);
    }
    return labels.map(
      ({ parts, bold }, at) =>
        html`<span class=${bold ? "window bold" : "window"} data-x=${x} data-y=${Math.round(places[at])}
          >${sentence(parts)}</span
        >`,
    );
  }
}

// A colour of six digits, seen through.
const faint = (colour) => (/^#[\da-f]{6}$/i.test(colour) ? `${colour}73` : "transparent");
