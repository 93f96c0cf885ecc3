// What a straddle is worth now, and whether what is shown can be trusted.
import { quoteOf } from "../format.js";
import { num } from "./number.js";
import { sessionOf } from "./session.js";
import { stepOf, toStep } from "./thresholds.js";

const ENOUGH_SESSIONS = 365; // fewer than a year: the line says so
const HOUR_MS = 3_600_000;
const OLD_MS = 20_000;
const UNITS = [
  [60_000, 1000, "trust.ago.seconds"],
  [3_600_000, 60_000, "trust.ago.minutes"],
  [172_800_000, 3_600_000, "trust.ago.hours"],
  [Infinity, 86_400_000, "trust.ago.days"],
];
const COVERAGE_BORDERS = [0.75, 0.85]; // a band of 80% that holds less or more is not one

export function worth({ live }, choices, words) {
  const { format } = words;
  const quote = quoteOf(live.symbol);
  const { value, strike, premium, reference } = live.straddle;
  if (value.fair === null) return { none: "–" }; // why stands once, where the odds would
  const path = "live.straddle";
  // Until a premium is chosen the lines keep their place.
  const shown = (number, field, text) => [premium === null ? "–" : num(number, field, text)];
  const most = Math.max(value.fair, premium ?? 0);
  const at = num(strike, "live.straddle.strike", format.wholePrice(strike));
  const field = (name, id) => [{ text: words.say(name), href: `#${id}` }];
  const lines = [
    {
      name: field("strike.at", "straddle-strike"),
      value: strike === live.open ? words.parts("strike.at.open", { k: at }) : [at],
    },
    { name: field("prem.your", "straddle-premium"), value: shown(premium, `${path}.premium`, format.money(premium, quote, reference)) },
    {
      name: words.say("edge"),
      value: shown(value.expected_profit, `${path}.value.expected_profit`, format.profit(value.expected_profit, most, quote, reference)),
    },
    {
      name: words.say("pprofit"),
      value: shown(value.probability, `${path}.value.probability`, format.probability(value.probability)),
    },
  ];
  return {
    fair: num(value.fair, "live.straddle.value.fair", format.money(value.fair, quote, reference)),
    pct: num(value.fair_pct, "live.straddle.value.fair_pct", format.percent(value.fair_pct)),
    under: words.say("fair"),
    lines,
  };
}

// The premium that a first visit begins with: the fair value, rounded as thresholds are.
export function firstPremium(live) {
  const { fair } = live.straddle.value;
  return fair === null ? null : toStep(fair, stepOf(live.open));
}

export function trust(answers, choices, words) {
  const lines = [lastTrade(answers, words), hoursToday(answers, words)];
  return { lines: [...lines, ...ofQuality(answers, words), ofScorecard(answers, words)] };
}

function lastTrade({ live, clock }, words) {
  const ageMs = Math.max(0, clock.now - Date.parse(live.as_of));
  const [, unit, key] = UNITS.find(([below]) => ageMs < below);
  const text = words.say(key, { n: words.format.integer(Math.floor(ageMs / unit)) });
  return { name: words.say("trust.last"), value: [num(live.as_of, "live.as_of", text)], failing: ageMs >= OLD_MS };
}

// The hours that have begun, and how many of them have a candle; the running one may come a little later.
function hoursToday({ live, clock }, words) {
  const hours = Math.floor((clock.now - sessionOf(live).openMs) / HOUR_MS) + 1;
  const begun = Math.min(live.expected_candles, Math.max(1, hours));
  const a = num(live.candles, "live.candles", words.format.integer(live.candles));
  const value = words.parts("trust.of", { a, b: words.format.integer(begun) });
  return { name: words.say("trust.hours"), value, failing: live.candles < begun - 1 };
}

function ofQuality({ live, quality, failures }, words) {
  const names = [words.say("trust.history"), words.say("trust.gaps")];
  if (!quality) return names.map((name) => waiting(name, failures?.quality, words));
  const at = quality.symbols.findIndex(({ symbol }) => symbol === live.symbol);
  const { sessions, gap_hours: gaps } = quality.symbols[at];
  const short = sessions < ENOUGH_SESSIONS;
  const history = words.say(short ? "trust.short" : "trust.sessions", { n: sessions });
  const path = `quality.symbols.${at}`;
  return [
    { name: names[0], value: [num(sessions, `${path}.sessions`, history)], failing: short },
    {
      name: names[1],
      value: [num(gaps, `${path}.gap_hours`, words.say("trust.gap.hours", { n: words.format.integer(gaps) }))],
    },
  ];
}

// The share of past sessions within the 80% band, at the hour nearest below now.
function ofScorecard({ live, scorecard, failures }, words) {
  const name = words.say("trust.band");
  if (!scorecard) return waiting(name, failures?.scorecard, words);
  const rows = scorecard.coverage
    .map((row, at) => ({ ...row, at }))
    .filter(({ metric, nominal, elapsed_hours: hours }) => metric === "volatility" && nominal === 0.8 && hours <= live.elapsed_hours);
  const row = rows.at(-1);
  if (!row || row.randomised === null) return { name, value: [words.say("trust.band.none")], failing: false };
  const [low, high] = COVERAGE_BORDERS;
  const text = words.format.share(row.randomised);
  return {
    name,
    value: [num(row.randomised, `scorecard.coverage.${row.at}.randomised`, text)],
    failing: row.randomised < low || row.randomised > high,
  };
}

function waiting(name, failed, words) {
  return { name, value: [words.say(failed ? "trust.none" : "trust.wait")], failing: Boolean(failed) };
}
