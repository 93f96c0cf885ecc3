"""`/today`: the running session by another route, in every state of the exchange, the database and the clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.models import MODELS
from exchange_simulator import GeneratedMarket, GivenMarket
from exchange_simulator.faults import ClockSkew, CutOff, Fault, Late, Reset, WrongRows
from exchange_simulator.presets import banned, blocked, html_page, too_many_requests, unavailable
from tests.api import reference
from tests.api.conftest import SINCE, MakeWorld
from tests.api.reference import NAMES, PERCENT_NAMES, Bar, History, assert_same
from tests.api.world import KLINES, Client, HandMadeMarket, World

TODAY, YESTERDAY = "2019-03-05", "2019-03-04"
LAST_STORED_END = "2019-03-05T16:00:00+03:00"  # at NOW the hour of 13:00 UTC still runs
NULL_WINDOW = dict.fromkeys((*NAMES, *PERCENT_NAMES))


def expected_today(history: History, label: str, before: str) -> dict[str, Any]:
    """What depends on candles alone; ``before`` is the calendar session before today's."""
    today = {metric: history.value(history_day(history, label), metric) for metric in reference.METRICS}
    return {
        **history.session(label),
        "complete": False,
        "price": history.session(label)["close"],
        "statistics": history.statistics(label),
        "closed_statistics": history.statistics(before),
        "percentile_rank": history.ranks(before, today),
    }


def history_day(history: History, label: str) -> Any:
    return next(day for day in history.sessions if day.isoformat() == label)


def assert_shows(report: dict[str, Any], expected: dict[str, Any]) -> None:
    MODELS["/today"].model_validate(report)
    assert_same({name: report[name] for name in expected}, expected)


def closed_bars(world: World, before: str) -> list[Bar]:
    """The candles that are over at an instant."""
    bars = reference.fetch(world.server.url, f"{SINCE}T00:00:00+00:00")
    world.exchange.forget_requests()
    return [bar for bar in bars if bar.opened.isoformat() < before]


# What it shows


def test_today_reaches_to_the_last_trade_of_the_open_candle(asked: Client, history: History) -> None:
    report = asked.get("/today").json()
    assert_shows(report, expected_today(history, TODAY, YESTERDAY))
    assert report["candles"] == 6  # 08:00 to 13:00 UTC, the last of them open
    assert report["price"] == report["close"] == float(history.sessions[history_day(history, TODAY)][-1].close)
    assert (report["source"], report["stale"], report["simulated"]) == ("exchange", False, True)
    assert report["as_of"] == "2019-03-05T16:37:41+03:00"
    assert report["elapsed_hours"] == round(5 + 37 / 60 + 41 / 3600, 4)


def test_the_fields_are_those_of_a_session_and_what_only_today_has(asked: Client) -> None:
    assert list(asked.get("/today").json()) == [
        "symbol", "session_start", "timezone", "simulated",
        "date", "open_time", "close_time", "open", "high", "low", "close", "volume",
        "candles", "expected_candles", "complete", "volatility", "range", "volatility_pct", "range_pct",
        "as_of", "price", "elapsed_hours", "source", "stale", "statistics", "closed_statistics", "percentile_rank",
        "percentile_by_elapsed",
    ]  # fmt: skip


@pytest.mark.real_data
def test_today_on_real_candles_equals_plain_loops(real_world: World, real_history: History) -> None:
    with real_world.client() as client:
        report = client.get("/today").json()
    assert_shows(report, expected_today(real_history, "2023-12-30", "2023-12-29"))
    assert (report["candles"], report["source"]) == (13, "exchange")


@pytest.mark.real_data
def test_today_after_the_session_that_does_not_exist(make_world: MakeWorld, real_candles: Any) -> None:
    """On 2018-02-09 the session before has no candle: windows are one short, and 5 of them still have 80 %."""
    market = GivenMarket("BTCUSDT", real_candles)
    world = make_world(market, now="2018-02-09T20:10:00+00:00", HISTORY_START="2018-01-01")
    world.run_jobs()
    history = History(reference.fetch(world.server.url, "2018-01-01T00:00:00+00:00"), since="2018-01-01")
    with world.client() as client:
        report = client.get("/today").json()
    assert_shows(report, expected_today(history, "2018-02-09", "2018-02-08"))
    assert report["closed_statistics"]["range"]["5"]["n"] == 4
    assert report["statistics"]["range"]["5"]["n"] == 4
    assert report["closed_statistics"]["range"]["5"]["mean"] is not None


