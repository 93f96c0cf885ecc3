// Which hours are stored: a line from the first candle to now, the gaps, and how the jobs ended.
import { num } from "./number.js";
import { along } from "./scale.js";
import { zoneOf } from "./session.js";

const NARROW = 4; // percent of the width that a year needs to be named

export const qualityQuestion = () => ({ quality: { url: "quality" } });

export function coverage({ live, quality }, choices, words) {
  const at = quality.symbols.findIndex(({ symbol }) => symbol === live.symbol);
  const kept = quality.symbols[at];
  const path = `quality.symbols.${at}`;
  if (!kept?.first_candle) return { missing: { why: words.say("panel.fail", { why: words.say("problem.no_data") }) } };
  const zone = zoneOf(choices, live);
  const moment = (instant) => words.format.moment(Date.parse(instant), zone, Date.parse(live.as_of));
  return {
    headline: headlineOf(kept, path, words),
    sub: subOf(kept, path, { moment, zone }, words),
    lines: quality.symbols.filter(({ first_candle: first }) => first).map((one) => lineOf(one, live, words)),
    gaps: {
      text: words.say("data.gaps"),
      caption: words.say("data.gaps"),
      columns: [words.say("data.from"), words.say("data.to"), words.say("data.hours")],
      rows: kept.gaps
        .map((gap, row) => ({
          cells: [
            [num(gap.from, `${path}.gaps.${row}.from`, moment(gap.from))],
            [num(gap.to, `${path}.gaps.${row}.to`, moment(gap.to))],
            [num(gap.hours, `${path}.gaps.${row}.hours`, words.format.integer(gap.hours))],
          ],
        }))
        .reverse(),
    },
  };
}

function headlineOf({ first_session: first, gap_hours: hours }, path, words) {
  const d = num(first, `${path}.first_session`, words.format.longDate(Date.parse(`${first}T00:00Z`), "UTC"));
  return hours ? words.parts("data", { d, n: hours }) : words.parts("data.whole", { d });
}

function subOf(kept, path, { moment, zone }, words) {
  const { format } = words;
  const n = num(kept.sessions, `${path}.sessions`, format.integer(kept.sessions));
  const t = num(kept.newest_candle, `${path}.newest_candle`, format.time(Date.parse(kept.newest_candle), zone));
  const parts = [
    words.parts("data.incomplete", { k: kept.incomplete.length, n }),
    ...fetchedOf(kept, path, t, { moment, zone }, words),
    ...aggregatedOf(kept, path, moment, words),
  ];
  return parts.flatMap((part, at) => (at === 0 ? part : ["; ", ...part]));
}

function fetchedOf({ backfill: run }, path, t, { moment, zone }, words) {
  const newest = words.parts("data.candle", { t });
  if (!run) return [newest];
  const began = num(run.began, `${path}.backfill.began`, moment(run.began));
  if (run.result === "running") {
    const count = (name) => (run[name] === null ? "–" : num(run[name], `${path}.backfill.${name}`, words.format.integer(run[name])));
    return [newest, words.parts("data.fetching", { a: count("done"), b: count("total") })];
  }
  if (run.result === "lost") return [newest, words.parts("data.fetch.lost", { t: began })];
  if (run.result === "failed") return [newest, words.parts("data.fetch.failed", { t: began, message: run.message ?? "" })];
  const u = num(run.ended, `${path}.backfill.ended`, words.format.seconds(Date.parse(run.ended), zone));
  return [words.parts("data.fetched", { t, u })];
}

function aggregatedOf({ aggregation: run }, path, moment, words) {
  if (!run) return [];
  const when = run.ended === null ? "began" : "ended";
  const t = num(run[when], `${path}.aggregation.${when}`, moment(run[when]));
  if (run.result === "failed") return [words.parts("data.failed", { t, message: run.message ?? "" })];
  return [words.parts({ running: "data.running", lost: "data.lost" }[run.result] ?? "data.aggregated", { t })];
}

// Years under it, a mark at each incomplete session.
function lineOf({ symbol, first_candle: first, incomplete }, live, words) {
  const [from, to] = [Date.parse(first), Date.parse(live.as_of)];
  const place = along(from, to);
  const date = (instant) => words.format.longDate(instant, "UTC");
  const years = [];
  for (let year = new Date(from).getUTCFullYear() + 1; Date.UTC(year) < to; year += 1) {
    const next = Math.min(100, place(Date.UTC(year + 1)));
    const x = place(Date.UTC(year));
    if (next - x >= NARROW) years.push({ x, middle: (x + next) / 2, text: String(year), short: `’${String(year).slice(2)}` });
  }
  return {
    symbol,
    label: words.say("data.line", { symbol, a: date(from), b: date(to) }),
    years,
    marks: incomplete.map(({ date: day, candles, expected_candles: expected }) => ({
      x: place(Date.parse(`${day}T00:00Z`)),
      title: words.say("data.mark", { d: date(Date.parse(`${day}T00:00Z`)), a: candles, b: expected }),
    })),
  };
}
