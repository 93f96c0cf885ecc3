"""The picture of the README: a session of simulated candles, and its Vol and Range beside those of past sessions.

    python -m benchmarks.picture docs/session.svg

The candles come from a seed, so that the same picture comes out each time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from exchange_simulator.generated import GeneratedMarket
from exchange_simulator.market import CLOSE, OPEN, OPEN_TIME
from volatility.analytics.cone import ConeHour, session_cone
from volatility.analytics.panel import HourlyPanel, build_panel, daily_bounds
from volatility.domain.arrays import FloatArray
from volatility.domain.hours import HOUR_MS, to_ms
from volatility.domain.metrics import CONE_LEVELS

BEGIN: Final = datetime(2025, 3, 12, 8, tzinfo=UTC)
"""Start of the session that is drawn: 11:00 in Moscow."""
HOURS: Final = 24
CLOSED_HOURS: Final = 15
PAST_SESSIONS: Final = 365

WIDTH, HEIGHT = 920, 470
_LEFT, _RIGHT = 76, 664
_PRICES: Final = (66.0, 262.0)
_STYLE: Final = """
  .paper { fill: #ffffff } text { font: 13px sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a }
  .title { font-size: 15px; font-weight: bold } .mark { font-weight: bold; fill: #9a3412 }
  .up { fill: #2da44e; stroke: #2da44e } .down { fill: #cf222e; stroke: #cf222e } .axis { stroke: #d0d7de }
  .open { stroke: #57606a; stroke-dasharray: 5 4 } .vol { stroke: #0550ae; stroke-width: 2; fill: none }
  .range { stroke: #8250df; stroke-width: 2; fill: none } .wide { fill: #ddf4ff } .narrow { fill: #b6e3ff }
  .median { stroke: #6e9fc5; stroke-dasharray: 3 3; fill: none } .is-vol { fill: #0550ae } .is-range { fill: #8250df }
"""
Scale = Callable[[float], float]


class Place(NamedTuple):
    """A measure and where its cone is drawn."""

    name: str
    kind: str
    left: float
    right: float
    top: float = 306.0
    bottom: float = 420.0


_CONES: Final = (Place("Vol", "vol", 76, 440), Place("Range", "range", 520, 884))


def panel_of_simulated_candles() -> HourlyPanel:
    """Past sessions, oldest first, and in the last row the one that is drawn, as far as its closed hours go."""
    begin_ms = to_ms(BEGIN)
    view = GeneratedMarket("BTCUSDT").view(begin_ms + CLOSED_HOURS * HOUR_MS - 1)
    rows = [json.loads(row) for row in view.rows[: view.count]]
    times = np.array([row[OPEN_TIME] for row in rows], dtype=np.int64)
    prices = np.array([row[OPEN : CLOSE + 1] for row in rows], dtype=np.float64).T
    starts, ends = daily_bounds(begin_ms - PAST_SESSIONS * HOURS * HOUR_MS, begin_ms + HOURS * HOUR_MS)
    return build_panel(times, prices, starts, ends)


def picture() -> str:
    """The whole picture as SVG."""
    panel = panel_of_simulated_candles()
    past, today = panel[:-1], panel[-1:]
    volatility = today.vol_path_pct[0, : CLOSED_HOURS + 1]
    ranged = today.range_path_pct[0, : CLOSED_HOURS + 1]
    cone = session_cone(past)
    open_ = float(today.session_open[0])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>A session of simulated candles, 11:00 to 11:00 MSK, with Vol and Range beside past sessions</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        _text(_LEFT, 28, "One session, 11:00 to 11:00 MSK, after 15 of 24 hours", "title"),
        _text(884, 28, "SIMULATED candles", "mark", "end"),
        *_candles(today),
        *_cone(_CONES[0], volatility, [point.volatility for point in cone], open_),
        *_cone(_CONES[1], ranged, [point.range for point in cone], open_),
        _text(_LEFT, 458, _caption(cone), "small"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _caption(cone: Sequence[ConeHour]) -> str:
    return (
        f"Line: this session. Bands: past sessions after as many hours, p25–p75 and p10–p90 of {cone[0].n}; "
        "dashes: median. In percent of the open."
    )


def _candles(today: HourlyPanel) -> list[str]:
    """The hours' candles, the open's line, and what Vol and Range measure."""
    shown = slice(0, CLOSED_HOURS)
    high, low = float(today.high[0, shown].max()), float(today.low[0, shown].min())
    open_, close = float(today.session_open[0]), float(today.session_close[0])
    y = _scale((low, high), (_PRICES[1], _PRICES[0]))
    x = _scale((0, HOURS), (_LEFT, _RIGHT))
    parts = [_line((x(hour), 50), (x(hour), _PRICES[1] + 8), "axis") for hour in range(0, HOURS + 1, 4)]
    parts += [_text(x(hour), _PRICES[1] + 22, _clock(hour), "small", "middle") for hour in range(0, HOURS + 1, 4)]
    parts += [_text(_LEFT - 8, y(price) + 4, f"{price:,.0f}", "small", "end") for price in (high, open_, low)]
    parts.append(_line((_LEFT, y(open_)), (_RIGHT + 90, y(open_)), "open"))
    parts.append(_text(_RIGHT - 4, y(open_) - 5, "open", "small", "end"))
    for hour in range(CLOSED_HOURS):
        prices = [float(side[0, hour]) for side in (today.open, today.high, today.low, today.close)]
        parts += _candle(x(hour), x(hour + 1), [y(price) for price in prices])
    parts += _bracket(_RIGHT + 16, y(open_), y(close), "vol", (f"Vol {abs(close - open_):,.0f}", "|open − close|"))
    return parts + _bracket(_RIGHT + 116, y(high), y(low), "range", (f"Range {high - low:,.0f}", "high − low"))


def _candle(left: float, right: float, heights: Sequence[float]) -> list[str]:
    opened, highest, lowest, closed = heights
    kind = "up" if closed <= opened else "down"
    middle, gap = (left + right) / 2, (right - left) / 6
    top, size = min(opened, closed), max(abs(opened - closed), 1.0)
    body = f'<rect class="{kind}" x="{left + gap:.1f}" y="{top:.1f}" width="{4 * gap:.1f}" height="{size:.1f}"/>'
    return [_line((middle, highest), (middle, lowest), kind), body]


def _bracket(x: float, one: float, other: float, kind: str, labels: tuple[str, str]) -> list[str]:
    middle = (one + other) / 2
    ends = f"M {x - 5:.1f} {one:.1f} H {x + 5:.1f} M {x - 5:.1f} {other:.1f} H {x + 5:.1f}"
    return [
        f'<path class="{kind}" d="M {x:.1f} {one:.1f} V {other:.1f} {ends}"/>',
        _text(x + 9, middle - 2, labels[0], f"is-{kind}"),
        _text(x + 9, middle + 13, labels[1], "small"),
    ]


def _cone(place: Place, path: FloatArray, quantiles: Sequence[tuple[float | None, ...]], open_: float) -> list[str]:
    """One measure so far, in percent of the open, over the bands of past sessions."""
    name, kind, left, right, top, bottom = place
    levels = np.array([(0.0,) * len(CONE_LEVELS), *quantiles], dtype=np.float64).T
    x = _scale((0, HOURS), (left, right))
    y = _scale((0, float(max(levels.max(), path.max()))), (bottom, top))
    title = f"{name} so far: {path[-1]:.2f} % = {path[-1] * open_ / 100:,.0f}"
    return [
        _band(levels[0], levels[4], x, y, "wide"),
        _band(levels[1], levels[3], x, y, "narrow"),
        f'<polyline class="median" points="{_points(enumerate(levels[2]), x, y)}"/>',
        f'<polyline class="{kind}" points="{_points(enumerate(path), x, y)}"/>',
        _line((left, bottom), (right, bottom), "axis"),
        *(_text(x(hour), bottom + 15, _clock(hour), "small", "middle") for hour in range(0, HOURS + 1, 6)),
        _text(left - 8, y(float(levels[4, -1])) + 4, f"{levels[4, -1]:.1f} %", "small", "end"),
        _text(left - 8, bottom + 4, "0 %", "small", "end"),
        _text(left + 8, top + 6, title, f"is-{kind}"),
    ]


def _band(low: FloatArray, high: FloatArray, x: Scale, y: Scale, kind: str) -> str:
    outline = [*enumerate(high), *reversed([*enumerate(low)])]
    return f'<polygon class="{kind}" points="{_points(outline, x, y)}"/>'


def _points(values: Iterable[tuple[int, float]], x: Scale, y: Scale) -> str:
    return " ".join(f"{x(hour):.1f},{y(value):.1f}" for hour, value in values)


def _scale(values: tuple[float, float], pixels: tuple[float, float]) -> Scale:
    share = (pixels[1] - pixels[0]) / (values[1] - values[0])
    return lambda value: pixels[0] + (value - values[0]) * share


def _clock(hour: int) -> str:
    return f"{BEGIN.astimezone(ZoneInfo('Europe/Moscow')) + timedelta(hours=hour):%H:%M}"


def _line(begin: tuple[float, float], end: tuple[float, float], kind: str) -> str:
    return f'<line class="{kind}" x1="{begin[0]:.1f}" y1="{begin[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picture", description=__doc__)
    parser.add_argument("file", type=Path, help="where the SVG goes")
    parser.parse_args().file.write_text(picture(), encoding="utf-8")
