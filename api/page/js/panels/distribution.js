// The histogram of past sessions with today's line.
import { html, number, render, sentence, slot, svg, tableDetails } from "../dom.js";
import { distribution as view, distributionQuestion } from "../view/distribution.js";

const HEIGHT = 104;

const bar = ({ x, dark, to, height }) => {
  const rect = (from, end, tone) => {
    if (end <= from) return "";
    return svg`<rect class=${tone} x=${`${from}%`} width=${`${end - from}%`} y=${HEIGHT * (1 - height / 100)} height=${(HEIGHT * height) / 100}></rect>`;
  };
  return svg`<g data-bar=${height}>${rect(x, dark, "s-h3")}${rect(dark, to, "s-barr")}<rect class="s-bg" x=${`${to}%`} width="1" y="0" height=${HEIGHT}></rect></g>`;
};

const histogram = ({ bars, axis, ticks, now, label }) => html`
  <svg class="graph histogram" height="154" role="img" aria-label=${label}>
    <svg y="16" overflow="visible">
      ${bars.map(bar)}
      <rect class="s-ul" width="100%" y=${HEIGHT} height="1"></rect>
      ${axis.map(({ x, text }) => svg`<text class="t-axis" x=${`${x}%`} y=${HEIGHT + 14} text-anchor=${{ 0: "start", 100: "end" }[x] ?? "middle"}>${text}</text>`)}
      ${ticks.map(
        ({ name, x, label: at }) => svg`<svg x=${`${x}%`} overflow="visible"><rect class="s-ink3" y=${HEIGHT + 17} width="1" height="4"></rect></svg>
          <text class="t-axis" x=${`${at}%`} y=${HEIGHT + 31} text-anchor="middle">${name}</text>`,
      )}
      ${now === null ? "" : svg`<svg x=${`${now.x}%`} overflow="visible"><rect class="s-today" x="-1" y="-14" width="2" height=${HEIGHT + 14}></rect></svg>`}
    </svg>
  </svg>
`;

export const distribution = {
  id: "distribution",
  reads: ["live", "distribution"],
  asks: distributionQuestion,
  view,
  draw(model, element) {
    const { now } = model;
    const shown = html`
      <div class="histogram">
        ${histogram(model)}
        ${now === null ? "" : html`<span class=${`now today ${now.left ? "left" : ""}`}>${sentence(now.text)}</span>`}
      </div>
      <p class="unseen">${model.quantiles.map(([name, gap, value]) => html`${name}${gap}${number(value)}; `)}</p>
      ${tableDetails(model.table)}
    `;
    const body = slot(element, "body");
    render(shown, body);
    body.querySelector(".now")?.style.setProperty("--at", `${now.x}%`);
  },
};
