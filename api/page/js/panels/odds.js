// The ladder of chances.
import { html, number, render, sentence, slot, svg } from "../dom.js";
import * as view from "../view/odds.js";

const bar = (share) => html`<svg class="odds-bar" width="40" height="11" aria-hidden="true">
  <rect class="s-u1" width="40" height="11"></rect>
  ${svg`<rect class="s-fc" width=${40 * share} height="11"></rect>`}
</svg>`;

const cell = (chance) =>
  chance === null ? html`<td>–</td>` : html`<td>${chance.share === null ? "" : bar(chance.share)}${number(chance.number)}</td>`;

const ladder = ({ columns, rows, headline }) => html`
  <table class="ladder">
    <caption class="unseen">${headline}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
    <tbody>
      ${rows.map(
        (row) => html`<tr class=${row.own ? "shaded" : ""}>
          <th scope="row">${sentence(row.threshold)}</th>
          <td>${sentence(row.pct)}</td>
          ${cell(row.volatility)}${cell(row.range)}
        </tr>`,
      )}
    </tbody>
  </table>
`;

export const odds = {
  id: "odds",
  reads: ["live"],
  view: view.odds,
  draw(model, element) {
    const shown = () => html`${ladder(model)}<p class="note">${model.under}</p>`;
    render(model.none ? html`<p class="missing">${model.none}</p>` : shown(), slot(element, "body"));
  },
};
