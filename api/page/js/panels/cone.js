// The two cones with their threshold: dragged, moved by keys, or typed.
import { Cone } from "../charts/cone.js";
import { Reading } from "../charts/reading.js";
import { slides } from "../charts/slider.js";
import { html, readingLine, render, segments, slot, tableDetails } from "../dom.js";
import * as view from "../view/cone.js";
import { choiceOf, toStep } from "../view/thresholds.js";

const LARGE = 10; // steps of Page up and down

class ConePanel {
  #chart = null;
  #reading = null;
  #draft = null; // a threshold on its way
  #busy = false; // the handle or the field is being used

  constructor(id, metric) {
    Object.assign(this, { id, metric, reads: ["live", "cone"], asks: view.asks, view: view.coneOf(metric) });
  }

  draw(model, element, act) {
    Object.assign(this, { model, element, act });
    if (model.ask?.own === this.#draft) this.#draft = null;
    this.#show();
  }

  // The threshold that is shown: one on its way, or the chosen one.
  get shown() {
    const { ask } = this.model;
    if (!ask) return null;
    return this.#draft === null ? ask.shown : ask.at(this.#draft);
  }

  #show() {
    const { model, element } = this;
    const line = this.#chart && this.#reading.at !== null ? model.readings[this.#reading.at]?.parts : null;
    render(this.#body(line ?? (this.#busy && this.shown ? this.shown.parts : [])), slot(element, "body"));
    if (!this.#chart) this.#make(element.querySelector(".chart"));
    this.#chart.draw(model);
  }

  #body(parts) {
    const { id, model, shown } = this;
    const { ask, lookback } = model;
    return html`
      ${readingLine(`${id}-reading`, parts)}
      <div class="chart" tabindex="0" role="application" aria-roledescription=${model.role} aria-label=${model.label}
        aria-describedby=${`${id}-reading`}></div>
      <div class="under">
        ${ask ? this.#field(ask, shown) : ""}
        ${segments({ ...lookback, name: `${id}-lookback` }, (value) => this.act.choose({ lookback: value }))}
      </div>
      ${tableDetails(model.table)}
    `;
  }

  #field(ask, shown) {
    const settle = ({ target }) => {
      const value = Number(target.value);
      if (value > 0) this.#settle(value);
      else target.value = shown?.amount ?? "";
    };
    const value = String(shown?.amount ?? "");
    return html`<label class="field ask-field"
      ><span>${ask.title}</span
      ><input type="number" inputmode="decimal" min="0" step=${ask.step} aria-label=${ask.field} .value=${value} @change=${settle}
    /></label>`;
  }

  #make(place) {
    this.#reading = new Reading(
      place,
      {
        range: () => ({ count: this.model.readings.length }),
        begin: () => this.#begin(),
        nearest: (px) => this.#chart.nearest(px),
      },
      (at, byKey) => {
        this.element.querySelector(".reading").setAttribute("aria-live", byKey ? "polite" : "off");
        this.#show();
      },
    );
    this.#chart = new Cone(place, () => ({ shown: this.shown, reading: this.#reading.at }), (y) => this.#handle(y));
    this.handle = document.createElement("div");
    Object.assign(this.handle, { className: "handle", tabIndex: 0, role: "slider", hidden: true });
    this.handle.setAttribute("aria-orientation", "vertical");
    const hit = document.createElement("span"); // what a finger needs is larger than what is seen
    hit.className = "hit";
    this.handle.append(hit);
    place.append(this.handle);
    slides(this.handle, {
      value: () => this.shown.amount,
      limits: () => [this.model.ask.step, this.#most()],
      steps: () => ({ small: this.model.ask.step, large: this.model.ask.step * LARGE }),
      at: (event) => toStep(this.#chart.percentAt(event.clientY) / this.model.ask.percentOfOne, this.model.ask.step),
      moved: (value) => this.#move(value),
      settled: () => this.#settle(this.#draft),
    });
    this.handle.addEventListener("focus", () => this.#use(true));
    this.handle.addEventListener("blur", () => this.#use(false));
  }

  // Today's newest hour.
  #begin() {
    const passed = this.model.readings.filter(({ today }) => today !== null).length;
    return Math.max(0, passed - 1);
  }

  #most() {
    const { top, ask } = this.model;
    return toStep(Math.max(top / ask.percentOfOne, this.shown.amount), ask.step);
  }

  #use(busy) {
    this.#busy = busy;
    this.#show();
  }

  #move(value) {
    this.#draft = value;
    this.#show();
  }

  #settle(value) {
    if (value === null) return;
    this.#draft = value === this.model.ask.own ? null : value;
    this.#show();
    if (this.#draft !== null) this.act.choose(choiceOf(this.metric, value));
  }

  #handle(y) {
    const { shown, handle, model } = this;
    handle.hidden = !shown;
    if (!shown) return;
    handle.style.setProperty("--y", `${Math.round(y)}px`);
    const values = {
      valuemin: model.ask.step,
      valuemax: this.#most(),
      valuenow: shown.amount,
      valuetext: shown.spoken,
      label: model.ask.label,
    };
    for (const [name, value] of Object.entries(values)) handle.setAttribute(`aria-${name}`, value);
  }
}

export const coneVol = new ConePanel("cone-vol", "volatility");
export const coneRange = new ConePanel("cone-range", "range");
