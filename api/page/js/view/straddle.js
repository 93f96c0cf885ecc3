// The straddle that the viewer asks about: its terms, what it is worth now, and how it did in past sessions.
import { quoteOf } from "../format.js";
import { num } from "./number.js";
import { whyOf } from "./problem.js";
import { closedUrl } from "./question.js";
import { along, shown, weekdayOf } from "./scale.js";
import { times } from "./session.js";
import { stepOf } from "./thresholds.js";

const EXPLAINED = [
  ["fair.now", "fair"],
  ["be", "breakevens"],
  ["str.won", "win_rate"],
];

// Records are asked once there is a premium.
export function straddleQuestion(choices) {
  const { premium, strike } = choices;
  if (premium === null) return {};
  return { straddle: { url: closedUrl("straddle", choices, strike === null ? { premium } : { premium, strike }) } };
}

export function straddle({ live, straddle: records, failures }, choices, words) {
  return {
    headline: words.parts("str", { open: times(choices, live, words).open }),
    ...fieldsOf(live, choices, words),
    lines: linesOf(live, words),
    records: records ? recordsOf(records, words) : null,
    weekdays: records ? weekdaysOf(records, weekdayOf(live.date), words) : null,
    unasked: choices.premium === null && live.straddle.value.fair === null ? words.say("str.ask") : "",
    failed: !records && failures.straddle ? failedWith(failures.straddle, words) : null,
    past: words.say("str.past"),
    caveat: words.say("str.note"),
    means: {
      summary: words.say("str.means"),
      lines: EXPLAINED.map(([name, key]) => ({ name: words.say(name), text: words.say(`definition.${key}`) })),
    },
  };
}

const failedWith = (failure, words) => ({
  why: words.say("panel.fail", { why: whyOf(failure, words) }),
  again: words.say("again"),
});

function fieldsOf({ symbol, open, straddle: { premium, strike } }, choices, words) {
  const { format } = words;
  const step = stepOf(open);
  const by = { x: format.wholePrice(step) };
  const asked = { premium: choices.premium ?? premium, strike: choices.strike ?? strike };
  return {
    premium: {
      label: words.say("prem"),
      unit: format.sign(quoteOf(symbol)),
      value: asked.premium,
      text: asked.premium === null ? "" : format.wholePrice(asked.premium),
      more: words.say("prem.more", by),
      less: words.say("prem.less", by),
      step,
    },
    strike: {
      label: words.say("strike"),
      hint: words.say("strike.open"),
      value: asked.strike,
      text: asked.strike === null ? "" : format.price(asked.strike),
    },
  };
}

function linesOf({ symbol, odds, straddle: { premium, strike, breakevens, value, reference } }, words) {
  const { format } = words;
  const path = "live.straddle";
  const money = (amount) => format.money(amount, quoteOf(symbol), reference);
  const part = (amount) => format.moneyOf(amount, value.fair ?? 0, quoteOf(symbol), reference);
  const profit = (amount) => format.profit(amount, Math.max(value.fair ?? 0, premium ?? 0), quoteOf(symbol), reference);
  const two = (a, b) => words.parts("be.and", { a, b });
  const none = ["–"];
  return [
    {
      name: words.say("be"),
      value: breakevens
        ? two(...["low", "high"].map((end) => num(breakevens[end], `${path}.breakevens.${end}`, format.wholePrice(breakevens[end]))))
        : none,
    },
    { name: words.say("fair.now"), value: [shown(value.fair, `${path}.value.fair`, money)], tone: "fc" },
    {
      name: words.say("callput"),
      value: two(...["call", "put"].map((option) => shown(value[option], `${path}.value.${option}`, part))),
    },
    { name: words.say("above.strike"), value: [aboveOf(odds, strike, format)] },
    { name: words.say("edge"), value: [shown(value.expected_profit, `${path}.value.expected_profit`, profit)] },
    {
      name: words.say("pprofit"),
      value: premium === null ? none : [shown(value.probability, `${path}.value.probability`, (p) => format.probability(p))],
    },
  ];
}

