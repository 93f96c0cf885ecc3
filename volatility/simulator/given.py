"""Candles from a file: the exchange's own fields, comma-separated, with or without a header, gzipped or not."""

from __future__ import annotations

import gzip
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

from volatility.simulator.instants import HOUR_MS
from volatility.simulator.market import CLOSE_TIME, MarketError, View

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROW = '[{0},"{1}","{2}","{3}","{4}","{5}",{6},"{7}",{8},"{9}","{10}","0"]'


class GivenMarket:
    """The candles of a file, unchanged.

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
        except (OSError, EOFError, UnicodeDecodeError) as error:
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
            try:
                open_time, _close_time, _trades = int(fields[0]), int(fields[6]), int(fields[8])
                row = _ROW.format(*fields).encode()
            except (ValueError, IndexError) as error:
                raise MarketError(f"{path}, line {number}: not a candle: {','.join(fields)[:80]}") from error
            if open_time <= last:
                raise MarketError(f"{path}, line {number}: open time {open_time} does not come after {last}")
            last = open_time
            self._times.append(open_time)
            self._rows.append(row)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines of fields, header and empty lines left out."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip() and not (number == 1 and line.startswith("open_time")):
                yield number, line.strip().split(",")
