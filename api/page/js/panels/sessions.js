// The history: the shown sessions, all of them in a strip with a brush, and their table.
import { History } from "../charts/history.js";
import { LEAST, Overview } from "../charts/overview.js";
import { Reading } from "../charts/reading.js";
import { html, readingLine, render, segments, slot } from "../dom.js";
import * as view from "../view/sessions.js";
import { SessionsTable } from "./sessions_table.js";

const ZOOM = { "+": 2 / 3, "=": 2 / 3, "-": 3 / 2, "−": 3 / 2 };

class SessionsPanel {
  id = "sessions";
  reads = ["live", "history"];
  asks = view.asks;
  view = view.sessions;
  #chart = null;
  #overview = null;
  #reading = null;
  #own = null; // the shown positions where they are no span
  #key = "";
  #table = new SessionsTable(() => this.#show());

  draw(model, element, act) {
    Object.assign(this, { model, element, act });
    const key = JSON.stringify([model.key[0], model.key[3], model.span]);
    if (key !== this.#key) this.#own = null; // other sessions, or another span
    this.#key = key;
    this.data = model.data();
    this.#controls();
    this.#show();
  }

  get shown() {
    return this.#own ?? view.spanOf(this.model.span, this.model);
  }

  #controls() {
    const { controls } = this.model;
    const group = (name) =>
      segments({ ...controls[name], name: `history-${name}` }, (value) => this.act.choose({ [name]: value }));
    const csv = html`<a class="button" download href=${this.model.csv.url(...this.shown)}>${this.model.csv.text}</a>`;
    render(html`${group("metric")} ${group("window")} ${group("shape")} ${csv}`, slot(this.element, "controls"));
  }

  #show() {
    const { model, element, shown } = this;
    const at = this.#reading?.at ?? null;
    render(this.#body(at === null ? [] : model.reading(at)), slot(element, "body"));
    if (!this.#chart) this.#make(element.querySelector(".chart"), element.querySelector(".overview"));
    this.#chart.draw(model, this.data, shown);
    this.#overview.draw(model, this.data, shown);
  }

  #body(parts) {
    const { model, shown } = this;
    const span = { ...model.controls.span, chosen: this.#own ? null : model.span, name: "history-span" };
    return html`
      <div class="above">
        ${readingLine("sessions-reading", parts)} ${segments(span, (value) => this.#span(value))}
      </div>
      <div class="chart" tabindex="0" role="application" aria-roledescription=${model.role} aria-label=${model.label(...shown)}
        aria-describedby="sessions-reading" @keydown=${(event) => this.#zoom(event)}></div>
      <div class="overview"></div>
      ${this.#table.template(model, shown)}
    `;
  }

  #make(place, strip) {
    const from = () => this.shown[0];
    const chart = {
      range: () => ({ first: from(), count: this.shown[1] - from() + 1 }),
      begin: () => this.shown[1],
      nearest: (px) => this.#chart.nearest(px),
    };
    this.#reading = new Reading(place, chart, (at, byKey) => {
      this.element.querySelector(".reading").setAttribute("aria-live", byKey ? "polite" : "off");
      this.#show();
    });
    this.#chart = new History(place, () => this.#reading.at);
    this.#overview = new Overview(strip, (shown) => this.#choose(shown));
  }

  #span(value) {
    this.#own = null;
    this.#table.begin();
    if (value === this.model.span) this.#choose(null);
    else this.act.choose({ span: value });
  }

  #choose(shown) {
    this.#own = shown;
    this.#controls();
    this.#show();
  }

  // Nearer to what is read, or to the newest.
  #zoom(event) {
    if (!(event.key in ZOOM) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [from, to] = this.shown;
    const { total } = this.model;
    const size = Math.round(Math.min(total, Math.max(LEAST, (to - from + 1) * ZOOM[event.key])));
    const at = this.#reading.at ?? to;
    const first = Math.round(at - ((at - from) / Math.max(1, to - from)) * (size - 1));
    const begin = Math.max(0, Math.min(total - size, first));
    this.#choose([begin, begin + size - 1]);
  }
}

export const sessions = new SessionsPanel();
