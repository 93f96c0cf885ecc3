// The table of the shown sessions: sorted by any column, thirty rows and then more.
import { html, sentence } from "../dom.js";

const ROWS = 30;

export class SessionsTable {
  #sort = { key: "date", down: true };
  #rows = ROWS;

  constructor(changed) {
    this.changed = changed;
  }

  // Back to the first rows.
  begin() {
    this.#rows = ROWS;
  }

  template({ table, count, total }, [from, to]) {
    const closed = this.#sorted(table, from, Math.min(to, count - 1));
    const left = closed.length - this.#rows;
    const row = (at, tone) => html`<tr class=${tone}>
      ${table.cells(at).map((cell, place) => {
        const name = table.columns[place].wide ? "wide" : "";
        return place === 0 ? html`<th scope="row">${sentence(cell)}</th>` : html`<td class=${name}>${sentence(cell)}</td>`;
      })}
    </tr>`;
    return html`
      <div class="scroll sessions" tabindex="0" role="group" aria-label=${table.caption}>
        <table>
          <caption class="unseen">${table.caption}</caption>
          <thead><tr>${table.columns.map((column) => this.#head(column))}</tr></thead>
          <tbody>
            ${to >= count && total > count ? row(count, "running") : ""} ${closed.slice(0, this.#rows).map((at) => row(at, ""))}
          </tbody>
        </table>
        ${left > 0 ? this.#button(table.more(Math.min(ROWS, left))) : ""}
      </div>
    `;
  }

  #button(text) {
    return html`<button type="button" class="link more" @click=${() => this.#more()}>${text}</button>`;
  }

  #head({ key, text, spoken, wide }) {
    const { key: by, down } = this.#sort;
    const order = key !== by ? "none" : down ? "descending" : "ascending";
    const arrow = key !== by ? "" : html`<span aria-hidden="true"> ${down ? "↓" : "↑"}</span>`;
    return html`<th scope="col" class=${wide ? "wide" : ""} aria-sort=${order}>
      <button type="button" aria-label=${spoken} @click=${() => this.#by(key)}>${text}${arrow}</button>
    </th>`;
  }

  #by(key) {
    const { key: by, down } = this.#sort;
    this.#sort = { key, down: key === by ? !down : true };
    this.changed();
  }

  #more() {
    this.#rows += ROWS;
    this.changed();
  }

  #sorted({ value }, from, to) {
    const { key, down } = this.#sort;
    const all = Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => from + place);
    const sign = down ? -1 : 1;
    return all.sort((a, b) => sign * (value(key, a) - value(key, b)));
  }
}
