// Bands of forecasts with what came, on uPlot. Names at the axes are elements over the canvas.
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { followInk, inkOf } from "./ink.js";

const HEIGHT = 132;
const PADDING = [8, 8, 4, 34];
const MARK = 3.2; // half of a mark, CSS pixels

export class ForecastChart {
  #plot;
  #bars = [];
  #ticks = [];
  #at = null;

  constructor(element) {
    this.element = element;
    const size = () => ({ width: Math.max(200, element.clientWidth), height: HEIGHT });
    const options = {
      ...size(),
      padding: PADDING,
      legend: { show: false },
      cursor: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: { x: { time: false, range: (_, low, high) => [low - 0.7, high + 0.7] }, y: { range: () => this.#range() } },
      series: [{}, ...Array.from({ length: 4 }, () => ({ show: true, paths: () => null, points: { show: false } }))],
      hooks: { draw: [(plot) => this.#draw(plot)] },
    };
    this.#plot = new uPlot(options, [[0], [0], [0], [0], [null]], element);
    for (const canvas of element.querySelectorAll("canvas")) canvas.setAttribute("aria-hidden", "true");
    new ResizeObserver(() => this.#resized(size())).observe(element);
    followInk(() => this.#plot.redraw(false));
  }

  set({ bars, ticks }) {
    this.#bars = bars;
    this.#ticks = ticks;
    const column = (name) => bars.map((bar) => bar[name]);
    this.#plot.setData([bars.map((_, at) => at), column("low"), column("median"), column("high"), column("came")]);
    this.#name();
  }

  get data() {
    return this.#plot.data;
  }

  // The bar that lies at a pointer.
  under(clientX) {
    const { left } = this.#plot.over.getBoundingClientRect();
    const at = Math.round(this.#plot.posToVal(clientX - left, "x"));
    return Math.min(this.#bars.length - 1, Math.max(0, at));
  }

  // The bar that is read, or none.
  point(at) {
    this.#at = at;
    this.#plot.redraw(false);
  }

  #range() {
    return [0, (this.#ticks.most ?? 1) * 1.06];
  }

  #resized({ width, height }) {
    if (width === this.#plot.width) return;
    this.#plot.setSize({ width, height });
    this.#name();
  }

  // The values at the left are elements, so that they have the page's font and can be read.
  #name() {
    const names = this.#ticks.all.map(({ value, text }) => {
      const name = document.createElement("span");
      name.className = "tick";
      name.textContent = text;
      name.style.setProperty("--y", `${this.#plot.valToPos(value, "y")}px`);
      return name;
    });
    this.#plot.over.replaceChildren(...names);
  }

  #draw(plot) {
    const { fc, f2, ink, bg, today, grid, ul } = inkOf(this.element);
    const { ctx } = plot;
    const pixel = uPlot.pxRatio;
    const { left, width } = plot.bbox;
    const y = (value) => Math.round(plot.valToPos(value, "y", true));
    const x = (at) => plot.valToPos(at, "x", true);
    const half = Math.min(9 * pixel, (x(1) - x(0)) * 0.36);
    ctx.save();
    for (const { value } of this.#ticks.all ?? []) line(ctx, value === 0 ? ul : grid, pixel, [left, y(value)], [left + width, y(value)]);
    for (const [at, { low, median, high, came, inside, now, live }] of this.#bars.entries()) {
      const middle = x(at);
      if (at === this.#at) line(ctx, ul, pixel, [middle, plot.bbox.top], [middle, plot.bbox.top + plot.bbox.height]);
      ctx.fillStyle = f2;
      ctx.strokeStyle = fc;
      ctx.lineWidth = pixel;
      const box = [middle - half, y(high), 2 * half, y(low) - y(high)];
      if (live) ctx.fillRect(...box);
      else ctx.strokeRect(...box);
      line(ctx, fc, 2 * pixel, [middle - half, y(median)], [middle + half, y(median)]);
      if (came === null) continue;
      const mark = inside || now ? dot : cross;
      mark(ctx, now ? today : ink, bg, MARK * pixel, [middle, y(came)]);
    }
    ctx.restore();
  }
}

function line(ctx, colour, width, from, to) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

// In a ring of paper, so that it stands out from bar and median.
function dot(ctx, colour, paper, radius, [x, y]) {
  for (const [tone, size] of [
    [paper, radius * 1.4],
    [colour, radius],
  ]) {
    ctx.fillStyle = tone;
    ctx.beginPath();
    ctx.arc(x, y, size, 0, 2 * Math.PI);
    ctx.fill();
  }
}

function cross(ctx, colour, paper, radius, [x, y]) {
  for (const [tone, width] of [
    [paper, radius * 1.3],
    [colour, radius * 0.55],
  ]) {
    line(ctx, tone, width, [x - radius, y - radius], [x + radius, y + radius]);
    line(ctx, tone, width, [x - radius, y + radius], [x + radius, y - radius]);
  }
}
