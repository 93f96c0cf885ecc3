// What the last sessions moved, window by window, and where today stands among them.
import { along, shown } from "./scale.js";

const METRICS = ["volatility", "range"];

export function windows({ live }, choices, words) {
  const { format } = words;
  const { metric, including } = choices;
  const name = including === "today" ? "statistics" : "closed_statistics";
  const statistics = live.today[name][metric];
  const ranks = live.today.percentile_rank[metric];
  const today = live[`${metric}_pct`];
  const sizes = Object.keys(statistics).map(Number).sort((a, b) => a - b);
  const ends = sizes.map((size) => statistics[size].p90_pct ?? 0);
  const place = along(0, Math.max(...ends, today ?? 0));
  const percent = (value) => format.percentNumber(value);
  const rows = sizes.map((size) => {
    const window = statistics[size];
    const path = `live.today.${name}.${metric}.${size}`;
    const rank = shown(ranks[size], `live.today.percentile_rank.${metric}.${size}`, (share) => format.rank(share));
    const few = { tone: "small", parts: [shown(window.n, `${path}.n`, (n) => words.say("win.n", { n }))] };
    return {
      cells: [
        window.n < size ? [format.integer(size), " ", few] : [format.integer(size)],
        [shown(window.mean_pct, `${path}.mean_pct`, percent)],
        [shown(window.median_pct, `${path}.median_pct`, percent)],
        window.n ? { strip: stripOf(window, today, place, words) } : ["–"],
        [rank],
      ],
    };
  });
  return {
    headline: words.parts("win", { m: words.say(`metric.${metric}`), quote: "%" }),
    sub: [words.say(including === "today" ? "win.sub.today" : "win.sub")],
    metric: {
      label: words.say("win.metric"),
      chosen: metric,
      options: METRICS.map((value) => ({ value, text: words.say(`metric.${value}`) })),
    },
    including: { text: words.say("win.today"), chosen: including === "today" },
    table: {
      caption: words.say("win.label"),
      columns: [
        words.say("win.window"),
        words.say("win.mean"),
        words.say("win.median"),
        { text: "p10–p90", wide: true },
        words.say("win.rank"),
      ],
      rows,
    },
  };
}

function stripOf(window, today, place, words) {
  const { p10_pct: p10, p25_pct: p25, median_pct: p50, p75_pct: p75, p90_pct: p90 } = window;
  const [a, b, c, d, e] = [p10, p90, p25, p75, p50].map((value) => words.format.percent(value));
  const said = { a, b, c, d, e };
  return {
    ends: [place(p10), place(p90)],
    half: [place(p25), place(p75)],
    median: place(p50),
    mark: today === null ? null : place(today),
    tone: "today",
    label: today === null ? words.say("win.strip", said) : words.say("win.strip.today", { ...said, f: words.format.percent(today) }),
  };
}
