// Starts the page. How a panel is written is told in ../README.md.
import { Asker } from "./asker.js";
import { keepChoices, readChoices, remember, writeChoices } from "./choices.js";
import { Clock } from "./clock.js";
import { fillWords } from "./dom.js";
import { Format } from "./format.js";
import { followParts, listenForKeys, showKeys } from "./keys.js";
import { showMeanings } from "./meanings.js";
import { mount } from "./mount.js";
import { nextTheme } from "./panels/foot.js";
import { PANELS } from "./panels/index.js";
import { Poll } from "./poll.js";
import { Store } from "./store.js";
import { liveUrl } from "./view/question.js";
import { isSimulated } from "./view/session.js";
import { firstThreshold, isWithoutThresholds } from "./view/thresholds.js";
import { firstPremium } from "./view/worth.js";
import { loadWords } from "./words.js";

const FIRST_PAINT_MS = 300; // how long the first paint waits for the first answer
const TICK_MS = 1000;

async function start() {
  const choices = readChoices();
  const store = new Store(choices, await spoken(choices.language));
  const clock = new Clock();
  const asker = new Asker(store, clock);
  store.answer("clock", { now: clock.now() });
  store.answer("remembered", { simulated: "simulated" in document.documentElement.dataset });
  const poll = new Poll(store, clock, () => liveUrl(store.choices, store.answers), window.firstLive);
  const act = {
    choose: (changes) => choose(store, poll, changes),
    again: (name) => (name === "live" ? poll.now() : asker.again(name)),
    now: () => poll.now(),
    theme: () => act.choose({ theme: nextTheme(store.choices.theme) }),
    keys: () => showKeys(store, act),
    meanings: () => showMeanings(store),
  };
  dress(store);
  store.listen((changed) => changed.has("live") && answered(store, poll, act));
  store.listen((changed) => changed.has("version") && renew(store.answers.version));
  mount(PANELS, store, asker, act);
  setInterval(() => document.hidden || store.answer("clock", { now: clock.now() }), TICK_MS);
  listenForKeys(store, act);
  followParts();
  await Promise.race([poll.now(), new Promise((resolve) => setTimeout(resolve, FIRST_PAINT_MS))]);
  await Promise.resolve(); // the store tells the panels first
  delete document.documentElement.dataset.starting;
}

async function spoken(language) {
  const words = await loadWords(language);
  words.format = new Format(language);
  return words;
}

// Language and theme of the document.
function dress({ words, choices }) {
  const root = document.documentElement;
  root.lang = words.language;
  if (choices.theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = choices.theme;
  fillWords(document, words);
}

async function choose(store, poll, changes) {
  const asked = liveUrl(store.choices, store.answers);
  keepChoices(changes);
  store.choose(changes);
  writeChoices(store.choices);
  if ("symbol" in changes) return location.reload(); // nothing of one symbol may stand beside another's
  if ("language" in changes) store.speak(await spoken(changes.language));
  if ("language" in changes || "theme" in changes) dress(store);
  if (liveUrl(store.choices, store.answers) !== asked) poll.now();
}

function answered(store, poll, act) {
  const simulated = isSimulated(store.answers);
  remember("simulated", simulated);
  document.documentElement.toggleAttribute("data-simulated", simulated);
  const { live } = store.answers;
  const first = { premium: firstPremium(live), threshold: firstThreshold(live) };
  const unset = Object.entries(first).filter(([name, value]) => store.choices[name] === null && value !== null);
  if (unset.length > 0) act.choose(Object.fromEntries(unset));
  else if (isWithoutThresholds(live)) poll.now();
}

// A service of another version has another page: it is loaded, once.
function renew(version) {
  const own = new URL(import.meta.url).pathname.split("/").at(-3); // page/<version>/js/main.js
  if (!version || version === own || sessionStorage.getItem("renewed") === version) return;
  sessionStorage.setItem("renewed", version);
  location.reload();
}

await start();
