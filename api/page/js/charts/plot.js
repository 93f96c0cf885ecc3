// A uPlot that is made once, fills its place, and is drawn anew when the colours change. Its texts are DOM in `over`.
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { render } from "../dom.js";
import { followInk, inkOf } from "./ink.js";

const STEPS = [1, 2, 2.5, 5, 10];

// Round values from 0 or `low` to `high`, about `count` of them, and how many decimals their step has.
export function roundTicks(low, high, count) {
  const rough = (high - low) / count;
  const zeros = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.map((one) => one * zeros).find((one) => one >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const length = Math.floor(high / step + 1e-9) - first + 1;
  const values = Array.from({ length }, (_, at) => Number(((first + at) * step).toPrecision(12)));
  const digits = Math.max(0, ...values.map((value) => (String(value).split(".")[1] ?? "").length));
  return { values, digits };
}

// Puts what carries data-x or data-y (px within the chart) in its place: no style is written into markup.
export function place(root) {
  for (const element of root.querySelectorAll("[data-x], [data-y]")) {
    for (const axis of ["x", "y"]) element.style.setProperty(`--${axis}`, `${element.dataset[axis] ?? 0}px`);
  }
}

export class Plot {
  // Of `hooks`, before, series and after draw on the canvas, before all series, after each and at the end; label gives
  // the DOM over it.
  constructor(element, { padding, series, scales, bands, hooks = {} }) {
    this.element = element;
    this.hooks = hooks;
    this.ink = inkOf(element);
    const hidden = { show: false };
    this.u = new uPlot(
      {
        ...this.#size(),
        padding,
        series,
        scales,
        bands,
        axes: [hidden, ...Object.keys(scales).slice(1).map((scale) => ({ ...hidden, scale }))],
        legend: hidden,
        cursor: { show: false },
        select: { show: false },
        hooks: {
          drawClear: [() => this.#clear()],
          drawSeries: hooks.series ? [(u, at) => hooks.series(this, at)] : [],
          draw: [() => hooks.after?.(this), () => this.label()],
        },
      },
      series.map(() => []),
      element,
    );
    this.u.root.setAttribute("aria-hidden", "true");
    element.uplot = this.u; // its numbers, for whoever looks from outside
    this.layer = document.createElement("div");
    this.layer.className = "over";
    element.append(this.layer);
    new ResizeObserver(() => this.#fit()).observe(element);
    followInk(() => this.u.redraw(false));
  }

  set(data) {
    this.u.setData(data);
  }

  // Draws the DOM over the canvas again.
  label() {
    if (!this.hooks.label || !this.layer) return;
    const { left, top, width, height } = this.u.over.getBoundingClientRect();
    if (width === 0) return; // uPlot has not laid it out yet: it draws once it has
    const box = this.element.getBoundingClientRect();
    this.box = { left: left - box.left, top: top - box.top, width, height, all: box.width };
    render(this.hooks.label(this), this.layer);
    place(this.layer);
  }

  // Px within the element.
  x(value) {
    return this.box.left + this.u.valToPos(value, "x");
  }

  y(value, scale = "y") {
    return this.box.top + this.u.valToPos(value, scale);
  }

  // Lines of the grid behind all series.
  grid(values, scale, colour) {
    const { ctx, bbox } = this.u;
    ctx.save();
    ctx.fillStyle = colour;
    for (const value of values) {
      ctx.fillRect(bbox.left, Math.round(this.u.valToPos(value, scale, true)), bbox.width, devicePixelRatio);
    }
    ctx.restore();
  }

  #clear() {
    this.ink = inkOf(this.element);
    this.hooks.before?.(this);
  }

  #size() {
    return { width: Math.max(1, this.element.clientWidth), height: Math.max(1, this.element.clientHeight) };
  }

  #fit() {
    const { width, height } = this.#size();
    if (width !== this.u.width || height !== this.u.height) this.u.setSize({ width, height });
  }
}

