// All closed sessions and the running one: bars or candles with one window's band, and what is read from them.
import { num, strong, toned } from "./number.js";
import { closedUrl } from "./question.js";
import { tableOf } from "./sessions_table.js";

const WINDOWS = [5, 7, 14, 30];
const SPANS = [30, 90, 365, "all"];
const MOST_DAYS = 3650; // of /statistics
const DAY_MS = 86_400_000;
const ZONE = "UTC"; // a session's date is a day, not an instant
const WEEK = 7;
const EACH_DAY = 45; // sessions up to which single days are named on the axis
const EACH_MONTH = 250;
const EACH_QUARTER = 800;

const PRICES = ["open", "high", "low", "close"];
const DIGITS = 15; // as the API writes numbers
const ASKED = ["date", ...PRICES, "candles", "complete", "n", "mean_pct", "median_pct", "p10_pct", "p90_pct"];

export const asks = ({ metric, window, ...choices }) => ({
  history: { url: closedUrl("history", choices, { metric, window, column: ASKED }) },
});

// The columns that were asked for, with Vol and Range in percent of the open: their definitions, which weigh nothing.
const percentsOf = new WeakMap();
function columnsOf({ columns }) {
  if (!percentsOf.has(columns)) {
    const { open, high, low, close } = columns;
    const ofOpen = (move) => open.map((price, at) => Number(((100 * move(at)) / price).toPrecision(DIGITS)));
    const volatility_pct = ofOpen((at) => Math.abs(open[at] - close[at]));
    percentsOf.set(columns, { ...columns, volatility_pct, range_pct: ofOpen((at) => high[at] - low[at]) });
  }
  return percentsOf.get(columns);
}

export function sessions({ live, history }, choices, words) {
  const { count } = history;
  const columns = columnsOf(history);
  const last = columns.date.at(-1) ?? null;
  const today = live.open === null ? null : todayOf(live);
  const total = count + (today ? 1 : 0);
  const whole = (value) => words.format.integer(value);
  const context = { live, history, columns, count, today, words, nowMs: Date.parse(live.as_of) };
  return {
    headline: headline(context),
    sub: [words.say("hist.sub")],
    key: [history.symbol, history.metric, history.window, count, last], // of what the functions below give
    today,
    count,
    total,
    language: words.language,
    role: words.say("chart"),
    label: (from, to) => words.say("hist.chart", { shown: whole(to - from + 1), all: whole(total) }),
    shape: choices.shape,
    span: choices.span,
    controls: controls(choices, words),
    brush: { label: words.say("hist.brush"), from: words.say("hist.from"), to: words.say("hist.to") },
    csv: { text: `${words.say("hist.csv")} ↓`, url: (from, to) => csvUrl(context, choices, from, to) },
    data: () => dataOf(context),
    complete: (at) => (at < count ? columns.complete[at] : true),
    date: (at) => dateOf(context, at),
    ticks: (from, to) => ticks(context, from, to),
    years: () => years(context),
    tick: (value, digits) => (choices.shape === "bars" ? percentTick(value, digits, words) : words.format.integer(value)),
    labels: (to) => windowLabels(context, Math.min(to, count - 1)),
    reading: (at) => reading(context, at),
    table: tableOf(context),
  };
}

function headline({ columns, history, count, words }) {
  const at = count - 1;
  if (count === 0 || columns.median_pct[at] === null) return [words.say("hist.label")];
  const number = (name, write) => num(columns[name][at], `history.columns.${name}.${at}`, words.format[write](columns[name][at]));
  return words.parts("hist", {
    n: columns.n[at],
    m: words.say(`metric.${history.metric}`),
    a: number("median_pct", "percent"),
    b: number("p10_pct", "percentNumber"),
    c: number("p90_pct", "percent"),
  });
}

function controls({ metric, window, shape, span }, words) {
  return {
    metric: {
      label: words.say("hist.metric"),
      options: ["volatility", "range"].map((value) => ({ value, text: words.say(`metric.${value}`) })),
      chosen: metric,
    },
    window: { label: words.say("hist.window"), options: WINDOWS.map((value) => ({ value, text: `${value}` })), chosen: window },
    shape: {
      label: words.say("hist.shape"),
      options: ["bars", "candles"].map((value) => ({ value, text: words.say(`hist.${value}`) })),
      chosen: shape,
    },
    span: {
      label: words.say("hist.span"),
      options: SPANS.map((value) => ({ value, text: value === "all" ? words.say("all") : `${value}` })),
      chosen: span,
    },
  };
}

const todayOf = (live) => ({
  date: live.date,
  row: [live.range_pct, live.volatility_pct, null, null, null, live.open, live.high, live.low, live.close],
});

