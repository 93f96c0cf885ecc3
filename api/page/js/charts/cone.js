// A cone: the past's bands, the fan over them, today's path, and what stands over the canvas.
import { html, sentence, svg } from "../dom.js";
import { dots, thresholdLabel } from "./endings.js";
import { names } from "./names.js";
import { Plot, roundTicks } from "./plot.js";

const PADDING = [26, 118, 22, 34];
const TICKS = 5;
const LAST_OF_PAST = 5; // the series: five of the past, five of the forecast, today's two

export class Cone {
  #model;
  #drawn;

  // `told` gives what the panel knows besides, {reading, shown}; `placed` is called when texts were.
  constructor(element, told, placed) {
    this.told = told;
    this.placed = placed;
    const ink = (name) => () => this.plot?.ink[name] ?? "";
    const series = (name, width) => ({ stroke: ink(name), width, spanGaps: true, points: { show: false } });
    const quantiles = (name, edge, median) => [edge, 0, 0, edge, median].map((width) => series(name, width));
    const band = (upper, lower, name) => ({ series: [upper, lower], fill: ink(name) });
    this.plot = new Plot(element, {
      padding: PADDING,
      series: [
        {},
        ...quantiles("ul", 0.8, 1.4),
        ...quantiles("fc", 1, 1.8),
        series("bg", 5),
        series("today", 2.25),
      ],
      scales: {
        x: { time: false, range: () => [0, this.#model?.hours ?? 24] },
        y: { range: () => [0, this.#model?.top ?? 1] },
      },
      bands: [band(1, 4, "u1"), band(2, 3, "u2"), band(6, 9, "f1"), band(7, 8, "f2")],
      hooks: {
        before: (plot) => this.#grid(plot),
        series: (plot, at) => this.#pale(plot, at),
        label: (plot) => this.#model && this.#labels(plot),
      },
    });
  }

  get u() {
    return this.plot.u;
  }

  draw(model) {
    this.#model = model;
    const drawn = JSON.stringify([model.data, model.top, model.hours, model.now]);
    if (drawn === this.#drawn) return this.plot.label();
    this.#drawn = drawn;
    this.plot.set([...model.data, model.data.at(-1)]); // today twice: its halo, and itself
  }

  // The hour nearest to a place.
  nearest(px) {
    const hour = this.u.posToVal(px - this.plot.box.left, "x");
    const distances = this.#model.readings.map(({ at }) => Math.abs(at - hour));
    return distances.indexOf(Math.min(...distances));
  }

  // The percent at a place.
  percentAt(clientY) {
    return this.u.posToVal(clientY - this.u.over.getBoundingClientRect().top, "y");
  }

  #ticks() {
    return roundTicks(0, this.#model.top, TICKS);
  }

  #grid(plot) {
    if (this.#model) plot.grid(this.#ticks().values, "y", plot.ink.grid);
  }

  // The past is paler after now.
  #pale(plot, at) {
    if (at !== LAST_OF_PAST || !this.#model?.now) return;
    const { ctx, bbox } = plot.u;
    const from = plot.u.valToPos(this.#model.now.at, "x", true);
    ctx.save();
    ctx.globalAlpha = 0.42;
    ctx.fillStyle = plot.ink.bg;
    ctx.fillRect(from, bbox.top, bbox.left + bbox.width - from, bbox.height);
    ctx.restore();
  }

  #labels(plot) {
    const { shown, reading } = this.told();
    const model = this.#model;
    const { left, top, width, height, all } = plot.box;
    const end = left + width;
    const threshold = shown ? Math.max(top, plot.y(shown.pct)) : null;
    const { values, digits } = this.#ticks();
    this.placed(threshold);
    return html`
      <svg class="marks" width=${all} height=${top + height} aria-hidden="true">
        <line class="l-end" x1=${end} x2=${end} y1=${top} y2=${top + height}></line>
        <line class="l-axis" x1=${left} x2=${end} y1=${top + height} y2=${top + height}></line>
        ${model.now ? this.#now(plot) : ""} ${reading === null ? "" : this.#hairline(plot, model.readings[reading])}
        ${dots(plot, model, shown)}
        ${threshold === null ? "" : svg`<line class="l-ask" x1=${left} x2=${all} y1=${threshold} y2=${threshold}></line>`}
      </svg>
      ${values.map((value) => html`<span class="tick y" data-y=${Math.round(plot.y(value))}>${model.tick(value, digits)}</span>`)}
      ${model.ticks.map(
        ({ at, text, short, minor }) => html`<span class=${minor ? "tick x minor" : "tick x"}
          data-x=${Math.round(plot.x(at))} data-y=${top + height}
          ><span class="wide">${text}</span><span class="narrow">${short}</span></span
        >`,
      )}
      ${model.now ? html`<span class="now" data-x=${this.#nowAt(plot)} data-y="6">${sentence(model.now.parts)}</span>` : ""}
      ${names(plot, model, threshold)} ${shown ? thresholdLabel(shown, threshold) : ""}
    `;
  }

  // Kept within the chart.
  #nowAt(plot) {
    const { left, all } = plot.box;
    return Math.round(Math.max(left + 24, Math.min(all - 54, plot.x(this.#model.now.at))));
  }

  #now(plot) {
    const { top, height } = plot.box;
    const [x, y] = [plot.x(this.#model.now.at), plot.y(this.#model.now.y)];
    return svg`<line class="l-now" x1=${x} x2=${x} y1=${top - 4} y2=${top + height}></line>
      <circle class="now-dot" cx=${x} cy=${y} r="5"></circle>`;
  }

  #hairline(plot, { at, points, today }) {
    const { top, height } = plot.box;
    const x = plot.x(at);
    return svg`<line class="l-read" x1=${x} x2=${x} y1=${top} y2=${top + height}></line>
      ${points.map((point) => svg`<circle class="read-dot" cx=${x} cy=${plot.y(point)} r="3"></circle>`)}
      ${today === null ? "" : svg`<circle class="now-dot" cx=${x} cy=${plot.y(today)} r="5"></circle>`}`;
  }
}
