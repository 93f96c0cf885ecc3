// What the page knows: answers by name, why others are missing, and the viewer's choices.
// `clock` and `connection` stand among the answers, so that a view is a function of answers, choices and words alone.
export class Store {
  #listeners = [];
  #changed = new Set();

  constructor(choices, words) {
    this.choices = choices;
    this.words = words;
    this.answers = {};
    this.failures = {};
  }

  // Calls back once for all changes of a moment, with their names.
  listen(listener) {
    this.#listeners.push(listener);
  }

  answer(name, answer) {
    this.answers = { ...this.answers, [name]: answer };
    if (name in this.failures) this.#forget(name);
    this.#change(name);
  }

  fail(name, failure) {
    this.failures = { ...this.failures, [name]: failure };
    this.#change(name);
  }

  choose(changes) {
    this.choices = { ...this.choices, ...changes };
    this.#change("choices");
  }

  speak(words) {
    this.words = words;
    this.#change("words");
  }

  #forget(name) {
    const { [name]: _, ...others } = this.failures;
    this.failures = others;
  }

  #change(name) {
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell());
    this.#changed.add(name);
  }

  #tell() {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const listener of this.#listeners) listener(changed);
  }
}
