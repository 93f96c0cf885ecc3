// The first three questions: how far, is that a lot, what is likely; and the line of the price.
import { quoteOf } from "../format.js";
import { num } from "./number.js";
import { sessionOf, times } from "./session.js";
import { rank, shareOf, VERDICTS, verdictOf, ZONES } from "./sentence.js";

const METRICS = ["volatility", "range"];
const HOUR_MS = 3_600_000;
// Range never falls: an end of its forecast that stands at today's Range holds all endings that grow no more.
// `field` is range or range_pct.
export const isFloor = (live, field, end) => field.startsWith("range") && end <= live[field];
const both = (cell) => Object.fromEntries(METRICS.map((metric) => [metric, cell(metric)]));

export function moved({ live }, choices, words) {
  const { format } = words;
  const quote = quoteOf(live.symbol);
  const cell = (metric) =>
    live[metric] === null
      ? { none: "–" }
      : {
          figure: num(live[metric], `live.${metric}`, format.money(live[metric], quote, live.open)),
          pct: num(live[`${metric}_pct`], `live.${metric}_pct`, format.percent(live[`${metric}_pct`])),
        };
  return { cells: both(cell) };
}

export function lot({ live }, choices, words) {
  const { n } = live.today.percentile_by_elapsed;
  const cell = (metric) => {
    const share = shareOf(live, metric);
    if (share === null) return { none: words.say("of100.none") };
    const x = rank(live, metric, words);
    return {
      x,
      of: words.say("of100"),
      verdict: words.say(VERDICTS[verdictOf(share)]),
      strip: { zones: ZONES, mark: share * 100, label: words.say("strip", { m: nameOf(metric, words), x: x.text }) },
    };
  };
  return {
    headline: words.parts("q2", { t: times(choices, live, words).now }),
    note: [words.say("of.sessions", { n })],
    cells: both(cell),
  };
}

export function likely({ live }, choices, words) {
  const headline = words.parts("q3", { close: times(choices, live, words).close });
  const { distribution, missing } = live.odds;
  if (missing !== null) {
    return { headline, note: [""], cells: { volatility: { none: missingOdds(live, words) }, range: { none: "" } } };
  }
  const most = Math.max(...METRICS.map((metric) => Math.max(distribution[metric].quantiles.p90, live[metric])));
  const cell = (metric) => {
    const { p10, p25, p50, p75, p90 } = distribution[metric].quantiles;
    const path = `live.odds.distribution.${metric}.quantiles`;
    const whole = (value) => words.format.wholePrice(value, live.open);
    const spoken = { m: nameOf(metric, words), a: whole(p25), b: whole(p75), c: whole(p10), d: whole(p90), e: whole(p50) };
    const floor = (end) => isFloor(live, metric, end);
    return {
      ...(floor(p25) ? mostOf(live, metric, words) : { half: ends([p25, p75], path, words.format, live) }),
      bar: {
        scale: [p10, p25, p50, p75, p90, live[metric]].map((value) => (value / most) * 100),
        alone: floor(p10),
        low: floor(p10) ? words.say("q3.most.short") : num(p10, `${path}.p10`, whole(p10)),
        high: num(p90, `${path}.p90`, whole(p90)),
        label: words.say(floor(p10) ? "q3.bar.most" : "q3.bar", { ...spoken, f: whole(live[metric]) }),
      },
    };
  };
  return { headline, note: [words.say("q3.note")], cells: both(cell) };
}

// A half that begins at the floor would hold more than half: its upper end alone, and how many endings that is.
function mostOf(live, metric, words) {
  const { odds, symbol, open } = live;
  const { p75 } = odds.distribution[metric].quantiles;
  const none = num(odds.no_growth, "live.odds.no_growth", words.format.probability(odds.no_growth));
  if (isFloor(live, metric, p75)) return { half: [words.say("q3.stays")], of: words.parts("q3.stays.of", { p: none }) };
  const b = num(p75, `live.odds.distribution.${metric}.quantiles.p75`, words.format.money(p75, quoteOf(symbol), open));
  return { half: words.parts("q3.most", { b }), of: [words.say("q3.most.of")] };
}

// Two numbers with the currency written once: each end is a number of its own.
function ends([low, high], path, format, { symbol, open }) {
  const [first, last] = format.moneyRange(low, high, quoteOf(symbol), open).split("–");
  return [num(low, `${path}.p25`, first), "–", num(high, `${path}.p75`, last)];
}

// The one sentence of a missing forecast; the code says which.
export function missingOdds({ odds }, words) {
  const key = `missing.${odds.missing_code}`;
  return words.has(key) ? words.say(key, { n: odds.n ?? 0 }) : odds.missing;
}

const nameOf = (metric, words) => words.say(`metric.${metric}`);

export function price({ live }, choices, words) {
  const { format } = words;
  if (live.open === null) return { none: true };
  const shown = (name) => num(live[name], `live.${name}`, format.price(live[name]));
  const up = live.price >= live.open;
  return {
    label: words.say("price"),
    price: shown("price"),
    from: words.parts("price.from", { arrow: live.price === live.open ? "=" : up ? "↑" : "↓", o: shown("open") }),
    high: [words.say("high"), " ", shown("high")],
    low: [words.say("low"), " ", shown("low")],
    path: pathOf(live, words),
  };
}

// The closed hours and now, on a scale of 0 to 100 from the low to the high, and from the open to the close.
function pathOf(live, words) {
  const { openMs, closeMs } = sessionOf(live);
  const hours = (closeMs - openMs) / HOUR_MS;
  const height = live.high - live.low || 1;
  const y = (value) => 100 - ((value - live.low) / height) * 100;
  const closed = live.cone.hours.filter(({ price: value }) => value !== null);
  const points = [
    [0, y(live.open)],
    ...closed.filter(({ elapsed }) => elapsed < live.elapsed_hours).map((hour) => [(hour.elapsed / hours) * 100, y(hour.price)]),
    [(live.elapsed_hours / hours) * 100, y(live.price)],
  ];
  const rounded = points.map((point) => point.map((value) => Math.round(value * 100) / 100));
  return { points: rounded, open: rounded[0][1], label: words.say("price.path") };
}
