// All history in a strip, with the part of it that is shown: a brush of two handles, moved by its body too.
import { html } from "../dom.js";
import { Plot } from "./plot.js";
import { slides } from "./slider.js";

const PAGE = 30;
export const LEAST = 7; // sessions between the handles

export class Overview {
  #model;
  #shown = [0, 1];
  #drawn = "";

  // `chosen` is called with [from, to].
  constructor(element, chosen) {
    this.chosen = chosen;
    const ink = (name) => () => this.plot?.ink[name] ?? "";
    this.plot = new Plot(element, {
      padding: [2, () => (matchMedia("(max-width: 759px)").matches ? 8 : 90), 20, 44],
      series: [
        {},
        { fill: ink("barr"), stroke: ink("barr"), width: 0.5, points: { show: false } },
        { stroke: ink("barv"), width: 0.8, points: { show: false } },
      ],
      scales: {
        x: { time: false, range: () => [0, Math.max(1, (this.#model?.total ?? 2) - 1)] },
        y: { range: (u, low, high) => [0, high || 1] },
      },
      hooks: { label: (plot) => this.#model && this.#labels(plot) },
    });
    this.brush = made("brush", element);
    this.handles = [0, 1].map((end) => this.#handle(end));
    this.#drags();
  }

  draw(model, data, shown) {
    this.#model = model;
    this.#shown = shown;
    const drawn = JSON.stringify([model.key, model.total]);
    if (drawn === this.#drawn) return this.plot.label();
    this.#drawn = drawn;
    this.plot.set(data.slice(0, 3));
  }

  #labels(plot) {
    this.#place(plot);
    const { top, height } = plot.box;
    return this.#model.years().map(
      ({ at, text, short }) => html`<span class="tick x" data-x=${Math.round(plot.x(at))} data-y=${top + height}
        ><span class="wide">${text}</span><span class="narrow">${short}</span></span
      >`,
    );
  }

  #place(plot) {
    const [from, to] = this.#shown;
    const { top, height } = plot.box;
    const sizes = { from: plot.x(from), to: plot.x(to), top, height, width: plot.element.clientWidth };
    for (const [name, value] of Object.entries(sizes)) plot.element.style.setProperty(`--${name}`, `${value}px`);
    this.handles.forEach((handle, end) => {
      const [low, high] = this.#limits(end);
      const { label, from: first, to: last } = this.#model.brush;
      const values = {
        valuemin: low,
        valuemax: high,
        valuenow: this.#shown[end],
        valuetext: this.#model.date(this.#shown[end]),
        label: `${label}: ${end === 0 ? first : last}`,
      };
      for (const [name, value] of Object.entries(values)) handle.setAttribute(`aria-${name}`, value);
    });
  }

  #limits(end) {
    const [from, to] = this.#shown;
    return end === 0 ? [0, to - LEAST + 1] : [from + LEAST - 1, this.#model.total - 1];
  }

  #handle(end) {
    const handle = made(`brush-handle ${end === 0 ? "first" : "last"}`, this.plot.element);
    Object.assign(handle, { tabIndex: 0, role: "slider" });
    handle.setAttribute("aria-orientation", "horizontal");
    slides(handle, {
      value: () => this.#shown[end],
      limits: () => this.#limits(end),
      steps: () => ({ small: 1, large: PAGE }),
      at: (event) => this.#at(event),
      moved: (value) => this.chosen(end === 0 ? [value, this.#shown[1]] : [this.#shown[0], value]),
      settled: () => {},
    });
    return handle;
  }

  #at(event) {
    return Math.round(this.plot.u.posToVal(event.clientX - this.plot.u.over.getBoundingClientRect().left, "x"));
  }

  // The body takes both ends along.
  #drags() {
    let held = null;
    this.brush.addEventListener("pointerdown", (event) => {
      held = { at: this.#at(event), shown: this.#shown };
      this.brush.setPointerCapture(event.pointerId);
    });
    this.brush.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [from, to] = held.shown;
      const by = Math.max(-from, Math.min(this.#model.total - 1 - to, this.#at(event) - held.at));
      this.chosen([from + by, to + by]);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.brush.addEventListener(end, () => {
        held = null;
      });
    }
  }
}

function made(name, parent) {
  const element = document.createElement("div");
  element.className = name;
  parent.append(element);
  return element;
}
