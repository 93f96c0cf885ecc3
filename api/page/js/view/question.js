// What /live is asked: the lookback, the viewer's premium and strike, his symbol.
export function liveUrl({ symbol, lookback, premium, strike }) {
  const asked = new URLSearchParams({ lookback: lookbackOf(lookback) });
  for (const [name, value] of Object.entries({ premium, strike, symbol })) if (value !== null) asked.set(name, value);
  return `live?${asked}`;
}

// A question about closed sessions with the viewer's symbol.
export function closedUrl(path, { symbol }, parameters = {}) {
  const asked = new URLSearchParams(parameters);
  if (symbol) asked.set("symbol", symbol);
  const query = asked.toString();
  return query ? `${path}?${query}` : path;
}

// "all" as the most that the API takes.
export const lookbackOf = (lookback) => (lookback === "all" ? 3650 : lookback);
