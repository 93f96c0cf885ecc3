// The bands over the page: what is wrong with its numbers, and that they are simulated.
import { whyOf } from "./problem.js";
import { isSimulated, times, zoneOf } from "./session.js";
import { stateOf } from "./state.js";

const WORSE = { live: 0, loading: 0, slow: 0, empty: 1, database: 1, stale: 2, off: 3, away: 3 };

export function bands(answers, choices, words) {
  const { live } = answers;
  const state = stateOf(answers);
  const found = [];
  if (live && state in BANDS) found.push({ ...BANDS[state](answers, choices, words), state });
  if (isSimulated(answers)) {
    found.push({ tone: "sim", mark: "◆", bold: words.say("sim.band"), text: words.say("sim.band.more") });
  }
  return { bands: found, again: words.say("retry"), state, worse: WORSE[state] };
}

const BANDS = {
  database: ({ live, quality, clock }, choices, words) => {
    const zone = zoneOf(choices, live);
    const { away_since: since, next_try: next } = quality?.exchange ?? {};
    const u = times(choices, live, words).now;
    const bold = since
      ? words.say("db.band", { t: words.format.time(Date.parse(since), zone) })
      : words.say("db.band.now");
    const wait = next ? ` ${countdown(Date.parse(next) - clock.now, words)}` : "";
    return { tone: "warn", mark: "■", bold, text: `${words.say("db.band.shown", { u })}${wait}` };
  },
  stale: ({ connection, clock }, choices, words) => {
    const ageMs = clock.now - connection.newest;
    const m = Math.floor(ageMs / 60_000);
    const bold = m ? words.say("stale.band", { m }) : words.say("stale.band.seconds", { s: Math.round(ageMs / 1000) });
    return { tone: "warn", mark: "▲", bold, text: words.say("stale.band.why") };
  },
  off: ({ live, connection, clock }, choices, words) => {
    const t = words.format.time(connection.newest, zoneOf(choices, live));
    const { problem } = connection;
    const wait = connection.trying ? words.say("next.now") : countdown(connection.next - clock.now, words);
    return {
      tone: "bad",
      mark: "✕",
      bold: problem?.status ? words.say("off.band.refused", { t, why: whyOf(problem, words) }) : words.say("off.band", { t }),
      text: `${words.say("off.band.old")} ${wait}`,
      button: true,
    };
  },
};

export function countdown(ms, words) {
  const s = Math.ceil(ms / 1000);
  return s > 0 ? words.say("next", { s }) : words.say("next.now");
}

// Closed sessions and the exchange's state are asked for more often while it is away.
export const isAway = (live) => Boolean(live?.stale);
