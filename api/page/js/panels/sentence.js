// The h1 and the tab's title. Its words are spoken when a verdict changes, at most every ten minutes.
import { render, sentence as written, slot } from "../dom.js";
import * as view from "../view/sentence.js";

const SILENCE_MS = 600_000;
let spoken = { verdict: null, at: -Infinity };

export const sentence = {
  id: "sentence",
  reads: ["connection", "clock"],
  may: ["live", "quality"],
  view: view.sentence,
  draw({ parts, title, verdict }, element) {
    document.title = title;
    if (!parts) return; // grey until there is an answer
    render(written(parts), slot(element, "body"));
    if (verdict && verdict !== spoken.verdict) speak(verdict, element.textContent);
  },
};

function speak(verdict, text) {
  const first = spoken.verdict === null;
  if (!first && Date.now() - spoken.at < SILENCE_MS) return;
  spoken = { verdict, at: first ? -Infinity : Date.now() };
  if (!first) document.getElementById("status").textContent = text; // the first is read with the page
}
