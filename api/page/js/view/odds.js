// The ladder: chances to end above round thresholds, and above the viewer's own.
import { quoteOf } from "../format.js";
import { missingOdds } from "./figures.js";
import { num } from "./number.js";
import { times } from "./session.js";
import { ladderOf } from "./thresholds.js";

export function odds({ live }, choices, words) {
  const headline = words.parts("odds", { close: times(choices, live, words).close });
  if (live.odds.missing !== null) return { headline, sub: [words.say("odds.sub")], none: missingOdds(live, words) };
  const columns = ["thr", "metric.volatility", "metric.range"].map((key) => words.say(key));
  const wanted = [...new Set([...ladderOf(live), choices.premium])].filter((value) => value !== null);
  const rows = wanted.sort((a, b) => a - b).map((threshold) => ladderRow(live, threshold, choices, words));
  return {
    headline,
    sub: [words.say("odds.sub")],
    columns: [columns[0], words.say("thr.pct"), columns[1], columns[2]],
    rows,
    under: words.say("dots"),
  };
}

// The row of a threshold; one that the answer does not know yet keeps its place.
function ladderRow(live, threshold, choices, words) {
  const { format } = words;
  const own = threshold === choices.premium;
  const at = live.odds.odds.volatility.findIndex((row) => row.threshold === threshold);
  const text = format.money(threshold, quoteOf(live.symbol), live.open);
  if (at < 0) return { own, threshold: text, pct: "–", volatility: null, range: null };
  const { threshold_pct: pct, probability } = live.odds.odds.volatility[at];
  const path = `live.odds.odds.volatility.${at}`;
  const other = live.odds.odds.range.findIndex((row) => row.threshold === threshold);
  return {
    own,
    threshold: num(threshold, `${path}.threshold`, text),
    pct: num(pct, `${path}.threshold_pct`, format.percentNumber(pct)),
    volatility: cell(probability, `${path}.probability`, format),
    range: other < 0 ? null : rangeCell(live, other, words),
  };
}

const cell = (share, field, format) => ({ share, number: num(share, field, format.probability(share)) });

function rangeCell(live, at, words) {
  const { threshold, probability } = live.odds.odds.range[at];
  const field = `live.odds.odds.range.${at}.probability`;
  if (threshold < live.range) return { share: null, number: num(probability, field, words.say("done")) };
  return cell(probability, field, words.format);
}
