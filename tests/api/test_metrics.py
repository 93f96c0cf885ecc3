"""Metrics of coverage that is made up: each number under its name and symbol, and none where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from prometheus_client.parser import text_string_to_metric_families

from api.metrics import Metrics
from volatility import __version__
from volatility.queries.closed_sessions import Coverage

BTC = Coverage("BTCUSDT", True, 1_000, 1_704_096_000_000, date(2017, 8, 17), date(2024, 1, 1), 1_704_182_400_000, 25)
ETH = Coverage("ETHUSDT", False, None, None, None, None, None, 0)
PREFIX = "btc_volatility_"


def read(metrics: Metrics, known: Sequence[Coverage] | None) -> dict[tuple[str, str], float]:
    """Values by name and label, as a scraper reads them."""
    families = text_string_to_metric_families(metrics.text(known).decode())
    samples = [sample for family in families for sample in family.samples if not sample.name.endswith("_created")]
    return {(s.name.removeprefix(PREFIX), " ".join(map(str, s.labels.values()))): s.value for s in samples}


def test_each_symbol_has_the_ends_of_its_newest_data() -> None:
    found = read(Metrics(), [BTC, ETH])
    assert found == {
        ("newest_candle_end_timestamp_seconds", "BTCUSDT"): 1_704_099_600.0,  # an hour after it begins
        ("newest_session_end_timestamp_seconds", "BTCUSDT"): 1_704_182_400.0,
        ("gap_hours", "BTCUSDT"): 25.0,
        ("gap_hours", "ETHUSDT"): 0.0,
        ("simulated", "BTCUSDT"): 1.0,
        ("simulated", "ETHUSDT"): 0.0,
        ("database_up", ""): 1.0,
        ("build_info", __version__): 1.0,
    }


def test_what_was_known_before_the_database_went_away_is_not_told_any_more() -> None:
    metrics = Metrics()
    read(metrics, [BTC])
    assert read(metrics, None) == {("database_up", ""): 0.0, ("build_info", __version__): 1.0}
    assert read(metrics, [])[("database_up", "")] == 1.0


def test_answers_are_counted_by_route_and_status_and_timed_by_route() -> None:
    metrics = Metrics()
    for status, seconds in ((200, 0.0004), (200, 0.02), (422, 0.02), (200, 9.0)):
        metrics.answered("/today", status, seconds)
    metrics.answered("/cone", 200, 0.3)
    found = read(metrics, [])
    assert found["http_requests_total", "/today 200"] == 3
    assert found["http_requests_total", "/today 422"] == 1
    assert found["http_requests_total", "/cone 200"] == 1
    buckets = {label: value for (name, label), value in found.items() if name == "http_request_seconds_bucket"}
    assert [buckets[f"{edge} /today"] for edge in ("0.001", "0.01", "0.025", "5.0", "+Inf")] == [1, 1, 3, 3, 4]
    assert found["http_request_seconds_sum", "/today"] == 0.0004 + 0.02 + 0.02 + 9.0


def test_each_holds_counts_of_its_own() -> None:
    one, other = Metrics(), Metrics()
    one.answered("/today", 200, 0.1)
    assert ("http_requests_total", "/today 200") not in read(other, [])
