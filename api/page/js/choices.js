// What the viewer chose: kept in the query string, and who he is (language, theme, zone) in local storage too.
// Values that are not known are ignored.
const oneOf = (...words) => (text) => (words.includes(text) ? text : undefined);
const numberOf = (...numbers) => (text) => (numbers.includes(Number(text)) ? Number(text) : undefined);
const amount = (text) => (/^\d{1,12}(\.\d{1,8})?$/.test(text) && Number(text) > 0 ? Number(text) : undefined);
const lookback = (text) => (text === "all" ? text : numberOf(30, 90, 365)(text));

// By name: how a text is read, what stands without one, and whether it is the viewer's wherever he goes.
const CHOICES = {
  symbol: { read: (text) => (/^[A-Z0-9]{2,20}$/.test(text) ? text : undefined), initial: null },
  metric: { read: oneOf("volatility", "range"), initial: "volatility" },
  window: { read: numberOf(5, 7, 14, 30), initial: 30 },
  lookback: { read: lookback, initial: 365 },
  span: { read: lookback, initial: 90 },
  premium: { read: amount, initial: null },
  strike: { read: amount, initial: null },
  threshold: { read: amount, initial: null },
  shape: { read: oneOf("bars", "candles"), initial: "bars" },
  season: { read: oneOf("range", "share"), initial: "range" },
  forecast: { read: oneOf("range", "volatility", "realised_volatility"), initial: "range" },
  including: { read: oneOf("closed", "today"), initial: "closed" },
  zone: { read: oneOf("session", "utc", "local"), initial: "session", viewer: true },
  language: { read: oneOf("en", "ru"), initial: document.documentElement.lang, viewer: true },
  theme: { read: oneOf("auto", "light", "dark"), initial: "auto", viewer: true },
  keys: { read: oneOf("on", "off"), initial: "on", viewer: true },
};

export function readChoices() {
  const asked = new URLSearchParams(location.search);
  const entries = Object.entries(CHOICES).map(([name, { read, initial, viewer }]) => {
    const texts = [asked.get(name), viewer ? recall(name) : null];
    const known = texts.filter((text) => text !== null).map(read).filter((value) => value !== undefined);
    return [name, known[0] ?? initial];
  });
  return Object.fromEntries(entries);
}

// Writes what differs from how it begins; what others wrote into the address stays.
export function writeChoices(choices) {
  const asked = new URLSearchParams(location.search);
  for (const [name, { initial, viewer }] of Object.entries(CHOICES)) {
    const plain = choices[name] === initial && !(viewer && asked.has(name));
    if (choices[name] === null || plain) asked.delete(name);
    else asked.set(name, choices[name]);
  }
  const query = asked.toString();
  history.replaceState(null, "", `${location.pathname}${query && `?${query}`}${location.hash}`);
}

// What is the viewer's own goes with him to other addresses.
export function keepChoices(changes) {
  for (const [name, value] of Object.entries(changes)) if (CHOICES[name].viewer) remember(name, value);
}

export function remember(name, value) {
  try {
    localStorage.setItem(`btc-volatility.${name}`, value);
  } catch {
    // storage is switched off: the address still has it
  }
}

function recall(name) {
  try {
    return localStorage.getItem(`btc-volatility.${name}`);
  } catch {
    return null;
  }
}
