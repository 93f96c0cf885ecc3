// Source, definitions, links, version; and the symbols that can be chosen.
import { times, zoneName } from "./session.js";

export function foot({ live, readyz }, choices, words) {
  const shown = times(choices, live, words);
  const utc = words.format.time(Date.parse(live.open_time), "UTC");
  return {
    source: words.say("foot.source", { ...shown, zone: zoneName(choices, live, words), utc }),
    means: words.say("foot.means"),
    meanings: words.say("meanings"),
    api: { text: words.say("foot.api"), href: "docs" },
    keys: words.say("foot.keys"),
    version: readyz ? `v${readyz.version}` : "",
  };
}

export function symbols({ live, symbols: known }, choices, words) {
  const all = known ? known.symbols.map(({ symbol }) => symbol) : [live.symbol];
  return { label: words.say("symbol"), symbols: all, chosen: live.symbol };
}

// Language, zone and theme.
export function settings({ live }, choices, words) {
  const zone = live ? zoneName({ ...choices, zone: "session" }, live, words) : words.say("zone.Europe/Moscow");
  return {
    language: {
      label: words.say("language"),
      chosen: words.language,
      options: [
        { value: "en", text: "EN", spoken: "English" },
        { value: "ru", text: "RU", spoken: "Русский" },
      ],
    },
    zone: {
      label: words.say("zone"),
      chosen: choices.zone,
      options: [
        { value: "session", text: zone },
        { value: "utc", text: words.say("zone.utc") },
        { value: "local", text: words.say("zone.local") },
      ],
    },
    theme: words.say({ auto: "theme.auto", light: "theme.light", dark: "theme.dark" }[choices.theme]),
  };
}
