"""The running session's place among past sessions at the same elapsed time."""

from __future__ import annotations

import math
from typing import Any, Final

from volatility.analytics.cone import percentile_by_elapsed, session_cone
from volatility.domain.metrics import CONE_LEVELS, METRICS
from volatility.presentation.catalogue.analytics import CONE, CONE_HOUR, CONE_QUANTILES, PATH_PERCENTILE, PATH_POINT
from volatility.presentation.catalogue.live import CONE_NOW, LIVE_HOUR
from volatility.presentation.catalogue.sessions import PERCENTILE_BY_ELAPSED
from volatility.presentation.numbers import PERCENT, by_level, shown
from volatility.queries.path import Minutes, path_fields
from volatility.queries.running_session import RunningSession, running_fields
from volatility.queries.session_model import SessionModel, own_panel

DEFAULT_LOOKBACK: Final = 365  # closed sessions


def percentile_fields(model: SessionModel, running: RunningSession, lookback: int = DEFAULT_LOOKBACK) -> dict[str, Any]:
    """Vol and Range so far against the same elapsed time of past sessions, 0 to 1."""
    session, hours = running.session, running.elapsed_hours
    values = [0.0 if session is None else session.percent(metric) for metric in METRICS]
    rank = percentile_by_elapsed(model.closed_panel, hours, values[0], values[1], lookback)
    shares = {metric.name: shown(getattr(rank, metric.name)) if session else None for metric in METRICS}
    return PERCENTILE_BY_ELAPSED.of({"lookback": lookback, "n": rank.n, **shares})


def cone_report(
    model: SessionModel, running: RunningSession, lookback: int = DEFAULT_LOOKBACK, minutes: Minutes | None = None
) -> dict[str, Any]:
    """Quantiles of Vol and Range so far by elapsed hour over closed sessions, and today's own path.

    By ``minutes`` where they are given and fit.
    """
    recent = model.closed_panel[-lookback:]
    path = hourly_fields(model, running, lookback)
    hours = []
    for point in session_cone(recent):
        quantiles = {
            m.percent_name: CONE_QUANTILES.of(by_level(CONE_LEVELS, getattr(point, m.name), PERCENT)) for m in METRICS
        }
        today = path[point.elapsed - 1] if point.elapsed <= len(path) else None
        hours.append(CONE_HOUR.of({"elapsed": point.elapsed, "n": point.n, **quantiles, "today": today}))
    return CONE.of(
        {
            **running_fields(running),
            **_place_fields(model, running, lookback),
            "hours": hours,
            "path": path_fields(running, minutes),
        }
    )


def cone_now_fields(model: SessionModel, running: RunningSession, lookback: int = DEFAULT_LOOKBACK) -> dict[str, Any]:
    """Today's own part of it: its place among the closed sessions, and its path."""
    points = hourly_fields(model, running, lookback)
    path = [LIVE_HOUR.of({"elapsed": hour, **point}) for hour, point in enumerate(points, 1)]
    return CONE_NOW.of({**_place_fields(model, running, lookback), "hours": path})


def _place_fields(model: SessionModel, running: RunningSession, lookback: int) -> dict[str, Any]:
    return {
        "lookback": lookback,
        "n": int(model.closed_panel[-lookback:].exists.sum()),
        "percentile_by_elapsed": percentile_fields(model, running, lookback),
    }


def hourly_fields(
    model: SessionModel, running: RunningSession, lookback: int = DEFAULT_LOOKBACK
) -> list[dict[str, Any]]:
    """The running session after each hour that has closed, and its rank there; none before its first candle."""
    panel, recent = own_panel(running), model.closed_panel[-lookback:]
    hours = math.floor(running.elapsed_hours) if running.session else 0
    points = []
    for hour in range(1, hours + 1):
        volatility, range_ = float(panel.vol_path_pct[0, hour]), float(panel.range_path_pct[0, hour])
        rank = percentile_by_elapsed(recent, hour, volatility, range_)
        fields = {
            "price": shown(float(panel.price[0, hour])),
            "volatility_pct": shown(volatility, PERCENT),
            "range_pct": shown(range_, PERCENT),
            "percentile": PATH_PERCENTILE.of({metric.name: shown(getattr(rank, metric.name)) for metric in METRICS}),
        }
        points.append(PATH_POINT.of(fields))
    return points
