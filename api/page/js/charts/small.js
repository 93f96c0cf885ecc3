// Small drawings in SVG: places in percent of the width come from the view models, colours from classes.
import { html, sentence, svg } from "../dom.js";

// An upright bar of some pixels at a place.
const upright = (x, tone, width, y, height) =>
  svg`<svg x=${`${x}%`} overflow="visible"><rect class=${tone} x=${-width / 2} width=${width} y=${y} height=${height}></rect></svg>`;

const lying = (from, to, tone, y, height) =>
  svg`<rect class=${tone} x=${`${from}%`} width=${`${Math.max(0, to - from)}%`} y=${y} height=${height}></rect>`;

// An estimate with its interval, and a hairline to compare it with: {at, low, high, base, label}; low and high may be null.
export const whisker = ({ at, low, high, base, label }) => html`
  <svg class="graph whisker" height="16" role="img" aria-label=${label}>
    ${base === null ? "" : upright(base, "s-ul", 1, 0, 16)}
    ${low === null ? "" : lying(low, high, "s-ink2", 7.5, 1)}
    ${at === null ? "" : svg`<circle class="s-ink" cx=${`${at}%`} cy="8" r="3"></circle>`}
  </svg>
`;

// Thin from end to end, thick where half lies, ink at the median, a mark of `tone`: {ends, half, median, mark, label}.
export const strip = ({ ends: [low, high], half: [from, to], median, mark, tone, label }) => html`
  <svg class="graph" height="16" role="img" aria-label=${label}>
    ${lying(low, high, "s-u2", tone === "today" ? 6 : 7.5, tone === "today" ? 4 : 1)}
    ${lying(from, to, tone === "today" ? "s-ul" : "s-u2", 4, 8)}
    ${upright(median, "s-ink", 2, 2, 12)}
    ${mark === null ? "" : tone === "today" ? upright(mark, "s-today", 3, 0, 16) : svg`<circle class="s-ink" cx=${`${mark}%`} cy="8" r="3"></circle>`}
  </svg>
`;

const drawn = (cell) => (cell.whisker ? whisker(cell.whisker) : cell.strip ? strip(cell.strip) : sentence(cell));

// A table in which cells may be drawings: {caption, columns, rows: [{cells, tone}]}; a column is a text or {text, wide}.
export const drawnTable = ({ caption, columns, rows }) => html`
  <table class="drawn">
    <caption class="unseen">${caption}</caption>
    <thead>
      <tr>${columns.map((column) => html`<th scope="col" class=${column.wide ? "wide" : ""}>${column.text ?? column}</th>`)}</tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ cells: [first, ...others], tone }) => html`<tr class=${tone ?? ""}>
          <th scope="row">${sentence(first)}</th>
          ${others.map((cell) => html`<td>${drawn(cell)}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>
`;
