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
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from volatility.analytics.features import feature_table
from volatility.analytics.forecast import variance_hindcasts
from volatility.analytics.odds import path_library
from volatility.analytics.panel import HourlyPanel, build_panel, daily_bounds
from volatility.analytics.scores import band_hits, calibration
from volatility.analytics.walkforward import (
    OddsScores,
    VarianceScore,
    hour_score,
    pooled_odds,
    score_odds,
    score_variance,
    variance_forecasts,
)
from volatility.domain.arrays import BoolArray
from volatility.domain.hours import HOUR_MS

FILE = "btcusdt_1h_2017_2023.csv.gz"
HOURS = (0, 6, 12, 18)
BAND_WINDOWS = (5, 7, 14, 30)
BEGIN, END = "<!-- scorecard begins -->", "<!-- scorecard ends -->"


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


def percent(value: float) -> str:
    """A share as a percentage with one digit."""
    return f"{100 * value:.1f}"


def crps_table(scores: list[OddsScores], split: int) -> list[str]:
    """Gain in CRPS and pinball loss over climatology, for all sessions and before and after the split."""
    lines = [
        "| measure | elapsed h | n | CRPS | plain | lower by % | before split % | after split % | pinball lower by % |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in scores:
        whole = hour_score(one)
        parts = [hour_score(one, chosen) for chosen in (one.session < split, one.session >= split) if any(chosen)]
        gains = [percent(part.crps_gain) for part in parts] if len(parts) == 2 else ["", ""]
        cells = [one.metric, str(one.elapsed), str(whole.n), f"{whole.crps:.4f}", f"{whole.climatology_crps:.4f}"]
        lines.append("| " + " | ".join([*cells, percent(whole.crps_gain), *gains, percent(whole.pinball_gain)]) + " |")
    return lines


def coverage_table(scores: list[OddsScores], split: int) -> list[str]:
    """Coverage of the 50, 80 and 90 % intervals."""
    lines = [
        "| measure | elapsed h | nominal | randomised | after split | interval | its probability | equal tails |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in scores:
        late: BoolArray = one.session >= split
        after = hour_score(one, late).coverage if late.any() else None
        for k, whole in enumerate(hour_score(one).coverage):
            shares = [whole.nominal, whole.randomised]
            tail = [whole.observed, whole.assigned_probability, whole.equal_tailed]
            cells = [percent(share) for share in shares] + [percent(after[k].randomised) if after else ""]
            cells += [percent(share) for share in tail]
            lines.append(f"| {one.metric} | {one.elapsed} | " + " | ".join(cells) + " |")
    return lines


def variance_table(scores: list[VarianceScore], late: list[VarianceScore]) -> list[str]:
    """QLIKE with the Diebold-Mariano test against HAR alone."""
    lines = ["| forecast | QLIKE | t against HAR | p | after split | n |", "| --- | --- | --- | --- | --- | --- |"]
    for score, after in zip(scores, late, strict=True):
        test = score.against_har
        cells = [f"{test.t:+.2f}", f"{test.p:.1e}"] if test else ["", ""]
        lines.append(f"| {score.name} | {score.qlike:.4f} | {' | '.join(cells)} | {after.qlike:.4f} | {score.n} |")
    return lines


def calibration_table(scores: list[OddsScores]) -> list[str]:
    """Observed frequency by decile of predicted probability."""
    lines = [
        "| measure | decile | predicted % | observed % | difference | n |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for metric in ("volatility", "range"):
        for part in calibration(*pooled_odds(scores, metric)):
            if part.predicted is None or part.observed is None:
                continue
            decile = f"{100 * part.low:.0f}-{100 * part.high:.0f}"
            difference = f"{100 * (part.observed - part.predicted):+.1f}"
            cells = [metric, decile, percent(part.predicted), percent(part.observed), difference, str(part.n)]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def band_table(panel: HourlyPanel, first: int) -> list[str]:
    """Hit rates of the rolling p10 to p90 bands."""
    lines = ["| window | Vol inside % | Range inside % | expected % | n |", "| --- | --- | --- | --- | --- |"]
    for window in BAND_WINDOWS:
        since = max(0, first - window)
        volatility = band_hits(panel.volatility_pct[since:], window)
        ranged = band_hits(panel.range_pct[since:], window)
        shares = [percent(volatility.observed or 0.0), percent(ranged.observed or 0.0), percent(volatility.expected)]
        lines.append(f"| {window} | {' | '.join(shares)} | {volatility.n} |")
    return lines


def scorecard(panel: HourlyPanel, first: int, split: int) -> str:
    """All tables."""
    table = feature_table(panel)
    library, hindcasts = path_library(table), variance_hindcasts(panel, table)
    scores = score_odds(panel, table, library, first, HOURS)
    forecasts = variance_forecasts(panel, hindcasts, first)
    sections = {
        "Odds: CRPS, percent of the open": crps_table(scores, split),
        "Odds: coverage of intervals, percent": coverage_table(scores, split),
        "Odds: calibration": calibration_table(scores),
        "Forecast of realised variance": variance_table(
            score_variance(panel, forecasts, first), score_variance(panel, forecasts, split)
        ),
        "Rolling p10 to p90 bands": band_table(panel, first),
    }
    return "\n\n".join(f"### {title}\n\n" + "\n".join(lines) for title, lines in sections.items())


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
