// What the numbers mean: the page's terms, each in a sentence.
import { html, render, sentence } from "./dom.js";

export function showMeanings({ words }) {
  const dialog = document.getElementById("meanings");
  const api = { text: words.say("meanings.api"), href: "docs" };
  const shown = html`
    <h2 id="meanings-title" tabindex="-1" autofocus>${words.say("meanings")}</h2>
    <dl>
      ${terms(words).map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}
    </dl>
    <p>${sentence(words.parts("meanings.note", { link: api }))}</p>
    <form method="dialog" class="buttons"><button>${words.say("close")}</button></form>
  `;
  render(shown, dialog);
  if (!dialog.open) dialog.showModal();
}

function terms(words) {
  const found = [];
  for (let number = 1; words.has(`meanings.${number}.term`); number += 1) {
    found.push([words.say(`meanings.${number}.term`), words.say(`meanings.${number}.text`)]);
  }
  return found;
}
