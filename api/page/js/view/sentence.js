// The h1, the verdicts, and the title of the browser's tab.
import { of100 } from "../format.js";
import { num } from "./number.js";
import { isSimulated, sessionOf, times } from "./session.js";
import { stateOf } from "./state.js";

const BORDERS = [0.1, 0.3, 0.7, 0.9]; // of the share of past sessions that had moved no further
export const ZONES = [0, ...BORDERS.map((border) => border * 100), 100];
const MARKS = { database: "▲", stale: "▲", off: "✕", away: "✕", empty: "✕" };

// 1 very small … 5 very large: below .10, below .30, up to .70, up to .90, above.
export function verdictOf(share) {
  const [tiny, small, ordinary, large] = BORDERS;
  if (share < tiny) return 1;
  if (share < small) return 2;
  if (share <= ordinary) return 3;
  return share <= large ? 4 : 5;
}

export const VERDICTS = { 1: "v1", 2: "v2", 3: "v3", 4: "v4", 5: "v5" };
const OF_BOTH = { 1: "v1.both", 2: "v2.both", 3: "v3.both", 4: "v4.both", 5: "v5.both" };

export const shareOf = (live, metric) => live.today.percentile_by_elapsed[metric];

export function rank(live, metric, words) {
  const share = shareOf(live, metric);
  return num(share, `live.today.percentile_by_elapsed.${metric}`, words.format.of100(share));
}

export function sentence(answers, choices, words) {
  const { live, clock } = answers;
  const state = stateOf(answers);
  if (!live) return { parts: withoutNumbers(state, words), title: titleOf(answers, state, words) };
  const { now, open } = times(choices, live, words);
  const [a, b] = ["volatility", "range"].map((metric) => shareOf(live, metric));
  const title = titleOf(answers, state, words);
  if (a === null || b === null) {
    const m = Math.max(0, Math.floor((Math.min(clock.now, Date.parse(live.as_of)) - sessionOf(live).openMs) / 60_000));
    return { parts: words.parts("h1.begun", { m, open }), title, verdict: "begun" };
  }
  const [x, y] = ["volatility", "range"].map((metric) => rank(live, metric, words));
  const [first, second] = [verdictOf(a), verdictOf(b)];
  const parts =
    first === second
      ? words.parts("h1.both", { t: now, a: words.say(OF_BOTH[first]), x, y })
      : words.parts("h1", { t: now, a: words.say(VERDICTS[first]), b: words.say(VERDICTS[second]), x, y });
  return { parts, title, verdict: `${first} ${second}` };
}

function withoutNumbers(state, words) {
  if (state === "empty") return [words.say("empty.title")];
  return state === "away" || state === "off" ? [words.say("away.title")] : null;
}

// 1.51% · 62 of 100 · BTC Volatility
function titleOf(answers, state, words) {
  const { live } = answers;
  const marks = [isSimulated(answers) ? "◆" : "", MARKS[state] ?? ""].join("");
  const share = live && shareOf(live, "volatility");
  const numbers =
    live && share !== null
      ? words.say("title.tab", { pct: words.format.percent(live.volatility_pct), x: of100(share) })
      : words.say("title");
  return marks ? `${marks} ${numbers}` : numbers;
}

