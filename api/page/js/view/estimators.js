// Realised volatility by seven estimators, and where the chosen window's stands in its history.
import { num } from "./number.js";
import { closedUrl } from "./question.js";
import { along, shown } from "./scale.js";

const WINDOWS = [5, 7, 14, 30, 90];
const HEADLINE = { estimator: "realised_garman_klass", window: 30 };

export const volatilityQuestion = (choices) => ({ volatility: { url: closedUrl("volatility", choices) } });

export const forecastQuestion = (choices) => ({ forecast: { url: closedUrl("forecast", choices, { days: 30 }) } });

export function estimators({ volatility, forecast, quality }, choices, words) {
  const { format } = words;
  const { window } = choices;
  const named = Object.entries(volatility.estimators);
  const annual = (value) => format.annualNumber(value);
  const ends = named.flatMap(([, { cone }]) => [cone[window]?.min, cone[window]?.max]).filter((end) => Number.isFinite(end));
  const place = along(0, Math.max(...ends, 0));
  const rows = named.map(([name, { windows, cone }]) => {
    const path = `volatility.estimators.${name}`;
    return {
      cells: [
        [words.say(`estimator.${name}`)],
        ...WINDOWS.map((size) => {
          const cell = [shown(windows[size]?.value, `${path}.windows.${size}.value`, annual)];
          return size === window ? [{ strong: cell }] : cell;
        }),
        coneOf(cone[window], place, words),
        [shown(cone[window]?.percentile, `${path}.cone.${window}.percentile`, (share) => format.rank(share))],
      ],
    };
  });
  return {
    headline: headlineOf({ volatility, forecast }, words),
    sub: [words.say("est.sub.strip", { n: window, year: yearOf({ volatility, quality }) })],
    table: {
      caption: words.say("est.label"),
      columns: [
        words.say("est.estimator"),
        ...WINDOWS.map((size) => format.integer(size)),
        { text: words.say("est.strip", { n: window }), wide: true },
        words.say("est.rank"),
      ],
      rows,
    },
  };
}

// What this session is forecast at beside what was realised; without a forecast only a name.
function headlineOf({ volatility, forecast }, words) {
  const { estimator, window } = HEADLINE;
  const expected = forecast?.next?.annualised_volatility_pct ?? null;
  const realised = volatility.estimators[estimator].windows[window].value;
  if (expected === null || realised === null) return [words.say("est.label")];
  return words.parts("est", {
    a: num(expected, "forecast.next.annualised_volatility_pct", words.format.annual(expected)),
    e: words.say(`estimator.${estimator}`),
    b: num(realised, `volatility.estimators.${estimator}.windows.${window}.value`, words.format.annualNumber(realised)),
  });
}

// The year that history begins in: counted back from the newest session.
function yearOf({ volatility, quality }) {
  const kept = quality?.symbols.find(({ symbol }) => symbol === volatility.symbol)?.first_session;
  return (kept ?? volatility.date).slice(0, 4);
}

function coneOf(cone, place, words) {
  if (!cone || cone.current === null) return ["–"];
  const { current, min, p25, median, p75, max } = cone;
  const [a, b, c, d, e, f] = [current, median, p25, p75, min, max].map((value) => words.format.annualNumber(value));
  return {
    strip: {
      ends: [place(min), place(max)],
      half: [place(p25), place(p75)],
      median: place(median),
      mark: place(current),
      tone: "ink",
      label: words.say("est.cone", { a, b, c, d, e, f }),
    },
  };
}
