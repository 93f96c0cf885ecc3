"""Candles from a file are served as they are."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from exchange_simulator import GivenMarket, MarketError
from exchange_simulator.instants import HOUR_MS

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


def microseconds(line: str) -> str:
    """The line as Binance's dumps have it since 2025."""
    fields = line.split(",")
    fields[0], fields[6] = fields[0] + "000", fields[6] + "999"
    return ",".join(fields)


def quoted(line: str) -> str:
    return ",".join(f'"{field}"' for field in line.split(","))


TITLES = "Open time,Open,High,Low,Close,Volume,Close time,Quote volume,Trades,Taker base,Taker quote,Ignore"


@pytest.mark.parametrize(
    "text",
    [
        f"{microseconds(FIRST)}\n{microseconds(SECOND)}\n",
        f"{FIRST}\n{microseconds(SECOND)}\n",  # two dumps, one after the other
        f"\ufeff{FIRST}\n{SECOND}\n",
        f"\ufeff{TITLES}\r\n{FIRST}\r\n{SECOND}\r\n",
        f"{quoted(FIRST)}\r\n{quoted(SECOND)}",
        f"{HEADER}\n{FIRST.replace(',', ', ')}\n\n{SECOND},0\n",
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_times_in_microseconds_marks_quotes_and_line_ends_are_no_matter(tmp_path: Path, text: str, name: str) -> None:
    path, content = tmp_path / name, text.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    plain = GivenMarket("BTCUSDT", write(tmp_path / "plain.csv", FIRST, SECOND)).view(1502960000000)
    view = GivenMarket("BTCUSDT", path).view(1502960000000)
    assert view.cut(0, view.count) == plain.cut(0, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            f"{FIRST}\n{SECOND.replace(',', ';')}".encode(),
            ", line 2: the fields are separated by ';', commas are needed",
        ),
        (FIRST.replace(",", "\t").encode(), r", line 1: not a candle: 1502942400000\\t4261.* \(1 of 11 fields\)"),
        (FIRST.replace("47.18", "47,18").encode(), r", line 1: not a candle: .* \(field 9 is '202366.1'\)"),
        (FIRST.replace("47.18", "nan").encode(), r", line 1: not a candle: .* \(field 6 is 'nan'\)"),
        (FIRST.replace("47.18", '47"18').encode(), r", line 1: not a candle: .* \(field 6 is '47\"18'\)"),
        (FIRST.replace("1502942400000", "1502942400").encode(), ", line 1: the time 1502942400 is neither in milli"),
        (
            FIRST.replace("1502942400000", "\u200b1502942400000").encode(),
            r", line 1: not a candle: \\u200b1502942400000,",
        ),
        (f'{FIRST}\n"{SECOND}\n{SECOND}'.encode(), ", line 2: not a candle"),
        (f"{FIRST}\n{FIRST}".encode(), ", line 2: open time 1502942400000 does not come after 1502942400000"),
        (f"{FIRST}\n{FIRST.replace('2400000', '2460000')}".encode(), ", line 2: the second candle of its hour"),
        (b"", "holds no candle"),
        (b"\xef\xbb\xbf", "holds no candle"),
        (b"PK\x03\x04", "is a ZIP archive: unpack it first"),
        (gzip.compress(FIRST.encode(), mtime=0), "is gzipped, but not named .gz"),
        (("\ufeff" + FIRST).encode("utf-16-le"), "is text in UTF-16: save it as UTF-8"),
        (FIRST.encode() + b"\xcf\xf0", "is not text in UTF-8"),
    ],
)
def test_a_file_of_another_make_is_refused_in_one_line_that_names_it(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "dump.csv"
    path.write_bytes(content)
    with pytest.raises(MarketError, match=message) as refused:
        GivenMarket("BTCUSDT", path)
    assert str(path) in str(refused.value)
    assert str(refused.value).isprintable()
    assert str(refused.value).isascii()


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
