"""Walk-forward scorecard of the odds and the forecast, as the Markdown tables of docs/forecast.md.

    python -m benchmarks.scorecard [--data FILE] [--from 2019-10-01] [--split 2021-07-01] [--write docs/forecast.md]

The file holds hourly candles in Binance's fields (gzip or plain CSV with a header line). By default it is the real
history in the folder that BTC_REAL_DATA names, or ../shared/data. `--write` puts the tables between a page's marks.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from volatility.analytics.features import feature_table
from volatility.analytics.forecast import variance_hindcasts
from volatility.analytics.odds import path_library
from volatility.analytics.panel import HourlyPanel, build_panel, daily_bounds
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import OddsScores, score_odds, variance_forecasts
from volatility.domain.arrays import BoolArray, FloatArray
from volatility.domain.hours import HOUR_MS
from volatility.domain.metrics import DEFAULT_WINDOWS, METRICS, RANGE, VOLATILITY
from volatility.presentation.numbers import WEEKDAYS
from volatility.presentation.scorecard import Column, Layout, loss, p_value, percent, signed_percent, t_value
from volatility.queries.scorecard import (
    Row,
    band_rows,
    calibration_rows,
    coverage_rows,
    means_rows,
    no_growth_rows,
    odds_row,
    those,
    variance_rows,
    weekday_rows,
    wild_rows,
)

FILE = "btcusdt_1h_2017_2023.csv.gz"
STRIKING = 2.0  # t of a weekday that is shown
BEGIN, END = "<!-- scorecard begins -->", "<!-- scorecard ends -->"

# Beside the results of all sessions stand those before and after the split, and the two metrics stand side by side.
PAGE: Final[Mapping[str, Layout]] = {
    "odds": Layout(
        "Odds: CRPS, percent of the open",
        (
            Column("measure", "metric"),
            Column("elapsed h", "elapsed_hours"),
            Column("n", "n"),
            Column("CRPS", "crps", loss),
            Column("plain", "plain_crps", loss),
            Column("lower by %", "crps_gain", percent),
            Column("before split %", "crps_gain_before", percent),
            Column("after split %", "crps_gain_after", percent),
            Column("pinball lower by %", "pinball_gain", percent),
            Column("worst day %", "worst_share", percent),
        ),
    ),
    "means": Layout(
        "Odds: means, percent of the open",
        (
            Column("measure", "metric"),
            Column("elapsed h", "elapsed_hours"),
            Column("third", "tercile"),
            Column("expected", "mean", loss),
            Column("came", "outcome", loss),
            Column("bias %", "bias", signed_percent),
            Column("t", "t", t_value),
            Column("bias after split %", "bias_after", signed_percent),
            Column("n", "n"),
        ),
    ),
    "coverage": Layout(
        "Odds: coverage of intervals, percent",
        (
            Column("measure", "metric"),
            Column("elapsed h", "elapsed_hours"),
            Column("nominal", "nominal", percent),
            Column("randomised", "randomised", percent),
            Column("after split", "randomised_after", percent),
            Column("interval", "interval", percent),
            Column("its probability", "interval_probability", percent),
            Column("equal tails", "equal_tails", percent),
        ),
    ),
    "weekdays": Layout(
        "Odds: coverage of the 80 % interval by weekday, randomised, percent",
        (
            Column("measure", "metric"),
            Column("elapsed h", "elapsed_hours"),
            *(Column(day[:3], day) for day in WEEKDAYS),
        ),
    ),
    "wild_hours": Layout(
        "Odds: coverage after a wild hour, percent",
        (
            Column("measure", "metric"),
            Column("elapsed h", "elapsed_hours"),
            Column("nominal", "nominal", percent),
            Column("randomised", "randomised", percent),
            Column("t", "t", t_value),
            Column("n", "n"),
        ),
    ),
    "calibration": Layout(
        "Odds: calibration",
        (
            Column("measure", "metric"),
            Column("decile", "decile"),
            Column("predicted %", "predicted", percent),
            Column("observed %", "observed", percent),
            Column("difference", "difference", signed_percent),
            Column("n", "n"),
        ),
    ),
    "no_growth": Layout(
        "Odds: Range grows no more",
        (
            Column("elapsed h", "elapsed_hours"),
            Column("said %", "said"),
            Column("predicted %", "predicted", percent),
            Column("observed %", "observed", percent),
            Column("difference", "difference", signed_percent),
            Column("after split", "difference_after", signed_percent),
            Column("n", "n"),
        ),
    ),
    "variance": Layout(
        "Forecast of realised variance",
        (
            Column("forecast", "forecast"),
            Column("QLIKE", "qlike", loss),
            Column("t against HAR", "t_against_har", t_value),
            Column("p", "p", p_value),
            Column("after split", "qlike_after", loss),
            Column("worst day %", "worst_share", percent),
            Column("n", "n"),
        ),
    ),
    "bands": Layout(
        "Rolling p10 to p90 bands",
        (
            Column("window", "window"),
            Column("Vol inside %", "volatility_inside", percent),
            Column("Range inside %", "range_inside", percent),
            Column("expected %", "expected", percent),
            Column("n", "n"),
        ),
    ),
}


def load(path: Path) -> HourlyPanel:
    """Read candles and lay them out as sessions from 08:00 UTC to 08:00 UTC; an incomplete last one is left out."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        rows = [row[:5] for row in csv.reader(file) if row and row[0].lstrip("-").isdigit()]
    table = np.array(rows, dtype=np.float64)
    times = table[:, 0].astype(np.int64) // HOUR_MS * HOUR_MS  # an irregular candle belongs to its hour
    starts, ends = daily_bounds(int(times[0]), int(times[-1]) + HOUR_MS)
    return build_panel(times, table[:, 1:].T, starts, ends)


