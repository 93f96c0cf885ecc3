// The words at a cone's lines: the past's p90 and median, the forecast's p90 and p10 where they end.
import { html, sentence } from "../dom.js";

const LINE = 15; // px that a line of text takes
const AWAY = 11; // px from a line to the middle of its words
const EDGE = 5; // px from the end of the chart
const HALF_WORD = 30; // px, of the median's
const MEDIAN = 4; // its column; the forecast's and today's follow
const EARLY = 0.36; // of the session: before it there is no room for words left of now
const BEFORE_END = 0.62; // of the session, where they stand instead
const LATE_HOURS = 7; // before the end, in which words left of now may meet the forecast's

export function names(plot, model, threshold) {
  const ends = endsOf(plot, model, threshold);
  const p90 = pastOf(plot, model, ends[0]);
  const median = medianOf(plot, model, threshold);
  return html`
    <span class="name left" data-x=${p90.x} data-y=${p90.y}
      ><span class="wide">${model.texts.p90}</span><span class="narrow">${model.texts.short}</span></span
    >
    ${median ? html`<span class="name" data-x=${median.x} data-y=${median.y}>${model.texts.median}</span>` : ""}
    ${ends.map(({ x, y, parts }) => html`<span class="name left end" data-x=${x} data-y=${y}>${sentence(parts)}</span>`)}
  `;
}

// p90 above its line, p10 below where there is room; neither on the threshold's line.
function endsOf(plot, { ends: [p90, p10] }, threshold) {
  if (!p90) return [];
  const { left, top, width, height } = plot.box;
  const bottom = top + height - LINE / 2;
  const clear = (y, up) => (threshold !== null && Math.abs(y - threshold) < LINE * 0.6 ? threshold + (up ? -LINE : LINE) * 0.6 : y);
  const low = p10 ? plot.y(p10.pct) : bottom;
  const lower = low + AWAY > bottom ? low - AWAY : Math.min(bottom, clear(low + AWAY, false));
  const above = p10 ? lower - LINE : bottom;
  const upper = Math.max(top + LINE / 2, Math.min(clear(plot.y(p90.pct) - AWAY, true), above));
  return [[p90, upper], ...(p10 ? [[p10, lower]] : [])].map(([{ parts }, y]) => ({ x: Math.round(left + width - EDGE), y: Math.round(y), parts }));
}

// The hour left of which words of the past stand: now, once there is room.
const untilOf = (now, hours) => (now && now.at > hours * EARLY ? now.at : hours * BEFORE_END);

// Over the highest edge left of now, and over the forecast's word where both would stand in one place.
function pastOf(plot, { now, hours, readings }, forecast) {
  const until = untilOf(now, hours);
  const over = readings.filter(({ at }) => at >= until - hours / 4 && at <= until);
  const highest = Math.max(...over.map(({ points }) => points.at(-1)));
  let y = Math.max(plot.box.top + AWAY, plot.y(highest) - AWAY);
  if (forecast && until > hours - LATE_HOURS && Math.abs(y - forecast.y) < LINE) y = forecast.y - LINE;
  return { x: Math.round(plot.x(until)) - 6, y: Math.round(y) };
}

// Above or below the median at the hour where what is drawn leaves it the most room.
function medianOf(plot, { data: [xs, ...columns], now, hours, readings }, threshold) {
  const drawn = columns.slice(MEDIAN).map((column) =>
    column.flatMap((value, at) => (value === null ? [] : [[plot.x(xs[at]), plot.y(value)]])),
  );
  if (threshold !== null) drawn.push([[plot.box.left, threshold], [plot.box.all, threshold]]);
  const room = (x, y) => {
    const near = drawn.flatMap((line) => along(line, x - HALF_WORD, x + HALF_WORD));
    return Math.min(...near.map((height) => Math.abs(height - y)));
  };
  const until = untilOf(now, hours);
  const places = readings
    .filter(({ at }) => at >= 3 && at <= Math.max(6, until - 2))
    .flatMap(({ at, points }) => [-AWAY, AWAY].map((side) => ({ x: Math.round(plot.x(at)), y: Math.round(plot.y(points[2]) + side) })));
  return places.reduce((best, one) => (!best || room(one.x, one.y) > room(best.x, best.y) ? one : best), null);
}

// The heights of a line of points between two places, with those where it crosses them.
function along(line, from, to) {
  const at = (x) => {
    const next = line.findIndex(([px]) => px >= x);
    if (next <= 0) return [];
    const [[ax, ay], [bx, by]] = line.slice(next - 1, next + 1);
    return [ay + ((x - ax) / (bx - ax)) * (by - ay)];
  };
  return [...at(from), ...line.filter(([x]) => x >= from && x <= to).map(([, y]) => y), ...at(to)];
}
