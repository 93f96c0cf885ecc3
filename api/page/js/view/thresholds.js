// The thresholds that the page asks the chances of: the ladder's round ones, and the viewer's own.
const ROWS = 8;
const STEPS = [1, 2, 5, 10];
const STEPS_OF_OPEN = 2000; // the step of a threshold is a power of ten near this part of the open
const FIRST_OF_RANGE = ["p50", "p75", "p90", "p95", "p99"];

// Eight neighbours of one round step, about from p5 to p99 of Vol.
export function ladderOf(live) {
  const { distribution, missing } = live.odds;
  if (missing !== null) return [];
  const { p5, p99 } = distribution.volatility.quantiles;
  if (!(p99 > p5)) return [];
  const step = roundStep((p99 - p5) / ROWS);
  const first = Math.max(1, Math.floor(p5 / step));
  return Array.from({ length: ROWS }, (_, row) => exact((first + row) * step));
}

// Of 1, 2 and 5 with zeros, the one nearest by ratio.
function roundStep(value) {
  const zeros = 10 ** Math.floor(Math.log10(value));
  const distance = (step) => Math.abs(Math.log(value / (step * zeros)));
  return zeros * STEPS.reduce((best, step) => (distance(step) < distance(best) ? step : best));
}

const exact = (value) => Number(value.toPrecision(12));

// What the arrow keys and a drag move a threshold by: 10 where a coin costs from 20,000 to 200,000.
export const stepOf = (open) => 10 ** Math.floor(Math.log10(open / STEPS_OF_OPEN));

export const toStep = (value, step) => exact(Math.max(1, Math.round(value / step)) * step);

// The viewer's own: of Vol it is the premium.
export const ownOf = (choices, metric) => (metric === "volatility" ? choices.premium : choices.threshold);

export const choiceOf = (metric, value) => (metric === "volatility" ? { premium: value } : { threshold: value });

// The threshold of Range that a first visit begins with: a quantile of its endings that lies above now.
export function firstThreshold(live) {
  const { distribution, missing } = live.odds;
  if (missing !== null) return null;
  const { quantiles } = distribution.range;
  const step = stepOf(live.open);
  const above = FIRST_OF_RANGE.map((name) => toStep(quantiles[name], step)).find((value) => value > live.range);
  return above ?? null;
}

// By parameter of /live, each once and in order. Vol's ladder is asked for both, so that the rows are the same; the
// price is the straddle's strike.
export function thresholdsOf(live, choices) {
  const ladder = ladderOf(live);
  if (ladder.length === 0) return {};
  const once = (values) => [...new Set(values.filter((value) => value !== null))].sort((a, b) => a - b);
  const both = [...ladder, choices.premium];
  return { volatility: once(both), range: once([...both, choices.threshold]), price: [live.straddle.strike] };
}

// Whether an answer knew no thresholds yet: the first one of a visit.
export const isWithoutThresholds = (live) => ladderOf(live).length > 0 && live.odds.odds.volatility.length === 0;
