// How good the odds were: four sentences, and what was said against what came true.
import { num } from "./number.js";
import { closedUrl } from "./question.js";

const HOURS = 12; // after so many the middle of the session is judged
const WINDOW = 30;
const METRICS = ["volatility", "range"];

export const scorecardQuestion = (choices) => ({ scorecard: { url: closedUrl("scorecard", choices) } });

const rowOf = (rows, wanted) => {
  const at = rows.findIndex((row) => Object.entries(wanted).every(([name, value]) => row[name] === value));
  return { at, row: rows[at] ?? {} };
};

export function scorecard({ scorecard: scores }, choices, words) {
  const { format } = words;
  const n = num(scores.n, "scorecard.n", format.integer(scores.n));
  if (!scores.n) return { missing: { why: words.say("panel.fail", { why: words.say("sco.none") }) } };
  const covered = rowOf(scores.coverage, { metric: "volatility", nominal: 0.8, elapsed_hours: HOURS });
  const band = rowOf(scores.bands, { metric: "volatility", window: WINDOW });
  return {
    sub: subOf(n, words),
    lines: [
      {
        value: given(covered.row.randomised, `scorecard.coverage.${covered.at}.randomised`, (share) => format.share(share)),
        text: [words.say("sco.1", { h: HOURS })],
      },
      { value: gainOf(scores, "range", 0, words), text: words.parts("sco.2", { x: gainOf(scores, "range", HOURS, words) }) },
      { value: gainOf(scores, "volatility", 0, words), text: words.parts("sco.3") },
      {
        value: given(band.row.inside, `scorecard.bands.${band.at}.inside`, (share) => format.rank(share)),
        text: words.parts("sco.4"),
      },
    ],
    method: words.say("sco.method"),
  };
}

const given = (value, field, write) => (Number.isFinite(value) ? num(value, field, write(value)) : "–");

// The number is counted in the sentence, and is the API's beside it.
function subOf(n, words) {
  const counted = words.parts("sco.sub", { n: n.value }).join("");
  const [before, after] = counted.split(n.text);
  return [before, n, after];
}

// A gain is an error that is smaller: its sign turns.
function gainOf({ odds }, metric, hours, words) {
  const { at, row } = rowOf(odds, { metric, elapsed_hours: hours });
  return given(row.crps_gain, `scorecard.odds.${at}.crps_gain`, (gain) => words.format.change(-gain));
}

export function calibration({ scorecard: scores }, choices, words) {
  const { format } = words;
  const rows = scores.calibration
    .map((row, at) => ({ ...row, at }))
    .filter(({ predicted, observed }) => predicted !== null && observed !== null);
  if (rows.length === 0) return { missing: { why: words.say("panel.fail", { why: words.say("sco.none") }) } };
  const names = Object.fromEntries(METRICS.map((metric) => [metric, words.say(`metric.${metric}`)]));
  const share = (row, name) => num(row[name], `scorecard.calibration.${row.at}.${name}`, format.share(row[name]));
  return {
    sub: [words.say("cal.sub"), `; ● ${names.volatility}, □ ${names.range}`],
    label: words.say("cal.chart"),
    ticks: [0, 25, 50, 75, 100].map((at) => ({ at, text: at === 100 ? format.axis(at) : format.integer(at) })),
    points: rows.map(({ metric, predicted, observed }) => ({
      metric,
      x: Math.round(predicted * 10_000) / 100,
      y: Math.round(observed * 10_000) / 100,
    })),
    table: {
      summary: words.say("table"),
      caption: words.say("cal"),
      columns: ["", words.say("cal.said"), words.say("cal.came"), words.say("cal.cases")],
      rows: rows.map((row) => ({
        cells: [
          [names[row.metric]],
          [share(row, "predicted")],
          [share(row, "observed")],
          [num(row.n, `scorecard.calibration.${row.at}.n`, format.integer(row.n))],
        ],
      })),
    },
  };
}
