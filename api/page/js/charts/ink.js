// The colours of a canvas: the tokens of css/tokens.css, as they are where the chart stands.
const NAMES = ["bg", "ink", "ink2", "ink3", "today", "fc", "f1", "f2", "u1", "u2", "ul", "barv", "barr", "rule", "grid"];

export function inkOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

// Calls back when the theme, the contrast or the age of the numbers changed the colours.
export function followInk(redraw) {
  const attributes = { attributeFilter: ["data-theme", "data-old"] };
  new MutationObserver(redraw).observe(document.documentElement, attributes);
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", redraw);
  }
}