def milliseconds(day: str) -> int:
    """First millisecond of a date in UTC."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def odds_rows(scores: Iterable[OddsScores], split: int) -> Iterator[Row]:
    """Losses of the odds, their gains also before and after the split."""
    for one in scores:
        before, after = (_odds(one, chosen) for chosen in (one.session < split, one.session >= split))
        gains = {"crps_gain_before": before["crps_gain"], "crps_gain_after": after["crps_gain"]}
        yield odds_row(one, one.metric, one.elapsed) | gains


def _odds(scores: OddsScores, chosen: BoolArray) -> Row:
    return odds_row(those(scores, chosen), scores.metric, scores.elapsed)


def intervals_rows(scores: Iterable[OddsScores], split: int) -> Iterator[Row]:
    """Coverage of the intervals of the odds, also after the split."""
    for one in scores:
        of = one.metric, one.elapsed
        late = coverage_rows(those(one, one.session >= split), *of)
        for row, after in zip(coverage_rows(one, *of), late, strict=True):
            yield row | {"randomised_after": after["randomised"]}


def bias_rows(scores: Iterable[OddsScores], panel: HourlyPanel, split: int) -> Iterator[Row]:
    """Means of the odds beside outcomes, their bias also after the split."""
    values = {VOLATILITY.name: panel.volatility_pct, RANGE.name: panel.range_pct}
    for one in scores:
        of = one.metric, one.elapsed
        late = means_rows(those(one, one.session >= split), *of, outcomes=values[one.metric])
        for row, after in zip(means_rows(one, *of, outcomes=values[one.metric]), late, strict=True):
            yield row | {"bias_after": after["bias"]}


def week_rows(scores: Iterable[OddsScores], panel: HourlyPanel) -> Iterator[Row]:
    """Coverage by weekday, the days beside each other, each with its t where that lies beyond 2."""
    for one in scores:
        row: Row = {"metric": one.metric, "elapsed_hours": one.elapsed}
        for day in weekday_rows(one, one.metric, one.elapsed, weekdays=panel.weekdays):
            striking = day["t"] is not None and abs(day["t"]) > STRIKING
            row[day["weekday"]] = percent(day["randomised"]) + (f" (t {t_value(day['t'])})" if striking else "")
        yield row


def growth_rows(scores: Iterable[OddsScores], split: int) -> Iterator[Row]:
    """How often Range grew no more, all together and by what was said, where anything was; also after the split."""
    for one in scores:
        if one.metric == RANGE.name and one.elapsed:
            late = no_growth_rows(those(one, one.session >= split), one.elapsed)
            for row, after in zip(no_growth_rows(one, one.elapsed), late, strict=True):
                if row["n"]:
                    said = f"{100 * row['low']:.0f}-{100 * row['high']:.0f}"
                    yield row | {"said": said, "difference": _beyond(row), "difference_after": _beyond(after)}


def _beyond(row: Row) -> float | None:
    """What was observed beyond what was predicted; None where nothing was said."""
    return row["observed"] - row["predicted"] if row["n"] else None


def decile_rows(scores: list[OddsScores]) -> Iterator[Row]:
    """Calibration in the deciles that have odds."""
    for metric in METRICS:
        for row in calibration_rows(scores, metric):
            if row["n"]:
                decile = f"{100 * row['low']:.0f}-{100 * row['high']:.0f}"
                yield row | {"decile": decile, "difference": row["observed"] - row["predicted"]}


def forecast_rows(panel: HourlyPanel, forecasts: Mapping[str, FloatArray], first: int, split: int) -> Iterator[Row]:
    """QLIKE of the forecasts of variance, also after the split."""
    whole, late = (
        variance_rows(panel.realised_variance[start:], {name: values[start:] for name, values in forecasts.items()})
        for start in (first, split)
    )
    for row, after in zip(whole, late, strict=True):
        yield row | {"qlike_after": after["qlike"]}


def window_rows(panel: HourlyPanel, first: int) -> Iterator[Row]:
    """Hit rates of the bands of both metrics, by window."""
    values = {VOLATILITY: panel.volatility_pct, RANGE: panel.range_pct}
    both = (band_rows(values[metric], metric, DEFAULT_WINDOWS, first) for metric in METRICS)
    for row, ranged in zip(*both, strict=True):
        yield row | {"volatility_inside": row["inside"], "range_inside": ranged["inside"]}


def scorecard(panel: HourlyPanel, first: int, split: int) -> str:
    """All tables. Sessions before the first are scored too, for what they teach."""
    table = feature_table(panel)
    library, hindcasts = path_library(table), variance_hindcasts(panel, table)
    walk = score_odds(panel, table, library, 0, Recalibration())
    since = (those(one, one.session >= first) for one in walk.scores)
    scores = [one for one in since if one is not None]
    rows: dict[str, Iterable[Row]] = {
        "odds": odds_rows(scores, split),
        "means": bias_rows(scores, panel, split),
        "coverage": intervals_rows(scores, split),
        "weekdays": week_rows(scores, panel),
        "wild_hours": (row for one in scores if one.elapsed for row in wild_rows(one, one.metric, one.elapsed)),
        "calibration": decile_rows(scores),
        "no_growth": growth_rows(scores, split),
        "variance": forecast_rows(panel, variance_forecasts(panel, hindcasts, first), first, split),
        "bands": window_rows(panel, first),
    }
    return "\n\n".join(layout.markdown(rows[name]) for name, layout in PAGE.items())


def replace_between_marks(page: str, tables: str) -> str:
    """The page with the tables in place of what stood between its marks.

    Raises:
        ValueError: if the page has not both marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"the page must hold the marks {BEGIN} and {END}"
        raise ValueError(message)
    return f"{before}{begin}\n{tables}\n{end}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Print the scorecard; 2 for a wrong call."""
    parser = argparse.ArgumentParser(description="Walk-forward scorecard of odds and forecast, in Markdown.")
    folder = Path(os.environ.get("BTC_REAL_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=folder / FILE, help="hourly candles in Binance's fields, CSV")
    parser.add_argument("--from", dest="first", default="2019-10-01", help="date of the first session that is judged")
    parser.add_argument("--split", default="2021-07-01", help="date from which results are also shown apart")
    parser.add_argument("--write", type=Path, help="page whose scorecard is replaced")
    chosen = parser.parse_args(arguments)
    if not chosen.data.exists():
        print(f"--data: no file {chosen.data}", file=sys.stderr)
        return 2
    began = time.perf_counter()
    panel = load(chosen.data)
    first, split = (int(np.searchsorted(panel.starts_ms, milliseconds(day))) for day in (chosen.first, chosen.split))
    first_day, last_day = (datetime.fromtimestamp(panel.starts_ms[k] / 1000, UTC).date() for k in (first, -1))
    header = f"Sessions of {first_day} to {last_day}; split at {chosen.split}."
    tables = f"{header}\n\n{scorecard(panel, first, split)}"
    print(tables)
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(replace_between_marks(page, f"\n{tables}\n"), encoding="utf-8")
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