def hand_made(make_world: MakeWorld, vols: Sequence[float], today: float, **settings: str) -> World:
    """Closed sessions of these Vols, each of Range 100 more, and three hours of today, now at ``today`` above 1000."""
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(v, v + 100) for v in vols], [1000, 1000, 1000 + today])
    settings = {"WINDOWS": "5", "HISTORY_START": "2019-01-01", **settings}
    world = make_world(market, now=f"2019-01-{len(vols) + 1:02}T10:30:00+00:00", **settings)
    world.run_jobs()
    return world


@pytest.mark.parametrize(
    ("today", "rank"),
    [(0, 0.0), (9.99, 0.0), (10, 0.2), (20, 0.6), (29, 0.6), (30, 0.8), (40, 1.0), (500, 1.0)],
)
def test_percentile_rank_is_the_share_of_closed_sessions_at_or_below_today(
    make_world: MakeWorld, today: float, rank: float
) -> None:
    """The last five closed Vols are 20, 10, 20, 40, 30; the 1 before them is out of the window."""
    with hand_made(make_world, [1, 20, 10, 20, 40, 30], today).client() as client:
        ranks = client.get("/today").json()["percentile_rank"]
    assert ranks["volatility"] == {"5": rank}
    assert ranks["range"] == {"5": 1.0 if today == 500 else 0.0}  # closed Ranges are 110 to 140, today's is its Vol


def test_statistics_hold_today_as_newest_member_and_closed_ones_do_not(make_world: MakeWorld) -> None:
    with hand_made(make_world, [1, 20, 10, 20, 40, 30], 50).client() as client:
        report = client.get("/today").json()
    closed, with_today = report["closed_statistics"]["volatility"]["5"], report["statistics"]["volatility"]["5"]
    # 10 20 20 30 40, and 10 20 30 40 50; position q * 4 between them
    before = {"mean": 24.0, "median": 20.0, "p10": 14.0, "p25": 20.0, "p75": 30.0, "p90": 36.0}
    after = {"mean": 30.0, "median": 30.0, "p10": 14.0, "p25": 20.0, "p75": 40.0, "p90": 46.0}
    for shown, amounts in ((closed, before), (with_today, after)):  # every open is 1000
        assert_same(shown, {"n": 5} | amounts | {f"{name}_pct": value / 10 for name, value in amounts.items()})


def test_short_history_is_null_until_today_completes_the_window(make_world: MakeWorld) -> None:
    """With four closed sessions a window of 5 has statistics with today in it, none without, and no rank."""
    with hand_made(make_world, [10, 20, 30, 40], 50).client() as client:
        report = client.get("/today").json()
    assert report["closed_statistics"]["volatility"]["5"] == {"n": 4, **NULL_WINDOW}
    assert report["statistics"]["volatility"]["5"]["mean"] == 30.0
    assert report["percentile_rank"] == {"volatility": {"5": None}, "range": {"5": None}}


def test_one_closed_session_is_enough_for_an_answer(make_world: MakeWorld) -> None:
    with hand_made(make_world, [10], 50, WINDOWS="1,2,30").client() as client:
        report = client.get("/today").json()
    assert [window["n"] for window in report["statistics"]["range"].values()] == [1, 2, 2]
    assert report["percentile_rank"]["volatility"] == {"1": 1.0, "2": None, "30": None}


def test_the_session_has_no_candle_yet_at_its_very_start(make_world: MakeWorld) -> None:
    """A fifth of a second into the session: nothing is traded, and yesterday is over though nobody aggregated it."""
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(v, 100) for v in (10, 20, 10, 20, 40, 30)])
    world = make_world(market, now="2019-01-06T09:00:00+00:00", HISTORY_START="2019-01-01", WINDOWS="5")
    world.run_jobs()
    world.set("2019-01-07T08:00:00.200+00:00")
    with world.client() as client:
        report = client.get("/today").json()
    MODELS["/today"].model_validate(report)
    assert report["date"] == "2019-01-07"
    prices = ("open", "high", "low", "close", "price", "volatility", "range", "volatility_pct", "range_pct")
    assert {name: report[name] for name in prices} == dict.fromkeys(prices)
    assert (report["candles"], report["volume"], report["complete"]) == (0, 0.0, False)
    assert (report["elapsed_hours"], report["as_of"]) == (0.0001, "2019-01-07T11:00:00.200+03:00")
    assert (report["source"], report["stale"]) == ("exchange", False)
    assert report["closed_statistics"]["volatility"]["5"]["mean"] == 24.0
    assert report["statistics"]["volatility"]["5"]["n"] == 4  # today is a calendar session that does not exist yet
    assert report["statistics"]["volatility"]["5"]["mean"] == 25.0
    assert report["percentile_rank"] == {"volatility": {"5": None}, "range": {"5": None}}


