// Symbols, settings, and the line at the foot.
import { html, render, segments, slot } from "../dom.js";
import * as view from "../view/foot.js";

const THEMES = ["auto", "light", "dark"];

export const nextTheme = (theme) => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];

const controls = ({ language, zone, theme }, place, act) => html`
  ${segments({ ...language, name: `language-${place}` }, (value) => act.choose({ language: value }))}
  ${segments({ ...zone, name: `zone-${place}` }, (value) => act.choose({ zone: value }))}
  <button type="button" class="theme" aria-label=${theme} title=${theme} @click=${act.theme}>◐</button>
`;

// Twice: in the header, and on a phone at the foot; one of them is shown.
const settingsAt = (id) => ({
  id,
  may: ["live"],
  view: view.settings,
  draw: (model, element, act) => render(controls(model, id, act), slot(element, "body")),
});

export const settings = settingsAt("settings");
export const settingsBelow = settingsAt("settings-below");

const symbolAt = (id) => ({
  id,
  reads: ["live"],
  may: ["symbols"],
  asks: () => ({ symbols: { url: "symbols" } }),
  view: view.symbols,
  draw({ label, symbols, chosen }, element, act) {
    const options = symbols.map((one) => html`<option value=${one} ?selected=${one === chosen}>${one}</option>`);
    const change = ({ target }) => act.choose({ symbol: target.value });
    render(html`<select aria-label=${label} @change=${change}>${options}</select>`, slot(element, "body"));
  },
});

export const symbol = symbolAt("symbol");
export const symbolBelow = symbolAt("symbol-below");

export const foot = {
  id: "foot",
  reads: ["live"],
  may: ["readyz"],
  asks: () => ({ readyz: { url: "readyz" } }),
  view: view.foot,
  draw({ source, means, meanings, api, keys, version }, element, act) {
    const shown = html`
      <span>${source}</span>
      <span>${means}</span>
      <button type="button" class="link" @click=${act.meanings}>${meanings}</button>
      <a href=${api.href}>${api.text}</a>
      <button type="button" class="link" @click=${act.keys}>${keys}</button>
      <span>${version}</span>
    `;
    render(shown, slot(element, "body"));
  },
};
