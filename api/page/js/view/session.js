// The running session's instants as numbers, and zones: what the page itself has to know of an answer.
export function sessionOf(live) {
  if (!live) return null;
  return {
    date: live.date,
    openMs: Date.parse(live.open_time),
    closeMs: Date.parse(live.close_time),
    begun: live.open !== null,
  };
}

// Whether no number is real: as the answers say, and before there are any, as they said the last time.
export function isSimulated({ live, quality, remembered }) {
  return live?.simulated ?? quality?.symbols[0]?.simulated ?? remembered?.simulated ?? false;
}

// The zone that Intl is to use.
export function zoneOf(choices, live) {
  if (choices.zone === "utc") return "UTC";
  return choices.zone === "session" ? live.timezone : undefined;
}

// The zone's name for people: MSK, UTC, GMT+2.
export function zoneName(choices, live, words) {
  const zone = zoneOf(choices, live);
  const key = `zone.${zone}`;
  if (choices.zone === "utc") return words.say("zone.utc");
  return words.has(key) ? words.say(key) : words.format.zoneName(Date.parse(live.as_of), zone);
}

// Times of the session as the viewer's zone has them.
export function times(choices, live, words) {
  const zone = zoneOf(choices, live);
  const time = (instant) => words.format.time(Date.parse(instant), zone);
  return { now: time(live.as_of), open: time(live.open_time), close: time(live.close_time) };
}
