// The first three questions and the line of the price.
import { html, number, render, sentence, slot, svg, taken } from "../dom.js";
import * as view from "../view/figures.js";

const missing = (text) => html`<span class="missing">${text}</span>`;

function question(id, look, cell) {
  return {
    id,
    reads: ["live"],
    view: look,
    draw({ cells }, element) {
      for (const [metric, model] of Object.entries(cells)) {
        const place = taken(element.querySelector(`[data-cell="${metric}"]`));
        render(model.none === undefined ? cell(model) : missing(model.none), place);
      }
    },
  };
}

const figure = ({ figure: value, pct }) => html`<div class="figure">${number(value)} <span class="pct">${number(pct)}</span></div>`;

const rank = ({ x, of, verdict, strip }) => html`
  <div class="second">${number(x)} <span class="of">${of}</span> <span class="verdict">${verdict}</span></div>
  ${percentStrip(strip)}
`;

// 0 to 100 with its zones, and an orange mark.
export const percentStrip = ({ zones, mark, label }) => html`
  <svg class="graph strip" height="16" role="img" aria-label=${label}>
    ${zones.slice(1).map((to, zone) => {
      const from = zones[zone];
      return svg`<rect class=${zone === 2 ? "s-u2" : "s-u1"} data-zone=${`${from}-${to}`}
        x=${`${from + 0.3}%`} width=${`${to - from - 0.6}%`} y="4" height="9"></rect>`;
    })}
    <svg x=${`${mark}%`} overflow="visible"><rect class="s-today" data-mark x="-1.5" width="3" height="16"></rect></svg>
  </svg>
`;

const half = ({ half: ends, of, bar }) => html`
  <div class="second fc">${sentence(ends)}${of ? html` <span class="of">${sentence(of)}</span>` : ""}</div>
  ${intervalBar(bar)}
`;

// p10–p90 thin, p25–p75 thick, a tick at the median, an orange mark for now, on a scale that both rows share.
export const intervalBar = ({ scale: [p10, p25, p50, p75, p90, now], alone, low, high, label }) => html`
  <div class="interval">
    <svg class="graph" height="16" role="img" aria-label=${label}>
      <rect class="s-rule" x=${alone ? `${p10}%` : "0"} width=${alone ? `${100 - p10}%` : "100%"} y="7.5" height="1"></rect>
      <rect class="s-f1" x=${`${p10}%`} width=${`${p90 - p10}%`} y="5" height="6"></rect>
      <rect class="s-f2" x=${`${p25}%`} width=${`${p75 - p25}%`} y="2" height="12"></rect>
      <svg x=${`${p50}%`} overflow="visible"><rect class="s-fc" x="-1" width="2" y="1" height="14"></rect></svg>
      <svg x=${`${now}%`} overflow="visible"><rect class="s-today" x="-1.5" width="3" height="16"></rect></svg>
    </svg>
    <span class="end low" data-at=${p10}>${sentence(low)}</span>
    <span class="end high" data-at=${p90}>${number(high)}</span>
  </div>
`;

export const moved = question("moved", view.moved, figure);
export const lot = question("lot", view.lot, rank);
const intervals = question("likely", view.likely, half);
export const likely = {
  ...intervals,
  draw(model, element) {
    intervals.draw(model, element);
    for (const end of element.querySelectorAll(".end")) end.style.setProperty("--at", `${end.dataset.at}%`);
  },
};

const pathOf = ({ points, open, label }) => {
  const [x, y] = points.at(-1);
  return html`<svg class="graph path" height="27" role="img" aria-label=${label}>
    <rect class="s-u1" width=${`${x}%`} height="100%"></rect>
    <line class="l-dotted" x1="0" x2="100%" y1=${`${open}%`} y2=${`${open}%`}></line>
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible">
      <polyline class="l-today" vector-effect="non-scaling-stroke" points=${points.map((point) => point.join()).join(" ")}></polyline>
    </svg>
    <circle class="s-today" cx=${`${x}%`} cy=${`${y}%`} r="3.5"></circle>
  </svg>`;
};

export const price = {
  id: "price",
  reads: ["live"],
  view: view.price,
  draw(model, element) {
    const shown = () => html`
      <span>${model.label} <b>${number(model.price)}</b> ${sentence(model.from)}</span>
      ${pathOf(model.path)}
      <span>${sentence(model.high)}</span> <span>${sentence(model.low)}</span>
    `;
    render(model.none ? "" : shown(), slot(element, "body"));
  },
};
