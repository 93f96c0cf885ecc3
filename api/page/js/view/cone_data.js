// The numbers of a cone as columns over the hours since the open: the past's quantiles, the fan, today.
import { sessionOf } from "./session.js";

const HOUR_MS = 3_600_000;
const ORDER = ["p90", "p75", "p25", "p10", "p50"]; // bands from the outside in, then the median

export function hoursOf(live) {
  const { openMs, closeMs } = sessionOf(live);
  return (closeMs - openMs) / HOUR_MS;
}

// {xs, columns}: p90, p75, p25, p10, p50 of the past, the same of the forecast, today.
export function columnsOf(context) {
  const { live, field } = context;
  const rows = new Map();
  const put = (x, first, values) => {
    if (!rows.has(x)) rows.set(x, Array(2 * ORDER.length + 1).fill(null));
    values.forEach((value, at) => {
      rows.get(x)[first + at] = value;
    });
  };
  const quantiles = (of) => ORDER.map((name) => of[name]);
  put(0, 0, ORDER.map(() => 0)); // nothing has moved at the open
  for (const hour of pastOf(context)) put(hour.elapsed, 0, quantiles(hour[field]));
  const { fan } = live.odds;
  if (fan.length > 0) {
    put(live.elapsed_hours, ORDER.length, ORDER.map(() => live[field])); // it begins at the live point
    for (const hour of fan) put(hour.elapsed, ORDER.length, quantiles(hour[field]));
  }
  for (const [x, value] of pathOf(context)) put(x, 2 * ORDER.length, [value]);
  const xs = [...rows.keys()].sort((a, b) => a - b);
  return { xs, columns: Array.from({ length: 2 * ORDER.length + 1 }, (_, column) => xs.map((x) => rows.get(x)[column])) };
}

// The cone's hours that this session has, each with its place in the answer: longer sessions had more.
export function pastOf({ live, cone }) {
  const hours = hoursOf(live);
  return cone.hours.map((hour, at) => ({ ...hour, at })).filter(({ elapsed }) => elapsed <= hours);
}

// Today by five minutes as /cone has it, then by closed hours, then the live point.
export function pathOf({ live, cone, field }) {
  if (live.open === null) return [];
  const fine = cone.date === live.date ? (cone.path ?? []) : [];
  const before = ({ elapsed }) => elapsed < live.elapsed_hours;
  const path = fine.filter(before).map((point) => [point.elapsed, point[field]]);
  if (path.length === 0) path.push([0, 0]);
  const [last] = path.at(-1);
  for (const hour of live.cone.hours.filter(before)) {
    if (hour.elapsed > last && hour[field] !== null) path.push([hour.elapsed, hour[field]]);
  }
  return [...path, [live.elapsed_hours, live[field]]];
}

// Today at a closed hour of the cone, of the newest answer that has it, with where it stands.
export function todayAt({ live, cone }, at) {
  const { elapsed, today } = cone.hours[at];
  const closed = live.cone.hours.findIndex((hour) => hour.elapsed === elapsed);
  if (closed >= 0) return { ...live.cone.hours[closed], root: `live.cone.hours.${closed}` };
  return cone.date === live.date && today ? { ...today, root: `cone.hours.${at}.today` } : null;
}
