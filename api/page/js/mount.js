// Puts panels onto the page: a panel's view is made anew when what it reads has changed, and it is drawn when its view
// has. How a panel is written is told in ../README.md.
import { drawHead, failure, render, slot } from "./dom.js";
import { whyOf } from "./view/problem.js";

const NEAR = "600px";

export function mount(panels, store, asker, act) {
  const mounted = panels.map((panel) => new Mounted(panel, store, act));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const one = mounted.find(({ element }) => element === target);
        one.near ||= isIntersecting;
        if (one.near) near.unobserve(target);
      }
      askAll();
    },
    { rootMargin: NEAR },
  );
  const askAll = () => {
    if (document.hidden) return;
    for (const { near: seen, panel } of mounted) {
      const first = "live" in store.answers || panel.beforeLive; // nothing competes with the first answer
      if (!seen || !panel.asks || !first) continue;
      const questions = panel.asks(store.choices, store.answers);
      for (const [name, question] of Object.entries(questions)) asker.need(name, question);
    }
  };
  for (const one of mounted) {
    if (one.panel.asks) near.observe(one.element);
    one.update(new Set(["choices"]));
  }
  store.listen((changed) => {
    for (const one of mounted) one.update(changed);
    askAll();
  });
}

class Mounted {
  near = false;
  #drawn = "";

  constructor(panel, store, act) {
    this.panel = panel;
    this.element = document.getElementById(panel.id);
    this.store = store;
    this.act = act;
    this.reads = new Set(["choices", "words", ...(panel.reads ?? []), ...(panel.may ?? [])]);
  }

  update(changed) {
    if (![...changed].some((name) => this.reads.has(name))) return;
    try {
      this.#draw(this.#model());
    } catch (error) {
      reportError(error); // one panel's mistake is not the others'
    }
  }

  #model() {
    const { answers, failures, choices, words } = this.store;
    const reads = this.panel.reads ?? [];
    const failed = reads.find((name) => name in failures);
    if (failed) return { missing: { why: words.say("panel.fail", { why: whyOf(failures[failed], words) }), retry: failed } };
    if (reads.some((name) => !(name in answers))) return null;
    return this.panel.view({ ...answers, failures }, choices, words);
  }

  #draw(model) {
    const text = JSON.stringify(model);
    if (model === null || text === this.#drawn) return;
    this.#drawn = text;
    if (model.missing) {
      this.element.dataset.failed = ""; // the body is hidden and keeps its height
      render(failure({ ...model.missing, again: this.store.words.say("again") }, this.act), this.#place());
      return;
    }
    if ("failed" in this.element.dataset) {
      delete this.element.dataset.failed;
      render("", this.#place());
    }
    drawHead(model, this.element);
    this.panel.draw(model, this.element, this.act);
  }

  // Where failures are told: a place of its own over the body, so that a chart in the body is not disturbed.
  #place() {
    const known = this.element.querySelector("[data-failure]");
    if (known) return known;
    const place = document.createElement("div");
    place.dataset.failure = "";
    const body = this.element.querySelector("[data-body]");
    if (body) body.before(place);
    else this.element.append(place);
    return place;
  }
}
