// The heat map: a table whose cells are walked with the arrows.
import { whisker } from "../charts/small.js";
import { html, number, render, segments, sentence, slot } from "../dom.js";
import { seasonality as view, seasonalityQuestion } from "../view/seasonality.js";

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const READING = "seasonality-reading";

let model = null;
let stop = null; // the cell that Tab reaches: [row, column]

const shown = (cell) => (cell.number === "–" ? "–" : number(cell.number));

const toneOf = ({ step, running }) => `heat ${step === null ? "" : `heat${step}`} ${running ? "running" : ""}`;

function startOf({ rows }) {
  const row = rows.findIndex(({ today }) => today);
  return [Math.max(0, row), Math.max(0, rows[Math.max(0, row)].cells.findIndex(({ running }) => running))];
}

const line = (element) => {
  const at = element.dataset.at?.split(",").map(Number);
  return at ? model.rows[at[0]].cells[at[1]].read : [model.hint];
};

function tell(place, parts) {
  render(sentence(parts), place.querySelector(".said"));
}

function moved(event) {
  const { key, target, currentTarget } = event;
  const cell = target.closest("td.heat");
  if (!cell || !(key in MOVES || key === "Home" || key === "End")) return;
  event.preventDefault();
  const [row, column] = cell.dataset.at.split(",").map(Number);
  const [down, right] = MOVES[key] ?? [0, key === "Home" ? -column : model.rows[row].cells.length - 1 - column];
  const next = currentTarget.querySelector(`[data-at="${row + down},${column + right}"]`);
  next?.focus();
}

function entered(event) {
  const cell = event.target.closest("td.heat");
  const table = event.currentTarget;
  if (!cell) return;
  if (event.type === "focusin") {
    stop = cell.dataset.at.split(",").map(Number);
    for (const one of table.querySelectorAll("td.heat")) one.tabIndex = one === cell ? 0 : -1;
  }
  tell(table.closest("[data-body]"), line(cell));
}

const heatRow = (row, at) => html`<tr>
  <th scope="row" class=${row.today ? "this" : ""}><span aria-hidden="true">${row.name}</span><span class="unseen">${row.spoken}</span></th>
  ${row.cells.map(
    (cell, column) => html`<td class=${toneOf(cell)} data-at=${`${at},${column}`} tabindex=${at === stop[0] && column === stop[1] ? 0 : -1}>
      <span class="unseen">${shown(cell)}</span>
    </td>`,
  )}
  <td class="mean"><div>${whisker(row.mean.whisker)} <span>${sentence(row.mean.number)}</span></div></td>
</tr>`;

const heatTable = ({ caption, weekday, hours, meanHead, rows }) => html`
  <table class="heatmap" role="grid" aria-readonly="true" aria-describedby=${READING} @keydown=${moved} @focusin=${entered} @pointerover=${entered}
    @pointerdown=${entered}>
    <caption class="unseen">${caption}</caption>
    <thead>
      <tr>
        <th scope="col"><span class="unseen">${weekday}</span></th>
        ${hours.map(({ time, head }) => html`<th scope="col"><span aria-hidden="true">${head}</span><span class="unseen">${time}</span></th>`)}
        <th scope="col" class="mean">${meanHead}</th>
      </tr>
    </thead>
    <tbody>${rows.map(heatRow)}</tbody>
  </table>
`;

const legend = ({ least, most, steps, outlined }) => html`<div class="legend">
  ${least === null ? "" : number(least)}
  <span class="steps" aria-hidden="true">${Array.from({ length: steps }, (_, step) => html`<i class=${`heat${step}`}></i>`)}</span>
  ${most === null ? "" : number(most)}
  <b class="today">${outlined}</b>
</div>`;

export const seasonality = {
  id: "seasonality",
  reads: ["live", "seasonality"],
  asks: seasonalityQuestion,
  view,
  draw(given, element, act) {
    model = given;
    stop ??= startOf(model);
    render(segments({ ...model.choice, name: "season" }, (value) => act.choose({ season: value })), slot(element, "controls"));
    const body = slot(element, "body");
    const first = !body.querySelector(".said");
    render(html`<div class="heatbox">${heatTable(model)}</div>
      <div class="under-heat">${legend(model)}<div class="said-line" id=${READING}><p class="reading said" aria-live="off"></p></div></div>`, body);
    const active = document.activeElement?.closest?.("#seasonality td.heat");
    if (first || !active) tell(body, [model.hint]);
    else tell(body, line(active));
  },
};
