import { thresholdsOf } from "./thresholds.js";

// What /live is asked: the lookback, the viewer's premium and strike, his symbol; and the chances of the ladder's
// thresholds and of his own, once an answer says where they lie.
export function liveUrl(choices, { live } = {}) {
  const { symbol, lookback, premium, strike } = choices;
  const asked = new URLSearchParams({ lookback: lookbackOf(lookback) });
  for (const [name, value] of Object.entries({ premium, strike, symbol })) if (value !== null) asked.set(name, value);
  for (const [name, values] of Object.entries(live ? thresholdsOf(live, choices) : {})) {
    for (const value of values) asked.append(name, value);
  }
  return `live?${asked}`;
}

// A question about closed sessions with the viewer's symbol; a list is a parameter that is repeated.
export function closedUrl(path, { symbol }, parameters = {}) {
  const pairs = Object.entries(parameters).flatMap(([name, given]) => [given].flat().map((value) => [name, value]));
  const asked = new URLSearchParams(pairs);
  if (symbol) asked.set("symbol", symbol);
  const query = asked.toString();
  return query ? `${path}?${query}` : path;
}

// "all" as the most that the API takes.
export const lookbackOf = (lookback) => (lookback === "all" ? 3650 : lookback);
