// The windows of the last sessions.
import { drawnTable } from "../charts/small.js";
import { html, render, segments, slot } from "../dom.js";
import { windows as view } from "../view/windows.js";

export const windows = {
  id: "windows",
  reads: ["live"],
  view,
  draw({ metric, including, table }, element, act) {
    const controls = html`
      <button type="button" class="toggle" aria-pressed=${String(including.chosen)}
        @click=${() => act.choose({ including: including.chosen ? "closed" : "today" })}>${including.text}</button>
      ${segments({ ...metric, name: "windows-metric" }, (value) => act.choose({ metric: value }))}
    `;
    render(controls, slot(element, "controls"));
    render(drawnTable(table), slot(element, "body"));
  },
};
