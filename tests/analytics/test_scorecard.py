"""The scorecard runs from a file of candles, and real history keeps its promises."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.scorecard import BEGIN, END, FILE, load, main, replace_between_marks
from tests.analytics.histories import gappy_history
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import variance_hindcasts
from volatility.analytics.odds import path_library
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.summaries import hour_score, score_variance
from volatility.analytics.walkforward import score_odds, variance_forecasts

REAL = Path(os.environ.get("BTC_REAL_DATA", "../shared/data")) / FILE


def wire(path: Path, sessions: int) -> Path:
    """Write a made-up history as the exchange's fields."""
    history = gappy_history(sessions)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("open_time,open,high,low,close,volume\n")
        for time, prices in zip(history.times.tolist(), history.candles.T.tolist(), strict=True):
            file.write(",".join([str(time), *map(repr, prices), "1.0"]) + "\n")
    return path


def test_a_file_of_candles_becomes_the_same_panel(tmp_path: Path) -> None:
    panel, expected = load(wire(tmp_path / "candles.csv.gz", 20)), gappy_history(20).panel()
    np.testing.assert_array_equal(panel.close, expected.close)
    np.testing.assert_array_equal(panel.starts_ms, expected.starts_ms)


def test_the_scorecard_prints_every_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = wire(tmp_path / "candles.csv.gz", 470)
    assert main(["--data", str(data), "--from", "2018-09-20", "--split", "2018-10-20"]) == 0
    printed = capsys.readouterr().out
    for title in ("CRPS", "coverage", "calibration", "realised variance", "p10 to p90"):
        assert title in printed
    assert "nan" not in printed.lower()


def test_a_missing_file_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "none.csv")]) == 2
    assert "--data" in capsys.readouterr().err


def test_the_tables_replace_what_stood_between_the_marks() -> None:
    assert replace_between_marks(f"a {BEGIN} old {END} b", "new") == f"a {BEGIN}\nnew\n{END} b"
    with pytest.raises(ValueError, match="marks"):
        replace_between_marks("a page without marks", "new")


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.exists(), reason=f"no real candles at {REAL}")
def test_on_real_history_the_odds_and_the_forecast_beat_climatology_and_har() -> None:
    panel = load(REAL)[:1100]
    table = feature_table(panel)
    scores = score_odds(panel, table, path_library(table), 800, Recalibration(), hours=(0, 12)).scores
    gains = {(one.metric, one.elapsed): hour_score(one) for one in scores}
    assert gains["volatility", 12].crps_gain > 0.2
    assert gains["range", 12].crps_gain > 0.4
    assert gains["range", 0].crps_gain > 0.1
    for score in gains.values():
        for coverage in score.coverage:
            assert coverage.randomised == pytest.approx(coverage.nominal, abs=0.09)  # three standard errors of 300
    forecasts = variance_forecasts(panel, variance_hindcasts(panel, table), 800)
    losses = {score.name: score.qlike for score in score_variance(panel, forecasts, 800)}
    assert losses["this forecast"] < losses["HAR"]
