"""`/quality`: what the data lack, how the jobs went and how far they are, and whether the exchange answers."""

from __future__ import annotations

import csv
import gzip
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from api.app import create_app
from exchange_simulator import GeneratedMarket
from exchange_simulator.faults import Latency
from exchange_simulator.presets import banned, unavailable
from tests.api.conftest import NOW, SINCE, MakeWorld
from tests.api.test_freshness import COVERAGE, gap_hours
from tests.api.test_today import pass_by
from tests.api.world import KLINES, Client, HandMadeMarket, World, environment, listening, to_ms
from tests.support import tables
from tests.support.jobs import BACKFILL, start
from volatility.domain.errors import ExchangeUnreachable
from volatility.domain.retry import ONCE
from volatility.storage import run_rows
from volatility.storage.database import Database
from volatility.storage.migrate import migrate
from volatility.storage.run_rows import AGGREGATION as AGGREGATION_JOB
from volatility.storage.run_rows import BACKFILL as BACKFILL_JOB
from volatility.storage.run_rows import Progress, RunKey

Json = dict[str, Any]
HOUR = timedelta(hours=1)
NOTHING: Json = {
    "simulated": False, "first_candle": None, "newest_candle": None, "first_session": None, "newest_session": None,
    "sessions": 0, "gap_hours": 0, "gaps": [], "incomplete": [], "backfill": None, "aggregation": None,
}  # fmt: skip


def asked_of(client: Client, symbol: str = "BTCUSDT") -> Json:
    """What is said of one symbol."""
    answer = client.get("/quality")
    assert answer.status_code == 200, answer.text
    found: Json = next(one for one in answer.json()["symbols"] if one["symbol"] == symbol)
    return found


def until(client: Client, is_so: Callable[[Json], bool]) -> Json:
    """Poll as the page does."""
    deadline = time.monotonic() + 60
    while not is_so(said := asked_of(client)):
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
    return said


@pytest.fixture
def now_client(world: World) -> Iterator[Client]:
    """A client of an API by the machine's own clocks."""
    with listening(create_app(world.settings)) as url, Client(url) as client:
        yield client


# What the data lack


