// Badges, session, time left, ticks.
import { html, nothing, number, render, slot, svg } from "../dom.js";
import * as view from "../view/header.js";

const badge = ({ tone, mark, text, means }) => html`<span class="badge ${tone}" title=${means ?? nothing}><i aria-hidden="true">${mark}</i> ${text}</span>`;

export const badges = {
  id: "badges",
  reads: ["connection", "clock"],
  may: ["live", "quality"],
  view: view.badges,
  draw: (model, element) => render(model.badges.map(badge), slot(element, "body")),
};

export const session = {
  id: "session",
  reads: ["live"],
  view: view.session,
  draw: ({ label, bounds }, element) => render(html`${label} <b>${bounds}</b>`, slot(element, "body")),
};

export const left = {
  id: "left",
  reads: ["live", "clock"],
  view: view.left,
  draw({ text, time, to }, element) {
    const running = () => html`<b>${number(time)}</b> ${to}`;
    render(text ? html`<b>${text}</b>` : running(), slot(element, "body"));
  },
};

const tick = ({ kind, share }) => svg`<svg class=${kind} aria-hidden="true" focusable="false">
  <rect class="room" width="100%" height="3"></rect>
  <rect class="done" width=${kind === "passed" ? "100%" : `${share * 100}%`} height="3"></rect>
</svg>`;

export const ticks = {
  id: "ticks",
  reads: ["live", "clock"],
  view: view.ticks,
  draw({ label, ticks: all }, element) {
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", label);
    render(all.map(tick), slot(element, "body"));
  },
};
