// What every slider of a chart does: it is dragged, and moved by keys; let go, it is settled.
const MOVES = {
  ArrowUp: [1, "small"],
  ArrowRight: [1, "small"],
  ArrowDown: [-1, "small"],
  ArrowLeft: [-1, "small"],
  PageUp: [1, "large"],
  PageDown: [-1, "large"],
};

// `of` gives value(), limits() as [low, high], steps() as {small, large}, at(event) as the value under a pointer,
// moved(value), settled().
export function slides(element, of) {
  let held = false;
  const move = (value) => {
    const [low, high] = of.limits();
    of.moved(Math.max(low, Math.min(high, value)));
  };
  element.addEventListener("pointerdown", (event) => {
    held = true;
    element.setPointerCapture(event.pointerId);
    element.focus({ focusVisible: false });
    event.preventDefault();
    event.stopPropagation();
  });
  element.addEventListener("pointermove", (event) => {
    if (held) move(of.at(event));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, () => {
      if (held) of.settled();
      held = false;
    });
  }
  element.addEventListener("keydown", (event) => {
    const target = keyed(event, of);
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    move(target);
  });
  element.addEventListener("keyup", (event) => {
    if (event.key in MOVES || event.key === "Home" || event.key === "End") of.settled();
  });
}

function keyed({ key, ctrlKey, metaKey, altKey }, of) {
  if (ctrlKey || metaKey || altKey) return null;
  const [low, high] = of.limits();
  if (key === "Home") return low;
  if (key === "End") return high;
  if (!(key in MOVES)) return null;
  const [direction, size] = MOVES[key];
  return of.value() + direction * of.steps()[size];
}
