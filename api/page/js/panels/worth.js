// What a straddle is worth now, and whether this can be trusted.
import { html, number, render, rows, slot } from "../dom.js";
import * as view from "../view/worth.js";
import { closedUrl } from "../view/question.js";

export const worth = {
  id: "worth",
  reads: ["live"],
  view: view.worth,
  draw(model, element) {
    const shown = () => html`
      <div class="fc"><div class="figure">${number(model.fair)} <span class="pct">${number(model.pct)}</span></div></div>
      <p class="under">${model.under}</p>
      ${rows(model.lines)}
    `;
    render(model.none ? html`<p class="missing">${model.none}</p>` : shown(), slot(element, "body"));
  },
};

export const trust = {
  id: "trust",
  reads: ["live", "clock"],
  may: ["quality", "scorecard"],
  asks: (choices) => ({ quality: { url: "quality" }, scorecard: { url: closedUrl("scorecard", choices) } }),
  view: view.trust,
  draw: ({ lines }, element) => render(rows(lines), slot(element, "body")),
};
