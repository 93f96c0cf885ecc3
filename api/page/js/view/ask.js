// What is said of a threshold: the API's chance where it was asked for, else "≈" between the known quantiles.
import { inDollars, quoteOf } from "../format.js";
import { num, strong, toned } from "./number.js";
import { ownOf, stepOf } from "./thresholds.js";

const DOTS = 20;

// The viewer's threshold in one metric, as data; `at` says the same of any other amount.
export function asking(live, metric, choices, words) {
  if (live.odds.missing !== null) return null;
  const own = ownOf(choices, metric);
  const quote = quoteOf(live.symbol);
  const at = (amount) => asked(live, metric, amount, words);
  return {
    own,
    metric,
    step: stepOf(live.open),
    percentOfOne: 100 / live.open,
    label: words.say("ask.label", { m: words.say(`metric.${metric}`) }),
    field: words.say("ask.field", { m: words.say(`metric.${metric}`), quote }),
    title: words.say("thr"),
    shown: own === null ? null : at(own),
    at,
  };
}

function asked(live, metric, amount, words) {
  const { format } = words;
  const quote = quoteOf(live.symbol);
  const passed = metric === "range" && amount < live.range;
  const { p, exact } = chance(live, metric, amount, words);
  const x = format.money(amount, quote, live.open);
  const pct = (amount / live.open) * 100;
  const above = live.odds.distribution[metric].midpoints.filter((midpoint) => midpoint > amount).length;
  const written = exact ? [p] : ["≈ ", p];
  const parts = passed
    ? words.parts("ask.passed", { x: strong(x) })
    : words.parts("ask", {
        x: { tone: "", parts: [strong(x), ` · ${format.percent(pct)}`] },
        p: toned("forecast", written),
        m: words.say(`metric.${metric}`),
        k: `${above}`,
      });
  return {
    amount,
    pct,
    exact,
    above,
    of: DOTS,
    chance: passed ? [words.say("done.already")] : written,
    under: words.say("above", { x }),
    parts,
    spoken: words.say("ask.spoken", {
      x: format.wholePrice(amount, live.open),
      quote: inDollars(quote) ? words.say("ask.dollars") : quote,
      pct: format.percentNumber(pct),
      p: passed ? format.integer(100) : format.of100(typeof p === "string" ? approximate(live, metric, amount) : p.value),
    }),
  };
}

function chance(live, metric, amount, words) {
  const rows = live.odds.odds[metric];
  const at = rows.findIndex(({ threshold }) => threshold === amount);
  if (at < 0) return { p: words.format.probability(approximate(live, metric, amount)), exact: false };
  const { probability } = rows[at];
  const field = `live.odds.odds.${metric}.${at}.probability`;
  return { p: num(probability, field, words.format.probability(probability)), exact: true };
}

// The chance to end above an amount, on straight lines between the quantiles that the API gives.
export function approximate(live, metric, amount) {
  const { quantiles } = live.odds.distribution[metric];
  const known = Object.entries(quantiles).map(([name, value]) => [value, 1 - Number(name.slice(1)) / 100]);
  const next = known.findIndex(([value]) => value > amount);
  if (next === 0) return 1;
  if (next < 0) return 0;
  const [[low, p], [high, q]] = known.slice(next - 1, next + 1);
  return p + ((amount - low) / (high - low)) * (q - p);
}