def test_a_session_with_all_its_candles_is_not_complete_while_it_runs(world: World) -> None:
    world.set("2019-03-06T07:59:59+00:00")
    with world.client() as client:
        report = client.get("/today").json()
    assert (report["date"], report["candles"], report["expected_candles"]) == (TODAY, 24, 24)
    assert report["complete"] is False
    assert report["elapsed_hours"] == 23.9997


# Aggregation is late


@pytest.mark.parametrize("days", [1, 3, 25])
def test_sessions_that_nobody_aggregated_yet_count_from_the_exchanges_candles(
    make_world: MakeWorld, market: GeneratedMarket, days: int
) -> None:
    now, before = ("2019-01-31T02:12:00+00:00", "2019-01-29")
    early = {1: "2019-01-29T09:00:00+00:00", 3: "2019-01-27T08:30:00+00:00", 25: "2019-01-05T08:30:00+00:00"}[days]
    world = make_world(market, now=early, HISTORY_START=SINCE)
    world.run_jobs()
    world.set(now)
    history = History(reference.fetch(world.server.url, f"{SINCE}T00:00:00+00:00"), since=SINCE)
    world.exchange.forget_requests()
    with world.client() as client:
        report = client.get("/today").json()
        newest = client.get("/statistics", params={"days": 1}).json()["sessions"][0]["date"]
    assert newest < before
    assert_shows(report, expected_today(history, "2019-01-30", before))
    assert report["closed_statistics"]["volatility"]["30"]["n"] == 30
    assert world.asked(KLINES) == 1


def test_a_session_that_is_stored_in_part_is_not_taken_for_a_closed_one(world: World) -> None:
    """The exchange goes away at 13:00 UTC and the next session begins without it: today's half is not a whole day."""
    world.exchange.order(Reset())
    world.set("2019-03-06T10:00:00+00:00")
    with world.client() as client:
        report = client.get("/today").json()
        closed = client.get("/statistics", params={"days": 4}).json()["sessions"]
    assert (report["date"], report["source"], report["candles"]) == ("2019-03-06", "database", 0)
    window = report["closed_statistics"]["volatility"]["5"]
    assert window["n"] == 4  # 5 March is missing
    mean = sum(session["volatility"] for session in closed) / 4
    assert window["mean"] == pytest.approx(mean, abs=1e-8)


def test_a_session_that_is_stored_whole_counts_without_the_exchange_too(world: World) -> None:
    world.set("2019-03-06T10:00:00+00:00")
    client_history = History(closed_bars(world, "2019-03-06T10:00:00+00:00"), since=SINCE)
    fill_without_aggregating(world)
    world.exchange.order(Reset())
    with world.client() as client:
        report = client.get("/today").json()
    assert_shows(report, expected_today(client_history, "2019-03-06", TODAY))
    assert report["source"] == "database"


def fill_without_aggregating(world: World) -> None:
    """Backfill alone, as the hourly job does."""
    world.execute("ALTER TABLE aggregation_state RENAME TO hidden")
    with pytest.raises(Exception, match="holds nothing"):
        world.run_jobs()
    world.execute("ALTER TABLE hidden RENAME TO aggregation_state")


# The exchange is away


@pytest.mark.parametrize(
    "fault",
    [Reset(), unavailable(), blocked(), html_page(), too_many_requests(), banned(), CutOff()],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "status", "")),
)
def test_an_exchange_that_gives_nothing_useful_leaves_the_stored_candles(world: World, fault: Fault) -> None:
    history = History(closed_bars(world, "2019-03-05T13:00:00+00:00"), since=SINCE)
    world.exchange.order(fault)
    with world.client() as client:
        answer = client.get("/today")
    report = answer.json()
    assert answer.status_code == 200
    assert (report["source"], report["stale"]) == ("database", True)
    assert_shows(report, expected_today(history, TODAY, YESTERDAY))
    assert report["as_of"] == LAST_STORED_END
    assert report["elapsed_hours"] == 5.0


