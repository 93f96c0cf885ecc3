// What was forecast at each open, and what came.
import { num, strong, toned } from "./number.js";
import { shown } from "./scale.js";
import { sessionOf } from "./session.js";
import { stateOf } from "./state.js";

const METRICS = ["range", "volatility", "realised_volatility"];
const BAND = ["p10", "p50", "p90"];

export function forecasts(answers, choices, words) {
  const { live, forecast } = answers;
  const { format } = words;
  const { forecast: metric } = choices;
  const realised = metric === "realised_volatility";
  const field = `${metric}_pct`;
  const named = words.say(realised ? "fco.of.realised" : `metric.${metric}`);
  const past = forecast.forecasts.map((one, at) => ({ one, path: `forecast.forecasts.${at}` })).reverse();
  const running = forecast.next && forecast.next.date === sessionOf(live).date ? [{ one: forecast.next, path: "forecast.next" }] : [];
  const soFar = realised ? null : live[field];
  const banded = [...past, ...running].filter(({ one }) => one[field] !== null); // too short a history has none
  const all = banded.map(({ one, path }) => {
    const band = one[field];
    const known = Object.fromEntries(BAND.map((name) => [name, num(band[name], `${path}.${field}.${name}`, name === "p10" ? format.percentNumber(band[name]) : format.percent(band[name]))]));
    const now = path === "forecast.next";
    const came = now
      ? shown(soFar, `live.${field}`, (value) => format.percent(value))
      : shown(one.outcome[field], `${path}.outcome.${field}`, (value) => format.percent(value));
    const inside = came === "–" ? null : came.value >= band.p10 && came.value <= band.p90;
    const d = num(one.date, `${path}.date`, dateOf(one.date, live, words));
    return { ...known, came, inside, now, live: one.live, d, date: d.text, read: readOf({ d, known, came, inside, now }, words) };
  });
  if (all.length === 0) return { missing: { why: words.say("panel.fail", { why: words.say("problem.no_data") }) } };
  const ends = all.flatMap(({ p90, came }) => [p90.value, came === "–" ? 0 : came.value]);
  const ticks = ticksOf(Math.max(...ends), format);
  const retro = all.some((one) => !one.live);
  const unit = words.say(realised ? "fco.unit.realised" : "fco.unit");
  return {
    headline: words.parts("fco", { m: named }),
    sub: [words.say("fco.sub"), "; ", unit, retro ? `; ${words.say("fco.retro")}` : ""],
    choice: {
      label: words.say("fco.metric"),
      chosen: metric,
      options: METRICS.map((value) => ({
        value,
        text: value === "realised_volatility" ? words.say("fco.realised") : words.say(`metric.${value}`),
      })),
    },
    spoken: words.say("fco", { m: named }),
    role: words.say("chart"),
    bars: all.map(({ p10, p50, p90, came, inside, now, live: made }) => ({
      low: p10.value,
      median: p50.value,
      high: p90.value,
      came: came === "–" ? null : came.value,
      inside,
      now,
      live: made,
    })),
    reads: all.map(({ read }) => read),
    first: all[0].date,
    last: { text: all.at(-1).date, now: all.at(-1).now },
    ticks,
    table: tableOf(all, words),
    dressed: [stateOf(answers), choices.theme],
  };
}

const dateOf = (date, live, words) => words.format.date(Date.parse(`${date}T00:00Z`), "UTC", Date.parse(`${live.date}T00:00Z`));

function readOf({ d, known, came, inside, now }, words) {
  const band = words.parts("fco.read", { d: strong([d]), a: known.p10, b: known.p90, c: known.p50 });
  if (came === "–") return [...band, " · ", words.say("fco.read.open")];
  if (now) return [...band, " · ", toned("today", words.parts("fco.read.now", { x: came }))];
  return [...band, " · ", ...words.parts(inside ? "fco.read.inside" : "fco.read.outside", { x: came })];
}

// Two or three round values under the greatest.
function ticksOf(most, format) {
  const rough = most / 2.5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 4, 5, 10].map((one) => one * power).findLast((one) => one <= rough);
  const ticks = [];
  for (let at = 0; at * step <= most; at += 1) {
    const value = Number((at * step).toFixed(6));
    ticks.push({ value, text: at === 0 ? "0" : format.axis(value) });
  }
  return { all: ticks, most };
}

function tableOf(all, words) {
  return {
    summary: words.say("table"),
    caption: words.say("fco.label"),
    columns: ["hist.session", "fco.low", "med", "fco.high", "fco.outcome", "fco.made"].map((key) => words.say(key)),
    rows: all
      .map(({ p10, p50, p90, came, now, live, d }) => ({
        tone: now ? "running" : "",
        cells: [[d], [p10], [p50], [p90], [came], [words.say(live ? "fco.made.live" : "fco.made.retro")]],
      }))
      .reverse(),
  };
}
