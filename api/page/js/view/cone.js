// The two cones: where today runs among past sessions, and where it may end.
import { quoteOf } from "../format.js";
import { asking } from "./ask.js";
import { isFloor } from "./figures.js";
import { columnsOf, hoursOf, pastOf, todayAt } from "./cone_data.js";
import { num, strong, toned } from "./number.js";
import { closedUrl, lookbackOf } from "./question.js";
import { sessionOf, times, zoneName, zoneOf } from "./session.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const TICK_HOURS = 3;
const QUANTILES = ["p10", "p25", "p50", "p75", "p90"];

export const asks = (choices) => ({
  cone: { url: closedUrl("cone", choices, { lookback: lookbackOf(choices.lookback) }), every: MINUTE_MS },
});

export const coneOf = (metric) => (answers, choices, words) => {
  const { live, cone } = answers;
  const context = { live, cone, metric, choices, words, zone: zoneOf(choices, live), field: `${metric}_pct` };
  const { xs, columns } = columnsOf(context);
  const ask = asking(live, metric, choices, words);
  return {
    headline: headline(context),
    sub: sub(context),
    label: labelOf(context),
    role: words.say("chart"),
    data: [xs, ...columns],
    hours: hoursOf(live),
    top: topOf(context, columns, ask),
    ticks: timeTicks(context),
    tick: (value, digits) => (value === 0 ? "0" : words.format.percentTick(value, digits)),
    now: now(context),
    texts: { p90: words.say("p90"), short: words.say("p90.short"), median: words.say("med") },
    dots: dots(context),
    ends: ends(context),
    ask,
    lookback: {
      label: words.say("lookback"),
      chosen: choices.lookback,
      options: [30, 90, 365, "all"].map((value) => ({ value, text: value === "all" ? words.say("all") : `${value}` })),
    },
    readings: pastOf(context).map((hour) => reading(context, hour)),
    table: table(context),
  };
};

const labelOf = ({ metric, words }) => words.say(metric === "volatility" ? "cone.vol.label" : "cone.range.label");

function headline(context) {
  const { live, metric, field, choices, words } = context;
  const { distribution, missing, no_growth: none } = live.odds;
  if (missing !== null) return [labelOf(context)];
  const { p25, p75 } = distribution[metric].quantiles_pct;
    const path = `live.odds.distribution.${metric}.quantiles_pct`;
  const a = num(p25, `${path}.p25`, words.format.percentNumber(p25));
  const b = num(p75, `${path}.p75`, words.format.percent(p75));
  if (metric === "volatility") return words.parts("cone.vol", { close: times(choices, live, words).close, a, b });
  const floor = (end) => isFloor(live, field, end);
  const key = floor(p75) ? "cone.range.stays" : floor(p25) ? "cone.range.most" : "cone.range";
  return words.parts(key, { p: num(none, "live.odds.no_growth", words.format.of100(1 - none)), a, b });
}

function sub({ live, cone, metric, words }) {
  if (metric === "range") return words.parts("cone.sub", { n: cone.n });
  const forecast = live.odds.missing === null ? [", ", toned("forecast", words.say("cone.key.forecast"))] : [];
  return [words.say("cone.key"), toned("today", words.say("cone.key.today")), ...forecast];
}

// The scale ends above all that is drawn; a threshold may raise it by half, one beyond stays at the top.
function topOf({ live, metric }, columns, ask) {
  const midpoints = live.odds.distribution[metric]?.midpoints_pct ?? [];
  const most = Math.max(...columns.flat().filter((value) => value !== null), ...midpoints);
  return Math.max(most, Math.min(ask?.shown?.pct ?? 0, most * 1.5)) * 1.04;
}

// The full hours of the session on the viewer's clock; each second one gives way where it is narrow.
function timeTicks({ live, words, zone }) {
  const { openMs } = sessionOf(live);
  const hours = hoursOf(live);
  const whole = Array.from({ length: Math.ceil(hours / TICK_HOURS) }, (_, tick) => tick * TICK_HOURS);
  const at = [...whole.filter((hour) => hours - hour >= TICK_HOURS - 1), hours];
  return at.map((hour, tick) => {
    const text = words.format.time(openMs + hour * HOUR_MS, zone);
    return { at: hour, text, short: text.replace(/:00$/, ""), minor: tick % 2 === 1 };
  });
}