@pytest.mark.parametrize("mutation", ["low_above_open", "bare_nan", "after_range"])
def test_a_page_that_breaks_a_rule_is_not_shown(world: World, mutation: str) -> None:
    world.exchange.order(WrongRows(mutation=mutation))
    with world.client() as client:
        report = client.get("/today").json()
    assert (report["source"], report["stale"], report["as_of"]) == ("database", True, LAST_STORED_END)


def test_the_exchange_is_left_alone_after_a_failure_then_asked_again(world: World, client: Client) -> None:
    world.exchange.order(unavailable())
    assert client.get("/today").json()["stale"] is True
    world.exchange.clear()
    asked = world.asked()
    for _ in range(4):
        world.machine.pass_by(3)
        report = client.get("/today").json()
        assert (report["source"], report["stale"]) == ("database", True)
    assert world.asked() == asked
    world.machine.pass_by(4)
    report = client.get("/today").json()
    assert (report["source"], report["stale"], report["candles"]) == ("exchange", False, 6)


def test_candles_alone_can_be_away(world: World, client: Client) -> None:
    """Its clock was heard, its candles were not: the session is the exchange's, the candles are the stored ones."""
    world.exchange.order(unavailable(path=KLINES))
    report = client.get("/today").json()
    assert (report["date"], report["source"], report["candles"]) == (TODAY, "database", 5)


def pass_by(world: World, seconds: int) -> None:
    """By the machine's clock, and by the database's, which counts what is stored."""
    world.machine.pass_by(seconds)
    earlier = f"strftime('%Y-%m-%d %H:%M:%f000', until, '-{seconds} seconds')"
    world.execute(f"UPDATE exchange_bans SET until = {earlier} WHERE exchange LIKE '%:%'")


def test_after_418_nothing_is_asked_until_the_ban_is_over(world: World, client: Client) -> None:
    world.exchange.order(banned(retry_after=120, times=1))
    assert client.get("/today").json()["source"] == "database"
    assert world.asked() == 1
    for _ in range(5):
        pass_by(world, 20)
        assert client.get("/today").json()["source"] == "database"
    with world.client() as restarted:
        assert restarted.get("/today").json()["source"] == "database"
    assert world.asked() == 1
    pass_by(world, 40)
    assert client.get("/today").json()["source"] == "exchange"


def test_a_symbol_that_the_exchange_no_longer_knows_does_not_make_the_others_stale(make_world: MakeWorld) -> None:
    markets = [
        HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)] * 6, [1000], symbol=symbol)
        for symbol in ("BTCUSDT", "LUNAUSDT")
    ]
    world = make_world(*markets, now="2019-01-07T08:30:00+00:00", HISTORY_START="2019-01-01")
    for market in markets:
        world.run_jobs(market.symbol)
    del world.exchange.markets["LUNAUSDT"]
    with world.client() as client:
        delisted = client.get("/today", params={"symbol": "LUNAUSDT"}).json()
        listed = client.get("/today", params={"symbol": "BTCUSDT"}).json()
    assert (delisted["source"], delisted["stale"]) == ("database", True)
    assert (listed["source"], listed["stale"]) == ("exchange", False)


def test_made_up_candles_are_never_mixed_with_real_ones(world: World) -> None:
    world.execute("UPDATE symbols SET simulated = 0")
    with world.client() as client:
        report = client.get("/today").json()
    assert (report["simulated"], report["source"], report["stale"]) == (False, "database", True)
    assert report["as_of"] == LAST_STORED_END


# Clocks


@pytest.mark.parametrize(
    ("now", "date", "candles"),
    [("2019-03-05T08:30:00+00:00", "2019-03-05", 1), ("2019-03-05T07:30:00+00:00", "2019-03-04", 24)],
)
def test_the_exchanges_clock_decides_which_session_runs(
    make_world: MakeWorld, market: GeneratedMarket, now: str, date: str, candles: int
) -> None:
    """The machine's clock is a whole day ahead, or behind."""
    for hours in (24, -24):
        world = make_world(market, now=now, HISTORY_START="2019-02-01")
        world.run_jobs()
        world.machine.pass_by(3600 * hours)
        with world.client() as client:
            report = client.get("/today").json()
        assert (report["date"], report["candles"], report["source"]) == (date, candles, "exchange")


