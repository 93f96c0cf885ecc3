// How often the past sessions ended where, and where today stands.
import { num } from "./number.js";
import { closedUrl, lookbackOf } from "./question.js";
import { along } from "./scale.js";

const QUANTILES = ["p10", "p25", "p50", "p75", "p90"];
const APART = 7.4; // percent of the width that a quantile's name needs at least
const FIRST = 3; // half of its width: the first name may not begin outside
const RIGHT = 75; // from here on the value of today is written to the left of its line

export const distributionQuestion = (choices) => ({
  distribution: { url: closedUrl("distribution", choices, { metric: choices.metric, lookback: lookbackOf(choices.lookback) }) },
});

export function distribution({ live, distribution: past }, choices, words) {
  const { format } = words;
  const { metric, n, edges, counts, beyond, quantiles_pct: quantiles } = past;
  const m = words.say(`metric.${metric}`);
  const width = edges[1] - edges[0];
  const last = edges.at(-1);
  const end = last + width; // the sessions above the last edge have a bar of their own
  const place = along(edges[0], end);
  const today = live[`${metric}_pct`];
  const now = today === null ? null : Math.min(today, last + width / 2);
  const most = Math.max(...counts, beyond);
  const all = [...counts, beyond];
  const bars = all.map((count, at) => {
    const from = edges[at];
    const to = edges[at + 1] ?? end;
    const dark = now === null ? from : Math.min(to, Math.max(from, now));
    return { x: place(from), dark: place(dark), to: place(to), height: Math.round((count / most) * 10_000) / 100 };
  });
  return {
    headline: words.parts("dist", { m, n }),
    sub: words.parts("dist.sub", { w: format.percent(width) }),
    bars,
    axis: axisOf(edges, place, words),
    ticks: ticksOf(quantiles, place),
    now:
      now === null
        ? null
        : {
            x: place(now),
            left: place(now) > RIGHT,
            text: words.parts("dist.now", { a: num(today, `live.${metric}_pct`, format.percent(today)) }),
          },
    label: words.say("dist.chart", { m, a: format.percent(quantiles.p50), b: format.percent(quantiles.p90) }),
    table: {
      summary: words.say("table"),
      caption: words.say("dist", { m, n }),
      columns: [words.say("dist.from"), words.say("dist.to"), words.say("dist.count")],
      rows: all.map((count, at) => ({
        cells: [
          [num(edges[at], `distribution.edges.${at}`, format.percentNumber(edges[at]))],
          at < counts.length
            ? [num(edges[at + 1], `distribution.edges.${at + 1}`, format.percentNumber(edges[at + 1]))]
            : [words.say("dist.beyond")],
          [num(count, at < counts.length ? `distribution.counts.${at}` : "distribution.beyond", format.integer(count))],
        ],
      })),
    },
    quantiles: QUANTILES.map((name) => [
      name,
      " ",
      num(quantiles[name], `distribution.quantiles_pct.${name}`, format.percent(quantiles[name])),
    ]),
  };
}

// At most eight whole steps, the last with a plus where the rest lies.
function axisOf(edges, place, words) {
  const last = edges.at(-1);
  const rough = last / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const marks = [];
  for (let at = 0; at * step < last - step / 2; at += 1) {
    const value = Number((at * step).toFixed(6));
    marks.push({ x: place(value), text: at === 0 ? "0" : words.format.axis(value) });
  }
  return [...marks, { x: 100, text: `${words.format.axis(last)}+` }];
}

// A tick where the quantile is, its name beside it where two would touch.
function ticksOf(quantiles, place) {
  let before = FIRST - APART;
  return QUANTILES.map((name) => {
    const x = place(quantiles[name]);
    before = Math.max(x, before + APART);
    return { name, x, label: Math.round(before * 100) / 100 };
  });
}