function now(context) {
  const { live, field, words, choices } = context;
  if (live.open === null) return null;
  const pct = num(live[field], `live.${field}`, words.format.percent(live[field]));
  return { at: live.elapsed_hours, y: live[field], parts: [`${times(choices, live, words).now} · `, pct] };
}

// Twenty equally likely endings.
function dots({ live, metric }) {
  const known = live.odds.distribution[metric];
  return known ? known.midpoints.map((amount, at) => ({ amount, pct: known.midpoints_pct[at] })) : [];
}

// Below a p10 that stands at the floor nothing can end.
function ends({ live, metric, words }) {
  const known = live.odds.distribution[metric];
  if (!known) return [];
  const names = isFloor(live, metric, known.quantiles.p10) ? ["p90"] : ["p90", "p10"];
  return names.map((name) => {
    const amount = known.quantiles[name];
    const text = words.format.money(amount, quoteOf(live.symbol), live.open);
    const number = num(amount, `live.odds.distribution.${metric}.quantiles.${name}`, text);
    return { name, pct: known.quantiles_pct[name], parts: [`${name} `, number] };
  });
}

// What is said of an hour, and the heights of its points.
function reading(context, hour) {
  const { live, field, words, zone, choices } = context;
  const { format } = words;
  const { at } = hour;
  const number = (name) => num(hour[field][name], `cone.hours.${at}.${field}.${name}`, format.percentNumber(hour[field][name]));
  const p90 = num(hour[field].p90, `cone.hours.${at}.${field}.p90`, format.percent(hour[field].p90));
  const t = strong(format.time(sessionOf(live).openMs + hour.elapsed * HOUR_MS, zone));
  const said = [words.parts("read", { t, zone: zoneName(choices, live, words), h: `${hour.elapsed}` })];
  const today = todayAt(context, at);
  if (today) {
    const a = num(today[field], `${today.root}.${field}`, format.percent(today[field]));
    const amount = format.money((today[field] / 100) * live.open, quoteOf(live.symbol), live.open);
    said.push([toned("today", words.parts("read.today", { a })), ` ${amount}`]);
  }
  said.push(words.parts("read.median", { b: number("p50") }));
  said.push(words.parts("read.half", { c: number("p25"), d: number("p75") }));
  said.push(words.parts("read.p90", { e: p90 }));
  const step = live.odds.fan.findIndex(({ elapsed }) => elapsed === hour.elapsed);
  if (step >= 0) {
    const end = (name) => {
      const value = live.odds.fan[step][field][name];
      const text = name === "p75" ? format.percent(value) : format.percentNumber(value);
      return num(value, `live.odds.fan.${step}.${field}.${name}`, text);
    };
    const key = isFloor(live, field, live.odds.fan[step][field].p25) ? "read.forecast.most" : "read.forecast";
    said.push([toned("forecast", words.parts(key, { c: end("p25"), d: end("p75") }))]);
  }
  return {
    at: hour.elapsed,
    parts: said.flatMap((piece, place) => (place === 0 ? piece : [" · ", ...piece])),
    points: QUANTILES.map((name) => hour[field][name]),
    today: today ? today[field] : null,
  };
}

function table(context) {
  const { live, field, words, zone } = context;
  const { format } = words;
  const rows = pastOf(context).map((hour) => {
    const { at } = hour;
    const cell = (value, path) => [num(value, path, format.percentNumber(value))];
    const past = QUANTILES.map((name) => cell(hour[field][name], `cone.hours.${at}.${field}.${name}`));
    const today = todayAt(context, at);
    const time = format.time(sessionOf(live).openMs + hour.elapsed * HOUR_MS, zone);
    return { cells: [[time], ...past, today ? cell(today[field], `${today.root}.${field}`) : ["–"]] };
  });
  const columns = [words.say("cone.hour"), "p10", "p25", words.say("med"), "p75", "p90", words.say("cone.today")];
  return { summary: words.say("table"), caption: labelOf(context), columns, rows };
}
