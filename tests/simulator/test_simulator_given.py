"""Candles from a file are served as they are."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from volatility.simulator import GivenMarket, MarketError
from volatility.simulator.instants import HOUR_MS

HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_asset_volume,number_of_trades,taker_buy_base,taker_buy_quote"
)
FIRST = "1502942400000,4261.48000000,4313.62,4261.32,4308.83,47.18,1502945999999,202366.1,171,35.1,150952.4"
SECOND = "1502946000000,4308.83000000,4328.69,4291.37,4315.32,23.23,1502947000000,100304.8,102,21.4,92608.2"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("lines", [(HEADER, FIRST, SECOND), (FIRST, SECOND), (FIRST, "", SECOND + ",0")])
def test_a_file_is_read_with_or_without_header(tmp_path: Path, lines: tuple[str, ...]) -> None:
    view = GivenMarket("BTCUSDT", write(tmp_path / "x.csv", *lines)).view(1502960000000)
    assert view.count == 2
    row = json.loads(view.cut(0, 1)[0])
    assert row == [1502942400000, *FIRST.split(",")[1:6], 1502945999999, "202366.1", 171, "35.1", "150952.4", "0"]


def test_only_candles_up_to_the_clock_are_visible(tmp_path: Path) -> None:
    market = GivenMarket("BTCUSDT", write(tmp_path / "x.csv", FIRST, SECOND))
    counts = [market.view(1502942400000 + ms).count for ms in (-1, 0, HOUR_MS - 1, HOUR_MS, 9 * HOUR_MS)]
    assert counts == [0, 1, 1, 2, 2]


def test_the_open_candle_has_its_normal_close_time(tmp_path: Path) -> None:
    market = GivenMarket("BTCUSDT", write(tmp_path / "x.csv", FIRST, SECOND))
    inside, after = market.view(1502946000000 + 1_800_000), market.view(1502946000000 + HOUR_MS)
    assert json.loads(inside.cut(1, 2)[0])[6] == 1502949599999
    assert json.loads(after.cut(1, 2)[0])[6] == 1502947000000


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((FIRST, "a,b,c"), "line 2: not a candle: a,b,c"),
        ((HEADER, "x" + FIRST), "line 2: not a candle"),
        ((SECOND, FIRST), "line 2: open time 1502942400000 does not come after 1502946000000"),
        ((HEADER,), "holds no candle"),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(MarketError, match=message):
        GivenMarket("BTCUSDT", write(tmp_path / "x.csv", *lines))


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketError, match="can't read candles"):
        GivenMarket("BTCUSDT", tmp_path / "nothing.csv")
    with pytest.raises(MarketError, match="can't read candles"):
        GivenMarket("BTCUSDT", write(tmp_path / "text.csv.gz", FIRST))


@pytest.mark.real_data
def test_every_real_candle_is_served_unchanged(real_data: Path, real_market: GivenMarket) -> None:
    with gzip.open(real_data / "btcusdt_1h_2017_2023.csv.gz", "rt") as lines:
        expected = list(csv.reader(lines))[1:]
    view = real_market.view(1_800_000_000_000)
    served = [[str(value) for value in json.loads(row)] for row in view.cut(0, view.count)]
    assert served == [[*row, "0"] for row in expected]


@pytest.mark.real_data
def test_the_irregular_file_of_2018_is_served_unchanged(real_data: Path) -> None:
    path = real_data / "btcusdt_1h_old_api_2018-02_irregular.csv"
    view = GivenMarket("BTCUSDT", path).view(1_800_000_000_000)
    assert view.count == 46
    assert sum(time_ms % HOUR_MS != 0 for time_ms in view.times) == 43
