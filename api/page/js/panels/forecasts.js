// Forecasts at the open beside what came: read by pointer or arrows in a line under the title.
import { html, render, segments, sentence, slot, tableDetails } from "../dom.js";
import { forecastQuestion } from "../view/estimators.js";
import { forecasts as view } from "../view/forecasts.js";

const READING = "forecasts-reading";

let chart = null;
let loading = null; // uPlot is heavy and comes with the first drawing
let model = null;
let at = null; // the bar that is read; nothing is the newest

const newest = () => model.reads.length - 1;

function point(element, next) {
  at = next;
  chart?.point(at);
  render(sentence(model.reads[at ?? newest()]), element.querySelector(".said"));
}

const KEYS = {
  ArrowLeft: () => Math.max(0, (at ?? newest() + 1) - 1),
  ArrowRight: () => Math.min(newest(), (at ?? newest() - 1) + 1),
  Home: () => 0,
  End: () => newest(),
  Escape: () => null,
};

function pressed(event, element) {
  if (!(event.key in KEYS)) return;
  event.preventDefault();
  point(element, KEYS[event.key]());
}

export const forecasts = {
  id: "forecasts",
  reads: ["live", "forecast", "connection", "clock"],
  asks: forecastQuestion,
  view,
  draw(given, element, act) {
    model = given;
    if (at !== null) at = Math.min(at, newest());
    render(segments({ ...model.choice, name: "forecast" }, (value) => act.choose({ forecast: value })), slot(element, "controls"));
    const body = slot(element, "body");
    const pointed = ({ clientX }) => chart && point(element, chart.under(clientX));
    render(
      html`<div id=${READING} class="said-line"><p class="reading said" aria-live="off"></p></div>
        <div class="chart" role="application" tabindex="0" aria-roledescription=${model.role} aria-label=${model.spoken} aria-describedby=${READING}
          @keydown=${(event) => pressed(event, element)} @pointermove=${pointed} @pointerdown=${pointed} @pointerleave=${() => point(element, null)}></div>
        <div class="ends"><span>${model.first}</span><span class=${model.last.now ? "today" : ""}>${model.last.text}</span></div>
        ${tableDetails(model.table)}`,
      body,
    );
    chart?.set(model);
    point(element, at);
    loading ??= import("../charts/forecasts.js").then(({ ForecastChart }) => {
      chart = new ForecastChart(body.querySelector(".chart"));
      chart.set(model);
      chart.point(at);
    });
  },
};