@pytest.fixture(scope="module")
def hours(real_candles: Path) -> list[datetime]:
    """The hours that have a candle in the file of real ones."""
    with gzip.open(real_candles, "rt") as lines:
        opens = [int(row["open_time"]) for row in csv.DictReader(lines)]
    return [datetime.fromtimestamp(ms // 3_600_000 * 3600, UTC) for ms in opens]


@pytest.mark.real_data
def test_gaps_and_incomplete_sessions_of_real_history_are_what_plain_loops_find(
    real_world: World, hours: list[datetime]
) -> None:
    now = datetime(2023, 12, 30, 20, tzinfo=UTC)  # the end of the newest closed candle
    there = [hour for hour in hours if hour < now]
    gaps = [(before + HOUR, after, (after - before) // HOUR - 1) for before, after in pairwise(there)]
    gaps = [gap for gap in gaps if gap[2]]
    in_session: dict[str, int] = {}
    for hour in there:
        label = f"{hour - 8 * HOUR:%Y-%m-%d}"  # 11:00 in Moscow, where the clocks have not changed since 2014
        in_session[label] = in_session.get(label, 0) + 1
    closed = {label: n for label, n in sorted(in_session.items()) if "2017-08-17" <= label < "2023-12-30"}
    with real_world.client() as client:
        said = asked_of(client)
    moments = datetime.fromisoformat
    assert [(moments(gap["from"]), moments(gap["to"]), gap["hours"]) for gap in said["gaps"]] == gaps
    assert len(gaps) > 20
    assert said["gap_hours"] == sum(gap[2] for gap in gaps) == 128
    assert [(one["date"], one["candles"]) for one in said["incomplete"]] == [
        (label, n) for label, n in closed.items() if n != 24
    ]
    assert {one["expected_candles"] for one in said["incomplete"]} == {24}
    assert said["sessions"] == len(closed)
    assert (said["first_session"], said["newest_session"]) == ("2017-08-17", "2023-12-29")
    assert all(gap["from"].endswith("+03:00") for gap in said["gaps"])


@pytest.mark.real_data
def test_gaps_and_incomplete_sessions_of_real_history_are_what_plain_sql_finds(real_world: World) -> None:
    url = real_world.settings.database_url
    (gaps,) = tables.query(
        url,
        "SELECT COUNT(*), SUM(lost) FROM (SELECT (julianday(open_time) - julianday(LAG(open_time) OVER"
        " (ORDER BY open_time))) * 24 - 1 AS lost FROM klines_hourly) WHERE lost > 0.5",
    )
    sessions = tables.query(
        url,
        "SELECT date(open_time, '-8 hours') AS label, COUNT(*) FROM klines_hourly GROUP BY label"
        " HAVING COUNT(*) <> 24 AND label BETWEEN '2017-08-17' AND '2023-12-29' ORDER BY label",
    )
    with real_world.client() as client:
        said = asked_of(client)
    assert (len(said["gaps"]), said["gap_hours"]) == (gaps[0], round(gaps[1]))
    assert [(one["date"], one["candles"]) for one in said["incomplete"]] == sessions


def test_it_says_how_far_the_data_reach_and_that_the_jobs_are_done(unchanged: World, asked: Client) -> None:
    answer = asked.get("/quality")
    assert answer.json()["exchange"].keys() == {"away_since", "next_try"}
    (said,) = answer.json()["symbols"]
    assert {name: said[name] for name in COVERAGE} == COVERAGE
    assert said["gap_hours"] == sum(gap["hours"] for gap in said["gaps"]) == gap_hours(unchanged)
    assert said["sessions"] == 94
    for job, count in (("backfill", 8 + 24 * 94 + 5), ("aggregation", 94)):
        run = said[job]
        assert (run["result"], run["message"], run["done"], run["total"]) == ("done", None, count, count)
        began, ended = (datetime.fromisoformat(run[name]) for name in ("began", "ended"))
        assert began <= ended <= datetime.now(UTC) + timedelta(seconds=1)


def test_sessions_by_another_definition_do_not_count(make_world: MakeWorld, world: World) -> None:
    other = make_world(*world.exchange.markets.values(), HISTORY_START=SINCE, SESSION_START="12:00")
    with other.client() as client:
        said = asked_of(client)
    assert (said["sessions"], said["incomplete"], said["newest_session"]) == (0, [], None)
    assert said["newest_candle"] == COVERAGE["newest_candle"]


def test_a_symbol_without_data_is_empty_beside_one_that_has_them(make_world: MakeWorld) -> None:
    sessions = [(10.0, 20.0)] * 3
    markets = [
        HandMadeMarket("2019-01-01T08:00:00+00:00", sessions, [1000], symbol=name) for name in ("AUSDT", "BUSDT")
    ]
    world = make_world(*markets, now="2019-01-04T08:30:00+00:00", HISTORY_START="2019-01-01")
    world.run_jobs("BUSDT")
    with world.client() as client:
        assert [one["symbol"] for one in client.get("/quality").json()["symbols"]] == ["AUSDT", "BUSDT"]
        assert asked_of(client, "AUSDT") == {"symbol": "AUSDT"} | NOTHING
        assert asked_of(client, "BUSDT")["sessions"] == 3


def test_an_empty_database_is_an_answer_and_one_without_tables_is_not(
    make_world: MakeWorld, market: GeneratedMarket, database_url: str
) -> None:
    world = make_world(market, database_url=database_url)
    with world.client() as client:
        missing = client.get("/quality")
        assert missing.status_code == 503
        assert missing.json()["detail"] == "the database holds nothing yet: run btc-volatility backfill"
        database = Database(database_url, ONCE)
        migrate(database)
        database.close()
        assert client.get("/quality").json() == {
            "exchange": {"away_since": None, "next_try": None},
            "symbols": [{"symbol": "BTCUSDT"} | NOTHING],
        }
        assert world.asked() == 0


def test_without_a_database_it_is_503(make_world: MakeWorld, market: GeneratedMarket) -> None:
    world = make_world(market, database_url="mysql+pymysql://me:hunter22@127.0.0.1:1/db")
    with world.client() as client:
        answer = client.get("/quality")
    assert (answer.status_code, "hunter22" in answer.text, "127.0.0.1" in answer.text) == (503, False, False)


def test_what_is_known_is_fresh_and_not_sent_twice(world: World, client: Client) -> None:
    answer = client.get("/quality")
    assert answer.headers["cache-control"] == "no-cache"
    same = {"If-None-Match": answer.headers["etag"]}
    assert client.get("/quality", headers=same).status_code == 304
    world.execute("UPDATE job_runs SET done = 7 WHERE job = 'backfill'")
    world.machine.pass_by(1)
    assert client.get("/quality", headers=same).json()["symbols"][0]["backfill"]["done"] == 7


# How the jobs went


@pytest.fixture
def slow(make_world: MakeWorld, database_url: str) -> World:
    """Half a year of candles to fetch, a page in 0.7 s."""
    market = GeneratedMarket("BTCUSDT", gaps=False)
    world = make_world(market, now="2018-02-10T00:30:00+00:00", database_url=database_url, BINANCE_RETRY_SECONDS="2")
    world.exchange.order(Latency(ms=700, path=KLINES))
    return world


def started(world: World, folder: Path) -> subprocess.Popen[str]:
    return start(BACKFILL, environment(world.names), folder)


def test_a_first_backfill_is_followed_from_an_empty_database_to_its_end(slow: World, tmp_path: Path) -> None:
    migrate(database := Database(slow.settings.database_url, ONCE))
    database.close()
    with listening(create_app(slow.settings)) as url, Client(url) as client:
        assert asked_of(client)["backfill"] is None
        process = started(slow, tmp_path)
        seen: list[Json] = []
        while process.poll() is None:
            seen.append(asked_of(client))
            time.sleep(0.1)
        assert process.returncode == 0, process.communicate()
        process.communicate()
        last = until(client, lambda said: said["backfill"]["ended"] is not None)
    running = [one["backfill"] for one in seen if one["backfill"] and one["backfill"]["ended"] is None]
    assert {run["result"] for run in running} == {"running"}
    total = 4244  # hours from 2017-08-17T04:00Z
    assert {run["total"] for run in running} <= {None, total}
    came = [run["done"] for run in running if run["done"] is not None]
    assert came == sorted(came)
    assert len(set(came)) >= 3
    assert {done % 1000 for done in came if done != total} == {0}
    run = last["backfill"]
    assert (run["result"], run["message"], run["done"], run["total"]) == ("done", None, total, total)
    assert last["newest_candle"] == "2018-02-10T02:00:00+03:00"


def told(client: Client, path: str) -> tuple[str, str]:
    """Why a question has no answer, and when to ask again."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:btc-volatility:no_data")
    return answer.json()["detail"], answer.headers["retry-after"]


@pytest.mark.parametrize("path", ["/statistics", "/today", "/live", "/readyz"])
def test_while_the_first_history_comes_every_question_is_told_how_far_it_is(
    make_world: MakeWorld, market: GeneratedMarket, path: str
) -> None:
    world = make_world(market)
    migrate(database := Database(world.settings.database_url, ONCE))
    fetching, computing = RunKey("BTCUSDT", BACKFILL_JOB, "a"), RunKey("BTCUSDT", AGGREGATION_JOB, "b")
    with world.client() as client:
        assert "backfill" in told(client, path)[0]
        database.write(lambda connection: run_rows.begin(connection, fetching))
        world.machine.pass_by(1)
        assert told(client, path) == ("the history of BTCUSDT is being fetched", "5")
        database.write(lambda connection: run_rows.hear(connection, fetching, Progress(12_400, 81_366)))
        world.machine.pass_by(1)
        so_far = "the history of BTCUSDT is being fetched: 12,400 of 81,366 hours so far"
        assert told(client, path) == (so_far, "5")
        _pass(world, 121)  # it was killed
        world.machine.pass_by(1)
        assert told(client, path)[1] == "30"
        database.write(lambda connection: run_rows.begin(connection, computing))
        database.write(lambda connection: run_rows.hear(connection, computing, Progress(400, 3387)))
        world.machine.pass_by(1)
        assert told(client, path) == ("the sessions of BTCUSDT are being computed: 400 of 3,387 sessions so far", "5")
        database.write(lambda connection: run_rows.end(connection, computing, "failed", "no", Progress(400, 3387)))
        world.machine.pass_by(1)
        assert told(client, path)[1] == "30"
    database.close()


def test_a_run_that_was_killed_is_lost_once_nothing_was_heard_of_it_for_two_minutes(
    slow: World, tmp_path: Path
) -> None:
    migrate(database := Database(slow.settings.database_url, ONCE))
    database.close()
    with listening(create_app(slow.settings)) as url, Client(url) as client:
        process = started(slow, tmp_path)
        until(client, lambda said: bool(said["backfill"] and said["backfill"]["done"]))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        killed = asked_of(client)["backfill"]
        assert (killed["result"], killed["ended"]) == ("running", None)  # nobody knows it yet
        _pass(slow, 115)
        time.sleep(1.1)
        assert asked_of(client)["backfill"]["result"] == "running"
        _pass(slow, 10)
        time.sleep(1.1)
        lost = asked_of(client)["backfill"]
        assert (lost["result"], lost["ended"], lost["message"]) == ("lost", None, None)
        assert 0 < lost["done"] < lost["total"]
        slow.exchange.clear()
        slow.run_jobs()
        done = until(client, lambda said: said["backfill"]["result"] != "lost")
        assert (done["backfill"]["result"], done["aggregation"]["result"]) == ("done", "done")


def _pass(world: World, seconds: int) -> None:
    """As if nothing had been heard of any run for so long."""
    of_kind = "mariadb" if world.settings.database_url.startswith("mysql") else "sqlite"
    earlier = {
        "sqlite": f"strftime('%Y-%m-%d %H:%M:%f000', heard_at, '-{seconds} seconds')",
        "mariadb": f"heard_at - INTERVAL {seconds} SECOND",
    }
    world.execute(f"UPDATE job_runs SET heard_at = {earlier[of_kind]}")


def test_a_failure_says_why_and_the_next_success_takes_its_place(world: World, now_client: Client) -> None:
    world.exchange.order(unavailable())
    with pytest.raises(ExchangeUnreachable) as caught:
        world.run_jobs()
    failed = until(now_client, lambda said: said["backfill"]["result"] == "failed")["backfill"]
    assert failed["message"] == str(caught.value)
    assert failed["ended"] >= failed["began"]
    world.exchange.clear()
    world.run_jobs()
    done = until(now_client, lambda said: said["backfill"]["result"] == "done")["backfill"]
    assert done["message"] is None
    assert done["began"] > failed["ended"]


def test_the_message_of_a_job_shows_no_login_of_its_base_url(
    make_world: MakeWorld, market: GeneratedMarket, tmp_path: Path
) -> None:
    world = make_world(market, HISTORY_START=SINCE, BINANCE_RETRY_SECONDS="0")
    names = world.names | {"BINANCE_URLS": "http://127.0.0.1:1", "HTTP_PROXY": "http://ivan:h0rse-battery@127.0.0.1:2"}
    process = start(BACKFILL, environment(names) | {"NO_PROXY": "", "no_proxy": ""}, tmp_path)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    with world.client() as client:
        run = asked_of(client)["backfill"]
    assert run["result"] == "failed"
    assert stderr.splitlines()[-1] == f"error: {run['message']}"
    for secret in ("h0rse", "battery", "ivan"):
        assert secret not in run["message"]


# Whether the exchange answers


def exchange(client: Client) -> tuple[int | None, int | None]:
    """Since when it is away and when it is asked next, in seconds since NOW."""
    said = client.get("/quality").json()["exchange"]

    def seconds(instant: str | None) -> int | None:
        return None if instant is None else round((to_ms(instant) - to_ms(NOW)) / 1000)

    return seconds(said["away_since"]), seconds(said["next_try"])


def stale(client: Client) -> bool:
    found: bool = client.get("/today").json()["stale"]
    return found


def test_the_exchange_is_away_from_its_first_failure_to_its_next_answer(world: World, client: Client) -> None:
    assert exchange(client) == (None, None)  # nobody asked it anything
    assert not stale(client)
    assert exchange(client) == (None, None)
    order = world.exchange.order(unavailable())
    assert exchange(client) == (None, None)
    world.machine.pass_by(10)
    assert stale(client)
    assert exchange(client) == (10, 25)  # it is left alone for a quarter of a minute
    world.machine.pass_by(5)
    assert stale(client)
    assert exchange(client) == (10, 25)
    world.machine.pass_by(10)
    assert exchange(client) == (10, None)  # the next question asks it
    assert stale(client)
    assert exchange(client) == (10, 40)
    world.exchange.clear(order)
    world.machine.pass_by(20)
    assert not stale(client)
    assert exchange(client) == (None, None)


def test_an_exchange_that_bans_is_asked_when_the_ban_is_over(world: World, client: Client) -> None:
    world.exchange.order(banned(retry_after=120, times=1))
    assert stale(client)
    assert exchange(client) == (0, 120)
    pass_by(world, 50)
    assert stale(client)
    assert exchange(client) == (0, 120)
    pass_by(world, 71)
    assert not stale(client)
    assert exchange(client) == (None, None)


def test_an_exchange_that_has_no_such_symbol_is_not_away(world: World, client: Client) -> None:
    del world.exchange.markets["BTCUSDT"]
    assert stale(client)
    assert exchange(client) == (None, None)


def test_a_process_tells_of_its_own_questions_alone(world: World, client: Client) -> None:
    world.exchange.order(unavailable())
    assert stale(client)
    assert exchange(client)[0] == 0
    with world.client() as other:
        assert exchange(other) == (None, None)
    assert requests.get(f"{client.url}/quality", timeout=10).json()["exchange"]["away_since"] is not None