// The chance that the session ends above a price; a strike that the answer does not know yet keeps its place.
function aboveOf({ final_price: final }, strike, format) {
  const at = final?.odds.findIndex(({ price }) => price === strike) ?? -1;
  if (at < 0) return "–";
  return num(final.odds[at].above, `live.odds.final_price.odds.${at}.above`, format.probability(final.odds[at].above));
}

// By lookback: how many, won, the mean with its interval on an axis that all rows share, around 0.
function recordsOf({ symbol, reference, records }, words) {
  const { format } = words;
  const quote = quoteOf(symbol);
  const ends = records.flatMap((record) => [record.mean_profit_interval?.low, record.mean_profit_interval?.high, record.mean_profit]);
  const known = ends.filter((end) => Number.isFinite(end));
  const place = along(Math.min(0, ...known), Math.max(0, ...known));
  const most = Math.max(...records.map(({ mean_profit: mean }) => Math.abs(mean ?? 0)));
  const money = (amount) => format.profit(amount, most, quote, reference);
  const rows = records.map((record, at) => {
    const path = `straddle.records.${at}`;
    const { lookback, n, mean_profit: mean, mean_profit_interval: interval } = record;
    const count = num(n, `${path}.n`, format.integer(n));
    const name = lookback === null ? [words.say("all"), " ", { tone: "small", parts: [count] }] : [num(lookback, `${path}.lookback`, format.integer(lookback))];
    const short = lookback !== null && n < lookback ? [" ", { tone: "small", parts: words.parts("win.n", { n: count }) }] : [];
    return {
      cells: [
        [...name, ...short],
        [shown(record.win_rate, `${path}.win_rate`, (share) => format.rank(share))],
        [shown(mean, `${path}.mean_profit`, money)],
        { whisker: whiskerOf(mean, interval, 0, place, (values) => words.say("str.record", values), money, words) },
      ],
    };
  });
  return {
    caption: words.say("str.last"),
    columns: [words.say("str.last"), words.say("str.won"), words.say("str.mean"), { text: words.say("str.interval"), wide: true }],
    rows,
  };
}

// By weekday: the share that won, today's shaded, the share of all history as a hairline.
function weekdaysOf({ records, by_weekday: { weekdays } }, today, words) {
  const { format } = words;
  const all = records.find(({ lookback }) => lookback === null)?.win_rate ?? null;
  const ends = weekdays.flatMap((day) => [day.win_rate_interval?.low, day.win_rate_interval?.high, day.win_rate]);
  const known = [...ends, all].filter((end) => Number.isFinite(end));
  const place = along(Math.min(...known), Math.max(...known));
  const rank = (share) => format.rank(share);
  const rows = weekdays.map((day, at) => ({
    tone: day.weekday === today ? "shaded" : "",
    cells: [
      [words.say(`weekday.${day.weekday}`)],
      [shown(day.win_rate, `straddle.by_weekday.weekdays.${at}.win_rate`, rank)],
      { whisker: whiskerOf(day.win_rate, day.win_rate_interval, all, place, (values) => words.say("str.share", values), rank, words) },
    ],
  }));
  return {
    caption: words.say("str.weekday"),
    columns: [words.say("str.weekday"), words.say("str.won"), { text: words.say("str.interval"), wide: true }],
    rows,
    hairline: all === null ? "" : words.say("str.share.all", { a: rank(all) }),
  };
}

function whiskerOf(at, interval, base, place, say, write, words) {
  const placed = (value) => (value === null ? null : place(value));
  const known = at !== null && interval;
  return {
    at: placed(at),
    low: interval ? place(interval.low) : null,
    high: interval ? place(interval.high) : null,
    base: placed(base),
    label: known ? say({ a: write(at), b: write(interval.low), c: write(interval.high) }) : words.say("str.short"),
  };
}