def test_the_exchanges_clock_is_asked_rarely_and_carried_on_between(world: World, client: Client) -> None:
    for passed in range(5):
        report = client.get("/today").json()
        assert report["as_of"] == f"2019-03-05T16:37:{41 + 3 * passed}+03:00"
        world.machine.pass_by(3)
        world.exchange.clock.advance(seconds=3)
    assert world.asked("/api/v3/time") == 1
    assert world.asked(KLINES) == 5


def test_a_skewed_clock_moves_today_over_the_start_of_a_session(world: World) -> None:
    """Between two answers of its clock the exchange is put forward by a day: today follows."""
    world.exchange.order(ClockSkew(ms=24 * 3600 * 1000))
    with world.client() as client:
        report = client.get("/today").json()
    assert (report["date"], report["as_of"]) == ("2019-03-06", "2019-03-06T16:37:41+03:00")


def test_without_the_exchange_the_machines_clock_decides(world: World) -> None:
    world.exchange.order(Reset())
    world.machine.pass_by(-6 * 3600)  # 07:37 UTC: the session of 4 March still runs by it
    with world.client() as client:
        report = client.get("/today").json()
    assert (report["date"], report["candles"], report["source"]) == (YESTERDAY, 24, "database")
    assert (report["elapsed_hours"], report["complete"]) == (24.0, False)


def test_a_candle_that_comes_late_leaves_the_ones_before_it(world: World, client: Client) -> None:
    """At the turn of an hour the exchange may show no candle of it yet."""
    world.exchange.order(Late(first="2019-03-05T13:00:00Z"))
    report = client.get("/today").json()
    assert (report["candles"], report["source"], report["elapsed_hours"]) == (5, "exchange", 5.6281)


@pytest.mark.parametrize(
    ("now", "label", "hours", "shown"),
    [
        (
            "2019-03-10T20:30:00+00:00",
            "2019-03-09",
            23,
            ("2019-03-09T17:00:00-05:00", "2019-03-10T17:00:00-04:00", 22.5),
        ),
        (
            "2018-11-04T21:30:00+00:00",
            "2018-11-03",
            25,
            ("2018-11-03T17:00:00-04:00", "2018-11-04T17:00:00-05:00", 24.5),
        ),
        (
            "2018-11-05T21:30:00+00:00",
            "2018-11-04",
            24,
            ("2018-11-04T17:00:00-05:00", "2018-11-05T17:00:00-05:00", 23.5),
        ),
    ],
)
def test_sessions_of_a_zone_with_summer_time_have_23_and_25_hours(
    make_world: MakeWorld, now: str, label: str, hours: int, shown: tuple[str, str, float]
) -> None:
    """The bounds carry the offsets of winter and summer; ``shown`` is they and the hours that have passed."""
    zone = {"SESSION_START": "17:00", "SESSION_TIMEZONE": "America/New_York"}
    market = GeneratedMarket("BTCUSDT", gaps=False)
    world = make_world(market, now=now, HISTORY_START="2018-10-20", **zone)
    world.run_jobs()
    bars = reference.fetch(world.server.url, "2018-10-20T00:00:00+00:00")
    history = History(bars, since="2018-10-20", start=time(17), zone=ZoneInfo("America/New_York"))
    with world.client() as client:
        report = client.get("/today").json()
        closed = client.get("/sessions").json()["sessions"]
    assert (report["date"], report["expected_candles"], report["candles"]) == (label, hours, hours)
    assert (report["open_time"], report["close_time"], report["elapsed_hours"]) == shown
    assert (report["session_start"], report["timezone"]) == ("17:00", "America/New_York")
    assert_shows(report, expected_today(history, label, history.labels(before=label)[-1]))
    assert_same(closed, [history.session(day) for day in history.labels(before=label)])


# Nothing to show


def test_no_closed_session_yet_is_a_503(make_world: MakeWorld) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)])
    world = make_world(market, now="2019-01-01T20:00:00+00:00", HISTORY_START="2019-01-01")
    world.run_jobs()
    with world.client() as client:
        for path in ("/today", "/statistics", "/sessions"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["status"]) == (503, 503)
            assert "no closed session of BTCUSDT" in answer.json()["detail"]


def test_nothing_is_ever_nan(asked: Client) -> None:
    text = asked.get("/today").text
    assert "NaN" not in text
    assert "Infinity" not in text
