// How good the odds were, in sentences and as a diagonal.
import { html, render, sentence, slot, svg, tableDetails } from "../dom.js";
import * as view from "../view/scorecard.js";

const SIDE = 200;

export const scorecard = {
  id: "scorecard",
  reads: ["scorecard"],
  asks: view.scorecardQuestion,
  view: view.scorecard,
  draw({ lines, method }, element, act) {
    const shown = html`
      <dl class="verdicts">
        ${lines.map(({ value, text }) => html`<div><dt>${sentence(value)}</dt><dd>${sentence(text)}</dd></div>`)}
      </dl>
      <p class="method"><button type="button" class="link" @click=${act.meanings}>${method}</button></p>
    `;
    render(shown, slot(element, "body"));
  },
};

const up = (share) => SIDE * (1 - share / 100);
const across = (share) => (SIDE * share) / 100;

// A dot for Vol, a hollow square for Range.
const point = ({ metric, x, y }) =>
  metric === "volatility"
    ? svg`<circle class="s-fc" data-metric=${metric} cx=${across(x)} cy=${up(y)} r="3.2"></circle>`
    : svg`<rect class="o-fc" data-metric=${metric} x=${across(x) - 3.2} y=${up(y) - 3.2} width="6.4" height="6.4"></rect>`;

const diagonal = ({ ticks, points, label }) => html`
  <svg class="diagonal" viewBox=${`-40 -8 ${SIDE + 66} ${SIDE + 32}`} role="img" aria-label=${label}>
    ${ticks.map(
      ({ at, text }) => svg`<line class="l-grid" x1="0" x2=${SIDE} y1=${up(at)} y2=${up(at)}></line>
        <text class="t-axis" x="-8" y=${up(at) + 4} text-anchor="end">${text}</text>
        <text class="t-axis" x=${across(at)} y=${SIDE + 18} text-anchor="middle">${text}</text>`,
    )}
    <line class="l-dotted" x1="0" y1=${SIDE} x2=${SIDE} y2="0"></line>
    ${points.map(point)}
  </svg>
`;

export const calibration = {
  id: "calibration",
  reads: ["scorecard"],
  asks: view.scorecardQuestion,
  view: view.calibration,
  draw(model, element) {
    render(html`${diagonal(model)} ${tableDetails(model.table)}`, slot(element, "body"));
  },
};
