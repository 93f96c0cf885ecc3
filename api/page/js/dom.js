// The pieces that all panels are made of. Texts and numbers come ready from the view models.
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";

export { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";

// A number with what the API gave, so that it can be compared: {value, field, text}.
export const number = ({ value, field, text }) => html`<data value=${value} data-field=${field}>${text}</data>`;

// A sentence: texts, numbers, {text, tone} or {strong} for words in a colour or in bold, {text, href} for a link.
export const sentence = (parts) => [parts].flat().map(piece);

function piece(part) {
  if (typeof part === "string") return part;
  if (part.parts) return html`<span class=${part.tone}>${sentence(part.parts)}</span>`;
  if (part.strong) return html`<b>${sentence(part.strong)}</b>`;
  if (part.href) return html`<a href=${part.href}>${part.text ?? part.href}</a>`;
  if (part.tone) return html`<span class=${part.tone}>${part.text}</span>`;
  return number(part);
}

// The places of a panel that index.html gives: headline, sub, note, controls, body.
export const slot = (element, name) => taken(element.querySelector(`[data-${name}]`) ?? (name === "body" ? element : null));

// A place that is drawn from now on: its grey blocks and the words of the start go, once.
export function taken(place) {
  if (!("taken" in place.dataset)) {
    place.dataset.taken = "";
    place.removeAttribute("data-word");
    place.replaceChildren();
  }
  return place;
}

// The headline, and the line under it.
export function drawHead(model, element) {
  if (model.headline) render(sentence(model.headline), slot(element, "headline"));
  if (model.sub) render(sentence(model.sub), slot(element, "sub"));
  if (model.note) render(sentence(model.note), slot(element, "note"));
}

// One of some values as a radio group: {name, label, options: [{value, text, spoken}], chosen}.
export const segments = ({ name, label, options, chosen }, choose) => html`
  <fieldset class="segments" role="radiogroup" aria-label=${label}>
    ${options.map(
      ({ value, text, spoken }) => html`<label
        ><input
          type="radio"
          name=${name}
          .value=${String(value)}
          .checked=${value === chosen}
          aria-label=${spoken ?? nothing}
          @change=${() => choose(value)} /><span>${text}</span></label
      >`,
    )}
  </fieldset>
`;

// Names with their values: [{name: a word or parts, value: parts, failing}].
export const rows = (lines) => html`
  <dl class="rows">
    ${lines.map(
      ({ name, value, failing }) => html`<div class=${failing ? "failing" : ""}>
        <dt>${sentence(name)}</dt>
        <dd>${failing ? html`<span aria-hidden="true">▲</span> ` : ""}${sentence(value)}</dd>
      </div>`,
    )}
  </dl>
`;

// The numbers of a chart as a table behind a disclosure: {summary, columns, rows: [{cells, tone}]}; a row begins with
// its name.
export const table = ({ caption, columns, rows: lines }) => html`
  <table>
    ${caption ? html`<caption class="unseen">${caption}</caption>` : ""}
    <thead>
      <tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
    </thead>
    <tbody>
      ${lines.map(
        ({ cells: [first, ...others], tone }) => html`<tr class=${tone ?? ""}>
          <th scope="row">${sentence(first)}</th>
          ${others.map((cell) => html`<td>${sentence(cell)}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>
`;

export const tableDetails = (model) => html`
  <details>
    <summary>${model.summary}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label=${model.caption}>${table(model)}</div>
  </details>
`;

// The line under a chart's title that says what is under the pointer or the keyboard's cursor; a fixed line.
export const readingLine = (id, parts) => html`<p class="reading" id=${id} aria-live="off">${sentence(parts)}</p>`;

// Why a panel has no numbers, in its place.
export const failure = ({ why, retry, again }, act) => html`
  <div class="failed">
    <p>${why}</p>
    ${retry ? html`<button type="button" @click=${() => act.again(retry)}>${again}</button>` : ""}
  </div>
`;

// Words of index.html that need no numbers.
export function fillWords(root, words) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words.say(element.dataset.word);
  for (const element of root.querySelectorAll("[data-word-label]")) {
    element.setAttribute("aria-label", words.say(element.dataset.wordLabel));
  }
}
