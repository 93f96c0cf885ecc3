"""Candles from a file: the exchange's own fields, comma-separated, with or without a header, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import io
import re
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exchange_simulator.instants import HOUR_MS
from exchange_simulator.market import CLOSE_TIME, MarketError, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROW: Final = '[{0},"{1}","{2}","{3}","{4}","{5}",{6},"{7}",{8},"{9}","{10}","0"]'
_FIELDS: Final = 11
_COUNTS: Final = frozenset({0, 6, 8})  # the open time, the close time, the number of trades
_COUNT: Final = re.compile(r"[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")
_PLAUSIBLE_MS: Final = range(10**11, 10**13)  # 1973 to 2286
_MICROSECONDS: Final = 1000
_KINDS: Final = {
    b"\x1f\x8b": "is gzipped, but not named .gz",
    b"PK": "is a ZIP archive: unpack it first",
    b"\xff\xfe": "is text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "is text in UTF-16: save it as UTF-8",
}


class GivenMarket:
    """The candles of a file, unchanged but for times in microseconds, as Binance's dumps have them since 2025.

    The clock decides which of them are visible. The one it stands in is shown whole, with the close time it would
    have had, since a file does not say how it came about.

    Args:
        symbol: the name to serve them under.
        path: the file, `.csv` or `.csv.gz`.

    Raises:
        MarketError: when the file can't be read or holds something else.
    """

    def __init__(self, symbol: str, path: str | Path) -> None:
        self.symbol = symbol
        self.source = f"given, {Path(path).name}"
        self._times: list[int] = []
        self._rows: list[bytes] = []
        try:
            self._read(Path(path))
        except UnicodeDecodeError:
            raise MarketError(f"can't read candles from {path}: it is not text in UTF-8") from None
        except (OSError, EOFError) as error:
            raise MarketError(f"can't read candles from {path}: {error}") from error
        if not self._times:
            raise MarketError(f"{path} holds no candle")

    def view(self, now_ms: int) -> View:
        """Every candle that opens at `now_ms` or before."""
        count = bisect_right(self._times, now_ms)
        if count == 0 or now_ms >= self._times[count - 1] + HOUR_MS:
            return View(self._times, self._rows, count)
        return View(self._times, self._rows, count, self._as_open(count - 1))

    def _as_open(self, position: int) -> bytes:
        fields = self._rows[position].split(b",")
        fields[CLOSE_TIME] = b"%d" % (self._times[position] + HOUR_MS - 1)
        return b",".join(fields)

    def _read(self, path: Path) -> None:
        last = -1
        for number, fields in _lines(path):
            open_ms, row = _candle(f"{path}, line {number}", fields)
            if open_ms <= last:
                raise MarketError(f"{path}, line {number}: open time {open_ms} does not come after {last}")
            if open_ms // HOUR_MS == last // HOUR_MS:
                raise MarketError(f"{path}, line {number}: the second candle of its hour; hourly ones are needed")
            last = open_ms
            self._times.append(open_ms)
            self._rows.append(row)


def _candle(where: str, fields: Sequence[str]) -> tuple[int, bytes]:
    """A line as its open time and the row that is served."""
    if len(fields) == 1 and ";" in fields[0]:
        raise MarketError(f"{where}: the fields are separated by ';', commas are needed: {_short(fields)}")
    if len(fields) < _FIELDS:
        raise MarketError(f"{where}: not a candle: {_short(fields)} ({len(fields)} of {_FIELDS} fields)")
    for place, field in enumerate(fields[:_FIELDS]):
        if not (_COUNT if place in _COUNTS else _DECIMAL).fullmatch(field):
            raise MarketError(f"{where}: not a candle: {_short(fields)} (field {place + 1} is {field[:40]!a})")
    open_ms, close_ms = (_milliseconds(where, fields[place]) for place in (0, 6))
    values = [*fields[:_FIELDS]]
    values[0], values[6] = str(open_ms), str(close_ms)
    return open_ms, _ROW.format(*values).encode()


def _milliseconds(where: str, text: str) -> int:
    """A time in milliseconds, from microseconds too."""
    value = int(text)
    if value in _PLAUSIBLE_MS:
        return value
    if value // _MICROSECONDS in _PLAUSIBLE_MS:
        return value // _MICROSECONDS
    raise MarketError(f"{where}: the time {text} is neither in milliseconds nor in microseconds")


def _short(fields: Sequence[str]) -> str:
    """The line's beginning, what can't be seen or is no ASCII as escapes."""
    return ascii(",".join(fields)[:80])[1:-1]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines of fields, header and empty lines left out; a byte-order mark, quotes and CRLF are no matter."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        start = file.read(2)
        for mark, kind in _KINDS.items():
            if start == mark:
                raise MarketError(f"can't read candles from {path}: it {kind}")
        file.seek(0)
        number = 1  # of a row's first line: a quote that is not closed goes on over many
        lines = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
        try:
            for row in lines:
                fields = [field.strip() for field in row]
                if any(fields) and not (number == 1 and _is_header(fields)):
                    yield number, fields
                number = lines.line_num + 1
        except csv.Error as error:
            raise MarketError(f"{path}, line {number}: {error}") from None


def _is_header(fields: Sequence[str]) -> bool:
    """Whether a first line names columns: several, and none of them holds a number."""
    return len(fields) >= _FIELDS and not any(_DECIMAL.fullmatch(field) for field in fields)
