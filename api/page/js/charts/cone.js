// A cone: the past's bands, the fan over them, today's path, and what stands over the canvas.
import { html, sentence, svg } from "../dom.js";
import { dots, endLabels, thresholdLabel } from "./endings.js";
import { Plot, roundTicks } from "./plot.js";

const PADDING = [26, 118, 22, 34];
const TICKS = 5;
const PAST = [1, 5]; // series of the past, of the forecast, and today's two
const MEDIAN_OF_FAN = 10;
const HALO = 11;
const LATE = 0.36; // of the session, before which there is no room for words left of now
const TEXT = 12; // a line's half height and its distance

const line = (colour, width, extra = {}) => ({
  stroke: (u) => colour(u.ink),
  width,
  spanGaps: true,
  points: { show: false },
  ...extra,
});

export class Cone {
  #model;
  #drawn;

  // `told` gives what the panel knows besides, {reading, shown}; `placed` is called when texts were.
  constructor(element, told, placed) {
    this.told = told;
    this.placed = placed;
    const ink = (colour) => ({ stroke: () => colour(this.plot?.ink ?? {}) });
    const series = (colour, width) => ({ ...line(() => "", width), ...ink(colour) });
    const quantiles = (edge, half, median, width) => [
      series(edge, width[0]), series(half, 0), series(half, 0), series(edge, width[0]), series(median, width[1]),
    ];
    const band = (upper, lower, colour) => ({ series: [upper, lower], fill: () => colour(this.plot?.ink ?? {}) });
    this.plot = new Plot(element, {
      padding: PADDING,
      series: [
        {},
        ...quantiles((c) => c.ul, (c) => c.ul, (c) => c.ul, [0.8, 1.4]),
        ...quantiles((c) => c.fc, (c) => c.fc, (c) => c.fc, [1, 1.8]),
        series((c) => c.bg, 5),
        series((c) => c.today, 2.25),
      ],
      scales: { x: { time: false, range: () => [0, this.#model?.hours ?? 24] }, y: { range: () => [0, this.#model?.top ?? 1] } },
      bands: [
        band(1, 4, (c) => c.u1),
        band(2, 3, (c) => c.u2),
        band(6, 9, (c) => c.f1),
        band(7, 8, (c) => c.f2),
      ],
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
    if (at !== PAST[1] || !this.#model?.now) return;
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
        ({ at, text, short, minor }) => html`<span class=${minor ? "tick x minor" : "tick x"} data-x=${Math.round(plot.x(at))} data-y=${top + height}
          ><span class="wide">${text}</span><span class="narrow">${short}</span></span
        >`,
      )}
      ${model.now ? html`<span class="now" data-x=${this.#nowAt(plot)} data-y="6">${sentence(model.now.parts)}</span>` : ""}
      ${this.#names(plot)} ${endLabels(plot, model, threshold)} ${shown ? thresholdLabel(shown, threshold) : ""}
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

  // Words at the lines that they name: over the highest edge left of now, and at the median where today is far.
  #names(plot) {
    const { texts, now, hours, readings } = this.#model;
    const until = now && now.at > hours * LATE ? now.at : hours;
    const first = until - hours / 4;
    const over = readings.filter(({ at }) => at >= first && at <= until);
    const highest = Math.max(...over.map(({ points }) => points.at(-1)));
    const middle = this.#medianAt(until);
    const y = Math.max(plot.box.top + TEXT, plot.y(highest) - TEXT);
    return html`
      <span class="name left" data-x=${Math.round(plot.x(until)) - 6} data-y=${Math.round(y)}
        ><span class="wide">${texts.p90}</span><span class="narrow">${texts.short}</span></span
      >
      ${middle ? html`<span class="name" data-x=${Math.round(plot.x(middle.at))} data-y=${Math.round(plot.y(middle.points[2]) + middle.side * TEXT)}>${texts.median}</span>` : ""}
    `;
  }

  #medianAt(until) {
    const inside = this.#model.readings.filter(({ at }) => at >= 4 && at <= Math.max(6, until - 3));
    const distance = ({ points, today }) => (today === null ? 0 : Math.abs(points[2] - today));
    const best = inside.reduce((most, one) => (!most || distance(one) > distance(most) ? one : most), null);
    return best && { ...best, side: best.today !== null && best.points[2] > best.today ? -1 : 1 };
  }
}
