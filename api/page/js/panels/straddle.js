// The straddle: its terms to type, what it is worth, and its record.
import { amountOf, stepped } from "../amount.js";
import { drawnTable } from "../charts/small.js";
import { failure, html, render, sentence, slot } from "../dom.js";
import { straddle as view, straddleQuestion } from "../view/straddle.js";

const ARROWS = { ArrowUp: 1, ArrowDown: -1 };

// Takes what was typed; what is no amount goes back to what stood there.
function typed(input, field, name, act) {
  const value = amountOf(input.value, document.documentElement.lang);
  const emptied = name === "strike" && input.value.trim() === "";
  input.value = field.text;
  if (emptied) act.choose({ strike: null });
  else if (value !== null && value !== field.value) act.choose({ [name]: value });
}

const premiumField = (field, act) => {
  const step = (direction) => act.choose({ premium: stepped(field.value ?? 0, field.step, direction) });
  const key = (event) => {
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    step(ARROWS[event.key]);
  };
  return html`<div class="field">
    <label for="straddle-premium">${field.label}</label>
    <div class="stepper">
      ${field.unit ? html`<span class="unit" aria-hidden="true">${field.unit}</span>` : ""}
      <input id="straddle-premium" inputmode="decimal" autocomplete="off" .value=${field.text} @keydown=${key}
        @change=${({ target }) => typed(target, field, "premium", act)} />
      <button type="button" aria-label=${field.less} @click=${() => step(-1)}>−</button>
      <button type="button" aria-label=${field.more} @click=${() => step(1)}>+</button>
    </div>
  </div>`;
};

const strikeField = (field, act) => html`<div class="field">
  <label for="straddle-strike">${field.label}</label>
  <input id="straddle-strike" inputmode="decimal" autocomplete="off" title=${field.hint} .value=${field.text}
    @change=${({ target }) => typed(target, field, "strike", act)} />
</div>`;

const lines = (all) => html`<dl class="rows">
  ${all.map(({ name, value, tone }) => html`<div><dt>${name}</dt><dd class=${tone ?? ""}>${sentence(value)}</dd></div>`)}
</dl>`;

const tables = ({ records, weekdays }) => html`
  ${drawnTable(records)} ${drawnTable(weekdays)}
  <p class="unseen">${weekdays.hairline}</p>
`;

const means = ({ summary, lines: explained }) => html`<details>
  <summary>${summary}</summary>
  <dl class="means">${explained.map(({ name, text }) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
</details>`;

export const straddle = {
  id: "straddle",
  reads: ["live"],
  may: ["straddle"],
  asks: straddleQuestion,
  view,
  draw(model, element, act) {
    const waiting = () => (model.unasked ? html`<p class="missing">${model.unasked}</p>` : html`<div class="block records"></div>`);
    const record = () => (model.failed ? failure({ ...model.failed, retry: "straddle" }, act) : waiting());
    const shown = html`
      <div class="terms">${premiumField(model.premium, act)} ${strikeField(model.strike, act)}</div>
      ${lines(model.lines)}
      <h3>${model.past}</h3>
      <div class="record">${model.records ? tables(model) : record()}</div>
      <p class="caveat">${model.caveat}</p>
      ${means(model.means)}
    `;
    render(shown, slot(element, "body"));
  },
};
