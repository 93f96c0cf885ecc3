// Session, time left, ticks, badges.
import { num } from "./number.js";
import { isSimulated, sessionOf, times, zoneName, zoneOf } from "./session.js";
import { stateOf } from "./state.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECONDS_FOR_MS = 5 * MINUTE_MS;

export function badges(answers, choices, words) {
  const found = [stateBadge(answers, choices, words)];
  if (isSimulated(answers)) found.push({ tone: "sim", mark: "◆", text: words.say("sim") });
  return { badges: found };
}

function stateBadge(answers, choices, words) {
  const { live, connection, clock } = answers;
  const state = stateOf(answers);
  const ageMs = clock.now - connection.newest;
  const s = Math.max(0, Math.round(ageMs / 1000));
  const age = ageMs < MINUTE_MS ? { key: "stale.seconds", values: { s } } : { key: "stale", values: { m: minutes(ageMs) } };
  return {
    live: () => ({ tone: "ok", mark: "●", text: words.say("live", { s }), means: words.say("live.means", { s }) }),
    database: () => ({ tone: "warn", mark: "■", text: words.say("db", { t: times(choices, live, words).now }) }),
    stale: () => ({ tone: "warn", mark: "▲", text: words.say(age.key, age.values) }),
    off: () => ({ tone: "bad", mark: "✕", text: words.say(refusalOf(connection) ?? "off") }),
    away: () => ({ tone: "bad", mark: "✕", text: words.say(refusalOf(connection)) }),
    empty: () => ({ tone: "bad", mark: "✕", text: words.say("empty") }),
    loading: () => ({ tone: "ok", mark: "●", text: words.say("loading") }),
    slow: () => ({ tone: "ok", mark: "●", text: words.say("loading.still") }),
  }[state]();
}

// The words for a service that answers, but without numbers.
function refusalOf({ problem }) {
  if (!problem?.status) return null;
  return problem.code === "database_away" ? "away" : "refused";
}

export const minutes = (ms) => Math.floor(ms / MINUTE_MS);

export function session({ live }, choices, words) {
  const { openMs, closeMs } = sessionOf(live);
  const zone = zoneOf(choices, live);
  const moment = (ms) => words.format.moment(ms, zone);
  const bounds = words.say("session.bounds", {
    from: moment(openMs),
    to: moment(closeMs),
    zone: zoneName(choices, live, words),
  });
  return { label: words.say("session"), bounds };
}

// Minutes are rounded up: "1 min" until it is over; the last five minutes in seconds.
export function left({ live, clock }, choices, words) {
  const { closeMs, begun } = sessionOf(live);
  const leftMs = closeMs - clock.now;
  if (leftMs <= 0 || !begun) return { text: words.say("expired") };
  const field = { value: live.close_time, field: "live.close_time" };
  const to = words.say("left.to");
  if (leftMs <= SECONDS_FOR_MS) {
    const seconds = Math.ceil(leftMs / 1000);
    const text = words.say("left.seconds", { m: Math.floor(seconds / 60), s: seconds % 60 });
    return { time: num(field.value, field.field, text), to };
  }
  const whole = Math.ceil(leftMs / MINUTE_MS);
  const key = whole < 60 ? "left.minutes" : "left";
  const text = words.say(key, { h: Math.floor(whole / 60), m: whole % 60 });
  return { time: num(field.value, field.field, text), to };
}

// One tick an hour: full ones, and the share of the running one.
export function ticks({ live, clock }, choices, words) {
  const { openMs, closeMs } = sessionOf(live);
  const all = Math.round((closeMs - openMs) / HOUR_MS);
  const passed = Math.min(all, Math.max(0, (clock.now - openMs) / HOUR_MS));
  const full = Math.floor(passed);
  return {
    label: words.say("ticks", { n: full, all }),
    ticks: Array.from({ length: all }, (_, hour) => ({
      kind: hour < full ? "passed" : hour === full ? "running" : "left",
      share: hour === full ? Math.round((passed - full) * 20) / 20 : 0,
    })),
  };
}
