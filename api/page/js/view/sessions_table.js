// The table of sessions: what its columns are called, sorted by and written as.
import { num } from "./number.js";

const AMOUNTS = ["open", "high", "low", "close"];

// `value` gives what a column is sorted by, `cells` a row as texts and numbers; both of a position.
export function tableOf(context) {
  const { words } = context;
  const vol = words.say("metric.volatility");
  const range = words.say("metric.range");
  const column = (key, text, options = {}) => ({ key, text, spoken: text, ...options });
  const wide = { wide: true };
  return {
    caption: words.say("hist.table"),
    columns: [
      column("date", words.say("hist.session")),
      column("open", words.say("hist.open"), wide),
      column("high", words.say("high"), wide),
      column("low", words.say("low"), wide),
      column("close", words.say("hist.close")),
      column("vol", vol),
      column("volPct", "%", { spoken: `${vol}, %` }),
      column("range", range),
      column("rangePct", "%", { spoken: `${range}, %` }),
      column("hours", words.say("hist.hours"), wide),
    ],
    more: (n) => words.say("more", { n: words.format.integer(n) }),
    value: (key, at) => VALUES[key](context.columns, at),
    cells: (at) => (at < context.count ? closed(context, at) : running(context)),
  };
}

// Vol and Range in money are the definitions, applied to the session's own prices.
const vol = ({ open, close }, at) => Math.abs(open[at] - close[at]);
const range = ({ high, low }, at) => high[at] - low[at];

const VALUES = {
  date: (columns, at) => at,
  ...Object.fromEntries(AMOUNTS.map((name) => [name, (columns, at) => columns[name][at]])),
  vol,
  volPct: (columns, at) => columns.volatility_pct[at],
  range,
  rangePct: (columns, at) => columns.range_pct[at],
  hours: (columns, at) => columns.candles[at],
};

function closed({ columns, live, words, nowMs }, at) {
  const { format } = words;
  const number = (name, write) => [num(columns[name][at], `history.columns.${name}.${at}`, format[write](columns[name][at]))];
  const hours = columns.complete[at] ? columns.candles[at] : live.expected_candles;
  return [
    [format.date(Date.parse(columns.date[at]), "UTC", nowMs)],
    ...AMOUNTS.map((name) => number(name, "price")),
    [format.amount(vol(columns, at), columns.open[at])],
    number("volatility_pct", "percentNumber"),
    [format.amount(range(columns, at), columns.open[at])],
    number("range_pct", "percentNumber"),
    [...number("candles", "integer"), `/${hours}`],
  ];
}

function running({ live, words, nowMs }) {
  const { format } = words;
  const number = (name, write, scale) => [num(live[name], `live.${name}`, format[write](live[name], scale))];
  return [
    [`${format.date(Date.parse(live.date), "UTC", nowMs)} ${words.say("hist.now")}`],
    ...AMOUNTS.map((name) => number(name, "price")),
    number("volatility", "amount", live.open),
    number("volatility_pct", "percentNumber"),
    number("range", "amount", live.open),
    number("range_pct", "percentNumber"),
    [...number("candles", "integer"), `/${live.expected_candles}`],
  ];
}
