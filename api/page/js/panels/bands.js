// The bands of state and of simulated candles; what got worse is told once.
import { html, render, slot } from "../dom.js";
import * as view from "../view/bands.js";
import { isOld } from "../view/state.js";

const AWAY_MS = 15_000;
let told = 0;

const band = ({ tone, mark, bold, text, button }, again, act) => html`
  <div class="band ${tone}">
    <i aria-hidden="true">${mark}</i>
    <span><b>${bold}</b> ${text}</span>
    ${button ? html`<button type="button" @click=${act.now}>${again}</button>` : ""}
  </div>
`;

export const bands = {
  id: "bands",
  reads: ["connection", "clock"],
  may: ["live", "quality"],
  asks: (choices, { live }) => (view.isAway(live) ? { quality: { url: "quality", every: AWAY_MS } } : {}),
  view: view.bands,
  draw({ bands: all, again, state, worse }, element, act) {
    document.documentElement.toggleAttribute("data-old", isOld(state));
    render(
      all.map((one) => band(one, again, act)),
      slot(element, "body"),
    );
    if (worse > told) document.getElementById("alert").textContent = all.find((one) => one.state)?.bold ?? "";
    told = worse;
  },
};