// By position: Range, Vol, the window's p90, p10 and median, open, high, low, close; the last position is today.
function dataOf({ columns, today, count }) {
  const names = ["range_pct", "volatility_pct", "p90_pct", "p10_pct", "median_pct", ...PRICES];
  const xs = Array.from({ length: count + (today ? 1 : 0) }, (_, at) => at);
  return [xs, ...names.map((name, at) => (today ? [...columns[name], today.row[at]] : columns[name]))];
}

function dateOf({ columns, today, count, words, nowMs }, at) {
  return words.format.date(Date.parse(at < count ? columns.date[at] : today.date), ZONE, nowMs);
}

function percentTick(value, digits, words) {
  return value === 0 ? "0" : words.format.percentTick(value, digits);
}

// The first sessions of weeks, months, quarters or years, by how many sessions are shown.
function ticks(context, from, to) {
  const { columns, count, words } = context;
  const shown = to - from + 1;
  const found = [];
  for (let at = from; at <= Math.min(to, count - 1); at += 1) {
    const [year, month] = columns.date[at].split("-");
    const before = at > 0 ? columns.date[at - 1].slice(0, 7) : "";
    const first = at > 0 && before !== `${year}-${month}`;
    if (shown <= EACH_DAY) {
      if ((to - at) % WEEK === 0) found.push({ at, text: dateOf(context, at) });
    } else if (first && month === "01") {
      found.push({ at, text: year });
    } else if (first && (shown <= EACH_MONTH || (shown <= EACH_QUARTER && (month - 1) % 3 === 0))) {
      found.push({ at, text: monthOf(columns.date[at], words) });
    }
  }
  return found.map((tick, place) => ({ ...tick, minor: found.length > 5 && place % 2 === 1 }));
}

const monthOf = (date, words) => words.format.date(Date.parse(date), ZONE).replace(/^\d+\s/, "");

function years({ columns, count }) {
  const found = [];
  for (let at = 1; at < count; at += 1) {
    const year = columns.date[at].slice(0, 4);
    if (columns.date[at - 1].slice(0, 4) !== year) found.push({ at, text: year, short: `’${year.slice(2)}` });
  }
  return found;
}

// The window's numbers at the right end.
function windowLabels({ columns, words }, at) {
  if (at < 0 || columns.median_pct[at] === null) return [];
  const label = (name, word) => ({
    y: columns[name][at],
    bold: name === "median_pct",
    parts: [`${word} `, num(columns[name][at], `history.columns.${name}.${at}`, words.format.percentNumber(columns[name][at]))],
  });
  return [label("p90_pct", "p90"), label("median_pct", words.say("med")), label("p10_pct", "p10")];
}

function reading(context, at) {
  const { columns, history, live, count, words } = context;
  const { format } = words;
  const closed = at < count;
  const value = (name) => (closed ? columns[name][at] : live[name]);
  const path = (name) => (closed ? `history.columns.${name}.${at}` : `live.${name}`);
  const number = (name, write) => num(value(name), path(name), format[write](value(name)));
  const date = dateOf(context, at);
  const name = closed ? strong(date) : toned("today", `${date} ${words.say("hist.now")}`);
  const parts = [name, ` · ${words.say("metric.volatility")} `, number("volatility_pct", "percent")];
  parts.push(` · ${words.say("metric.range")} `, number("range_pct", "percent"), " · ");
  const [o, c, h, l] = ["open", "close", "high", "low"].map((price) => number(price, "price"));
  parts.push(...words.parts("hist.prices", { o, c, h, l }));
  if (!closed || columns.median_pct[at] === null) return parts;
  if (!columns.complete[at]) parts.push(` · ${words.say("hist.incomplete")}`);
  const window = {
    n: `${history.window}`,
    a: number("mean_pct", "percentNumber"),
    b: number("median_pct", "percentNumber"),
    c: number("p10_pct", "percentNumber"),
    d: number("p90_pct", "percent"),
  };
  return [...parts, " · ", ...words.parts("hist.window.of", window)];
}

// The closed ones of the shown sessions: the newest as /statistics has them, others by their dates.
function csvUrl({ columns, count }, choices, from, to) {
  const newest = Math.min(to, count - 1);
  const days = newest - from + 1;
  if (newest === count - 1 && days <= MOST_DAYS) {
    return closedUrl("statistics", choices, { days: Math.max(1, days), format: "csv" });
  }
  const after = new Date(Date.parse(columns.date[newest]) + DAY_MS).toISOString().slice(0, 10);
  return closedUrl("sessions", choices, { from: columns.date[from], to: after, format: "csv" });
}

// The positions that a span shows: its closed sessions and today.
export function spanOf(span, { count, total }) {
  return [span === "all" ? 0 : Math.max(0, count - span), total - 1];
}
