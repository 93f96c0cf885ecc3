// Realised volatility by estimator.
import { drawnTable } from "../charts/small.js";
import { html, render, slot } from "../dom.js";
import { estimators as view, forecastQuestion, volatilityQuestion } from "../view/estimators.js";

export const estimators = {
  id: "estimators",
  reads: ["volatility"],
  may: ["forecast", "quality"],
  asks: (choices) => ({ ...volatilityQuestion(choices), ...forecastQuestion(choices), quality: { url: "quality" } }),
  view,
  draw({ table }, element) {
    render(html`<div class="scroll" tabindex="0" role="group" aria-label=${table.caption}>${drawnTable(table)}</div>`, slot(element, "body"));
  },
};
