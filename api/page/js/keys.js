// Single keys, the list of them, and the part of the page that is on the screen.
import { html, render } from "./dom.js";

const PARTS = ["now", "history", "seasons", "model", "data"];
const LIST = [
  ["1 – 5", "keys.anchors"],
  ["m", "keys.metric"],
  ["w", "keys.window"],
  ["p", "keys.premium"],
  ["t", "keys.theme"],
  ["l", "keys.language"],
  ["z", "keys.zone"],
  ["?", "keys.list"],
];
const CYCLES = {
  m: ["metric", ["volatility", "range"]],
  w: ["window", [5, 7, 14, 30]],
  l: ["language", ["en", "ru"]],
  z: ["zone", ["session", "utc", "local"]],
};
const FIELDS = "input:not([type=radio]):not([type=checkbox]), select, textarea, [contenteditable]";

export function listenForKeys(store, act) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const typing = target instanceof Element && target.closest(FIELDS);
    if (event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("dialog[open]")) return;
    if (key !== "?" && store.choices.keys === "off") return;
    if (pressed(key, store, act)) event.preventDefault();
  });
}

function pressed(key, store, act) {
  const part = PARTS[Number(key) - 1];
  if (key === "?") act.keys();
  else if (key === "t") act.theme();
  else if (key === "p") document.querySelector("#straddle input")?.focus();
  else if (part) location.hash = part;
  else if (key in CYCLES) act.choose(next(store.choices, ...CYCLES[key]));
  else return false;
  return true;
}

function next(choices, name, values) {
  return { [name]: values[(values.indexOf(choices[name]) + 1) % values.length] };
}

// The list of keys; single keys can be switched off in it.
export function showKeys(store, act) {
  const { words, choices } = store;
  const dialog = document.getElementById("keys");
  const change = ({ target }) => act.choose({ keys: target.checked ? "on" : "off" });
  const list = html`
    <h2 id="keys-title">${words.say("keys")}</h2>
    <dl class="rows">
      ${LIST.map(([key, meaning]) => html`<div><dt>${words.say(meaning)}</dt><dd><kbd>${key}</kbd></dd></div>`)}
    </dl>
    <p>${words.say("keys.note")}</p>
    <form method="dialog" class="buttons">
      <label><input type="checkbox" .checked=${choices.keys === "on"} @change=${change} /> ${words.say("keys.on")}</label>
      <button>${words.say("close")}</button>
    </form>
  `;
  render(list, dialog);
  if (!dialog.open) dialog.showModal();
}

// Marks the anchor of the part that the screen shows.
export function followParts() {
  const nav = document.getElementById("nav");
  const parts = [...document.querySelectorAll("[data-part]")];
  const mark = () => {
    const line = window.innerHeight / 3;
    const passed = parts.filter((part) => part.getBoundingClientRect().top <= line);
    const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 4;
    const id = (end && window.scrollY > 0 ? parts.at(-1) : (passed.at(-1) ?? parts[0])).id;
    for (const anchor of nav.children) {
      if (anchor.hash === `#${id}`) anchor.setAttribute("aria-current", "true");
      else anchor.removeAttribute("aria-current");
    }
  };
  document.addEventListener("scroll", mark, { passive: true });
  mark();
}
