// Weekday by hour: when the day moves, in the viewer's zone, from the session's start.
import { strong } from "./number.js";
import { closedUrl } from "./question.js";
import { along, shown, weekdayOf } from "./scale.js";
import { sessionOf, zoneName, zoneOf } from "./session.js";

const HOUR_MS = 3_600_000;
const STEPS = 6;
const EVERY = 3; // hours that have their time over them
const TAILS = [0.02, 0.98]; // beyond them a value has the first or last colour
const SHOWN = {
  range: { field: "median_range_pct", sub: "sea.sub", read: "sea.read", write: (format) => (value) => format.percent(value) },
  share: { field: "variance_share", sub: "sea.sub.share", read: "sea.read.share", write: (format) => (value) => format.share(value) },
};

export const seasonalityQuestion = (choices) => ({ seasonality: { url: closedUrl("seasonality", choices) } });

export function seasonality({ live, seasonality: past }, choices, words) {
  const { field, sub, read, write } = SHOWN[choices.season];
  const text = write(words.format);
  const zone = zoneName(choices, live, words);
  const numbers = past.weekdays.map(({ hours }, day) =>
    hours.map((hour, at) => shown(hour[field], `seasonality.weekdays.${day}.hours.${at}.${field}`, text)),
  );
  const [least, most] = borders(numbers.flat());
  const today = weekdayOf(live.date);
  const running = live.open === null || live.elapsed_hours >= live.expected_candles ? null : Math.floor(live.elapsed_hours);
  const longest = past.weekdays.reduce((one, other) => (other.hours.length > one.hours.length ? other : one));
  const hours = longest.hours.map(({ elapsed }) => hourOf(elapsed, live, choices, words));
  const means = meansOf(past.weekdays, words);
  const rows = past.weekdays.map(({ weekday, hours: cells }, day) => ({
    name: words.say(`weekday.${weekday}`),
    spoken: words.say(`weekday.${weekday}.long`),
    today: weekday === today,
    cells: cells.map(({ elapsed }, at) => {
      const number = numbers[day][at];
      const t = hours[at].time;
      return {
        number,
        step: stepOf(number, least, most),
        running: weekday === today && elapsed === running,
        read: words.parts(read, { day: strong([words.say(`weekday.${weekday}`)]), t, zone, a: number }),
      };
    }),
    mean: means[day],
  }));
  return {
    sub: words.parts(sub, { n: past.lookback, zone }),
    choice: {
      label: words.say("sea.values"),
      chosen: choices.season,
      options: ["range", "share"].map((value) => ({ value, text: words.say({ range: "sea.range", share: "sea.share" }[value]) })),
    },
    caption: words.say("sea"),
    weekday: words.say("sea.weekday"),
    hours,
    meanHead: words.say("sea.mean"),
    rows,
    least,
    most,
    steps: STEPS,
    outlined: running === null ? "" : words.say("sea.outlined"),
    hint: words.say("sea.hint"),
  };
}

// An hour by its elapsed number: its time, and what stands over its column.
function hourOf(elapsed, live, choices, words) {
  const time = words.format.time(sessionOf(live).openMs + elapsed * HOUR_MS, zoneOf(choices, live));
  return { time, head: elapsed % EVERY === 0 ? time.replace(/:00$/, "") : "" };
}

// The values between which the colours run.
function borders(numbers) {
  const known = numbers.filter((number) => number !== "–").sort((a, b) => a.value - b.value);
  if (known.length === 0) return [null, null];
  return TAILS.map((tail) => known[Math.round(tail * (known.length - 1))]);
}

function stepOf(number, least, most) {
  if (number === "–") return null;
  const share = along(least.value, most.value)(number.value) / 100;
  return Math.min(STEPS - 1, Math.max(0, Math.floor(share * STEPS)));
}

function meansOf(weekdays, words) {
  const { format } = words;
  const ends = weekdays.flatMap(({ volatility_pct: { mean, mean_interval: interval } }) => [mean, interval?.low, interval?.high]);
  const known = ends.filter((end) => Number.isFinite(end));
  const place = along(Math.min(...known), Math.max(...known));
  return weekdays.map(({ volatility_pct: { mean, mean_interval: interval } }, day) => {
    const said = interval && { a: mean, b: interval.low, c: interval.high };
    const written = said && Object.fromEntries(Object.entries(said).map(([name, value]) => [name, format.percentNumber(value)]));
    return {
      number: shown(mean, `seasonality.weekdays.${day}.volatility_pct.mean`, (value) => format.percentNumber(value)),
      whisker: {
        at: mean === null ? null : place(mean),
        low: interval ? place(interval.low) : null,
        high: interval ? place(interval.high) : null,
        base: null,
        label: written ? words.say("sea.mean.spoken", written) : words.say("str.short"),
      },
    };
  });
}

