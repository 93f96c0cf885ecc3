// The page of words where there are no numbers.
import { html, render, sentence } from "../dom.js";
import * as view from "../view/notice.js";

const LOOK_MS = 5000;

const away = (model, act) => html`
  <p>${model.text}</p>
  <div class="buttons">
    <button type="button" class="first" @click=${act.now}>${model.again}</button>
    <details>
      <summary class="button">${model.check}</summary>
      <ul>
        ${model.checks.map((check) => html`<li>${check}</li>`)}
        <li>${sentence(model.ask)}</li>
      </ul>
    </details>
  </div>
`;

const empty = (model) => html`
  <p>${model.text}</p>
  <dl class="commands">
    ${model.commands.map(({ name, command }) => html`<div><dt>${name}</dt><dd><code>${command}</code></dd></div>`)}
  </dl>
  ${model.progress.map(
    ({ name, done, total, text }) => html`<div>
      <div class="progress"><span>${name}</span> <b>${text}</b></div>
      <progress value=${done} max=${total} aria-label=${name}></progress>
    </div>`,
  )}
`;

export const notice = {
  id: "notice",
  reads: ["connection", "clock"],
  may: ["live", "quality"],
  beforeLive: true,
  asks: (choices, { live, connection }) =>
    !live && connection.problem?.code === "no_data" ? { quality: { url: "quality", every: LOOK_MS } } : {},
  view: view.notice,
  draw(model, element, act) {
    const shown = { away, empty }[model.state];
    element.hidden = !shown;
    document.getElementById("numbers").hidden = Boolean(shown);
    document.getElementById("nav").hidden = Boolean(shown);
    render(shown ? shown(model, act) : "", element);
  },
};
