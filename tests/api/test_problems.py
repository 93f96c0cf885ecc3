"""Bad input and a database that is away: one problem document each, with the parameter, the rule and the value."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from api.models import model_of
from exchange_simulator import GeneratedMarket
from tests.api.conftest import SINCE, MakeWorld
from tests.api.world import KLINES, Client, HandMadeMarket, World
from tests.conftest import own_server
from volatility.presentation.catalogue.problems import PREFIX, PROBLEM_KINDS
from volatility.presentation.catalogue.service import PROBLEM
from volatility.storage.database import Database

ANALYTICS = ("/live", "/cone", "/odds", "/straddle?premium=1", "/volatility", "/seasonality")
DATA = ("/statistics", "/today", "/sessions", *ANALYTICS)
SECRET = "h0rse-battery"


def problem(answer: requests.Response, status: int) -> dict[str, Any]:
    """A problem document as RFC 9457 has it."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = json.loads(answer.content)
    model_of(PROBLEM).model_validate(document)
    assert answer.status_code == document["status"] == status
    kind = PROBLEM_KINDS[document["type"].removeprefix(PREFIX)]
    assert (document["status"], document["title"]) == (kind.status, kind.title)
    for leak in ("Traceback", 'File "', SECRET, "sqlalchemy", "pymysql."):
        assert leak not in answer.text
    assert "\n" not in document["detail"]
    return document


@pytest.mark.parametrize("path", ["/statistics", "/today", "/sessions"])
@pytest.mark.parametrize(
    "symbol", ["ETHUSDT", "", "BTC-USDT", "BTC/USDT", "ß", "<script>", "'; DROP", "\x00", "ＢＴＣ", "🚀"]
)
def test_a_symbol_that_is_not_kept_is_a_404(asked: Client, path: str, symbol: str) -> None:
    document = problem(asked.get(path, params={"symbol": symbol}), 404)
    (error,) = document["errors"]
    assert error == {
        "parameter": "symbol",
        "code": "unknown",
        "limits": {"expected": "BTCUSDT"},
        "rule": "must be one of BTCUSDT",
        "value": symbol.strip().upper(),
    }
    assert document["instance"] == path
    assert document["detail"].startswith("symbol: must be one of BTCUSDT, got ")


@pytest.mark.parametrize("symbol", ["A" * 21, "A" * 5000, "%E2%82%AC" * 21])
def test_a_symbol_that_is_too_long_is_a_422(asked: Client, symbol: str) -> None:
    (error,) = problem(asked.get("/statistics?symbol=" + symbol), 422)["errors"]
    assert (error["parameter"], error["rule"]) == ("symbol", "String should have at most 20 characters")
    assert (error["code"], error["limits"]) == ("string_too_long", {"max_length": 20})


@pytest.mark.parametrize(
    ("days", "rule"),
    [
        ("0", "greater than or equal to 1"),
        ("-1", "greater than or equal to 1"),
        ("3651", "less than or equal to 3650"),
        ("99999999999999999999", "less than or equal to 3650"),
        ("9" * 5000, "integer"),
        ("-" + "9" * 400, "greater than or equal to 1"),
        ("abc", "valid integer"),
        ("1.5", "valid integer"),
        ("", "valid integer"),
        ("1e3", "valid integer"),
        ("0x10", "valid integer"),
        ("NaN", "valid integer"),
        ("Infinity", "valid integer"),
        ("30 days", "valid integer"),
        ("\x00", "valid integer"),
    ],
)
def test_days_that_are_no_whole_number_from_1_to_3650_are_a_422(asked: Client, days: str, rule: str) -> None:
    document = problem(asked.get("/statistics", params={"days": days}), 422)
    (error,) = document["errors"]
    assert (error["parameter"], error["value"]) == ("days", days)
    assert rule in error["rule"]
    limits = {"greater": ("greater_than_equal", {"ge": 1}), "less": ("less_than_equal", {"le": 3650})}
    code, limit = limits.get(rule.split(maxsplit=1)[0], ("int_parsing", {}))
    assert (error["code"].removesuffix("_size"), error["limits"]) == (code, limit)
    assert document["detail"].startswith("days: ")


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "value",
    ["", "abc", "2024", "2024-13-01", "2024-02-30", "2024-1-1", "01.02.2024", "2024-01-01T00:00:00", "0", "86400",
     "20240101", "1704067200", "10000-01-01", "0000-01-01", "-2024-01-01", "2024-01-01 ", "today"],
)  # fmt: skip
def test_a_bound_that_is_no_date_is_a_422(asked: Client, name: str, value: str) -> None:
    document = problem(asked.get("/sessions", params={name: value}), 422)
    (error,) = document["errors"]
    assert (error["parameter"], error["value"], error["limits"]) == (name, value, {})
    assert "date" in error["rule"]
    assert error["code"].startswith("date")


@pytest.mark.parametrize("path", ["/statistics", "/sessions"])
@pytest.mark.parametrize("value", ["", "xml", "CSV", "json,csv"])
def test_an_unknown_format_is_a_422(asked: Client, path: str, value: str) -> None:
    (error,) = problem(asked.get(path, params={"format": value}), 422)["errors"]
    assert (error["parameter"], error["rule"], error["value"]) == ("format", "Input should be 'json' or 'csv'", value)
    assert (error["code"], error["limits"]) == ("literal_error", {"expected": "'json' or 'csv'"})


def test_an_unknown_parameter_is_a_422_that_names_those_that_are_known(asked: Client) -> None:
    given = {"dyas": "3", "Symbol": "BTCUSDT", "since": "2024-01-01"}
    document = problem(asked.get("/statistics", params={"days": "2"} | given), 422)
    known, nearest = "days, format, symbol", {"dyas": "days", "Symbol": "symbol"}
    assert document["errors"] == [
        {
            "parameter": name,
            "code": "unknown",
            "limits": {"expected": known} | ({"nearest": nearest[name]} if name in nearest else {}),
            "rule": f"must be one of {known}" + (f", perhaps {nearest[name]} is meant" if name in nearest else ""),
            "value": value,
        }
        for name, value in given.items()
    ]
    assert document["detail"].startswith(f"dyas: must be one of {known}, perhaps days is meant, got '3'; Symbol: ")
    (error,) = problem(asked.get("/symbols?symbol=BTCUSDT"), 422)["errors"]
    assert (error["code"], error["rule"]) == ("unknown", "is not known here, and no other is")


@pytest.mark.parametrize(
    "path", ["/statistics?days=1&days=2", "/odds?lookback=1&lookback=2", "/cone?lookback=7&lookback=7"]
)
def test_a_parameter_that_is_given_twice_is_a_422(asked: Client, path: str) -> None:
    document = problem(asked.get(path), 422)
    error = document["errors"][0]
    if path.startswith("/odds"):  # which does not know it at all
        assert error["code"] == "unknown"
        return
    name = path.partition("?")[2].partition("=")[0]
    values = ", ".join(part.partition("=")[2] for part in path.partition("?")[2].split("&"))
    assert error == {"parameter": name, "code": "repeated", "limits": {}, "rule": "may be given once", "value": values}


def test_a_parameter_that_may_be_repeated_is_taken_as_often_as_it_is_given(asked: Client) -> None:
    names = list(asked.get("/history?column=date&column=close").json()["columns"])
    assert {"date", "close"} <= set(names)


@pytest.mark.parametrize("until", ["2019-01-31", "2018-02-02", "0001-01-01"])
def test_sessions_up_to_a_day_before_the_first_are_a_422(asked: Client, until: str) -> None:
    document = problem(asked.get(f"/sessions?from=2019-02-01&to={until}"), 422)
    (error,) = document["errors"]
    assert error == {
        "parameter": "to",
        "code": "order",
        "limits": {"ge": "2019-02-01"},
        "rule": "must not lie before from 2019-02-01",
        "value": until,
    }


def test_the_page_takes_whatever_its_address_holds(asked: Client) -> None:
    assert {asked.get(f"{path}?theme=dark&days=x").status_code for path in ("/", "/docs")} == {200}


def test_every_bad_parameter_is_named(asked: Client) -> None:
    document = problem(asked.get("/statistics", params={"days": "x", "format": "y", "symbol": "z" * 30}), 422)
    assert [error["parameter"] for error in document["errors"]] == ["days", "symbol", "format"]
    assert all(f"{error['parameter']}: {error['rule']}" in document["detail"] for error in document["errors"])


@pytest.mark.parametrize(
    "path", ["/nothing", "/statistics/BTCUSDT", "/static", "/page", "/page/", "/%00", "/api/v3/klines"]
)
def test_an_unknown_path_is_a_404(asked: Client, path: str) -> None:
    document = problem(asked.get(path), 404)
    assert document["detail"] == "Not Found"
    assert document["type"] == "urn:btc-volatility:not_found"
    assert "errors" not in document


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [*DATA, "/symbols", "/healthz", "/metrics", "/docs"])
def test_another_method_is_a_405_that_names_what_is_allowed(asked: Client, method: str, path: str) -> None:
    answer = asked.request(method, path)
    problem(answer, 405)
    assert "GET" in answer.headers["allow"]


def test_head_answers_as_get_without_the_body(asked: Client) -> None:
    for path in (*DATA, "/symbols", "/healthz", "/readyz", "/docs", "/openapi.json", "/", "/nothing"):
        head, get = asked.head(path), asked.get(path)
        assert (head.status_code, head.content) == (get.status_code, b""), path
        for name in ("content-length", "content-type", "etag"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)


# 503


def unavailable(client: Client, words: str, paths: tuple[str, ...] = (*DATA, "/symbols", "/readyz")) -> None:
    """Every endpoint that needs the database says why it can't answer; the process lives on."""
    for path in paths:
        answer = client.get(path)
        document = problem(answer, 503)
        assert words in document["detail"], path
        assert int(answer.headers["retry-after"]) > 0
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/metrics").status_code == 200


def test_no_file_is_a_503_and_none_is_made(make_world: MakeWorld, market: GeneratedMarket, tmp_path: Path) -> None:
    world = make_world(market)
    with world.client() as client:
        unavailable(client, "holds nothing yet: run btc-volatility backfill")
    assert list(tmp_path.iterdir()) == []
    assert world.asked() == 0


def test_a_file_that_appears_later_is_read_without_a_restart(make_world: MakeWorld) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)] * 3)
    world = make_world(market, now="2019-01-04T08:30:00+00:00", HISTORY_START="2019-01-01")
    with world.client() as client:
        problem(client.get("/statistics"), 503)
        world.run_jobs()
        world.machine.pass_by(1)
        assert client.get("/statistics").json()["count"] == 3
        assert client.get("/today").json()["source"] == "exchange"


def test_an_empty_file_is_a_503(make_world: MakeWorld, market: GeneratedMarket, tmp_path: Path) -> None:
    (tmp_path / "candles.sqlite3").touch()
    with make_world(market).client() as client:
        unavailable(client, "holds nothing yet")


def test_a_file_that_is_no_database_is_a_503(make_world: MakeWorld, market: GeneratedMarket, tmp_path: Path) -> None:
    (tmp_path / "candles.sqlite3").write_bytes(os.urandom(8192))
    with make_world(market).client() as client:
        unavailable(client, "is not an SQLite database")


@pytest.mark.server
def test_a_server_without_tables_is_a_503(make_world: MakeWorld, market: GeneratedMarket, mariadb_url: str) -> None:
    with make_world(market, database_url=mariadb_url).client() as client:
        unavailable(client, "holds nothing yet: run btc-volatility backfill")


@pytest.mark.server
def test_a_refused_password_is_a_503_that_does_not_show_it(
    make_world: MakeWorld, market: GeneratedMarket, mariadb_url: str
) -> None:
    url = sa.make_url(mariadb_url).set(password=SECRET).render_as_string(hide_password=False)
    with make_world(market, database_url=url).client() as client:
        unavailable(client, "user name or password refused")


@pytest.mark.parametrize(
    ("revision", "words"), [("0000", "this program needs"), ("9999", "newer than this program knows")]
)
def test_a_schema_of_another_program_is_a_503(world: World, revision: str, words: str) -> None:
    world.execute(f"UPDATE alembic_version SET version_num = '{revision}'")
    with world.client() as client:
        unavailable(client, words if revision == "9999" else "0000")


def test_an_older_schema_is_a_503_that_says_how_to_bring_it_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from volatility.storage import migrate  # noqa: PLC0415 - replaced here alone

    known = migrate.known_revisions()
    monkeypatch.setattr(migrate, "known_revisions", lambda: [*known, "7777"])
    with world.client() as client:
        unavailable(client, f"has schema {known[-1]}, this program needs 7777")


def test_sessions_by_another_definition_are_a_503(world: World, make_world: MakeWorld, market: GeneratedMarket) -> None:
    other = make_world(market, HISTORY_START=SINCE, SESSION_START="12:00")
    with other.client() as client:
        unavailable(client, "were computed for start 11:00 Europe/Moscow", DATA)
        unavailable(client, "the settings say start 12:00 Europe/Moscow", DATA)
        unavailable(client, "no closed session is stored yet", ("/readyz",))
    assert world.settings.database_url == other.settings.database_url


def test_a_symbol_without_a_session_is_a_503_and_the_others_are_not(world: World, make_world: MakeWorld) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)], symbol="ETHUSDT")
    other = make_world(*world.exchange.markets.values(), market, HISTORY_START=SINCE)
    with other.client() as client:
        assert client.get("/statistics").status_code == 200
        for path in DATA:
            assert (
                "no closed session of ETHUSDT" in problem(client.get(path, params={"symbol": "ETHUSDT"}), 503)["detail"]
            )
        ready = client.get("/readyz").json()
    assert (ready["status"], [s["symbol"] for s in ready["symbols"]]) == ("partial", ["BTCUSDT", "ETHUSDT"])
    assert ready["symbols"][1] == {
        "symbol": "ETHUSDT", "simulated": False, "first_candle": None, "newest_candle": None, "first_session": None,
        "newest_session": None, "gap_hours": 0, "newest_candle_age_seconds": None, "newest_session_age_seconds": None,
    }  # fmt: skip


def test_sessions_whose_candles_are_gone_are_no_today(world: World) -> None:
    world.execute("DELETE FROM klines_hourly")
    with world.client() as client:
        assert "no closed session of BTCUSDT" in problem(client.get("/today"), 503)["detail"]
    assert world.asked(KLINES) == 0


@pytest.mark.server
def test_a_server_that_goes_away_is_a_503_until_it_is_back(make_world: MakeWorld, market: GeneratedMarket) -> None:
    with own_server() as server:
        engine = sa.create_engine(server.url(), poolclass=sa.NullPool, connect_args={"ssl_disabled": True})
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE DATABASE away")
        world = make_world(market, database_url=server.url("away"), HISTORY_START="2019-02-20")
        world.run_jobs()
        with world.client() as client:
            assert client.get("/statistics").status_code == 200
            assert client.get("/today").json()["source"] == "exchange"
            before = world.asked()
            server.kill()
            world.machine.pass_by(5)
            unavailable(client, "can't be reached or is busy")
            assert "btc_volatility_database_up 0.0" in client.get("/metrics").text
            assert world.asked() == before
            server.start()
            world.machine.pass_by(5)
            assert client.get("/statistics").json()["count"] == 13
            assert client.get("/today").json()["source"] == "exchange"
            assert "btc_volatility_database_up 1.0" in client.get("/metrics").text


def test_something_unexpected_is_a_500_that_says_nothing_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(Database, "read", broken)
    with world.client() as client:
        for path in DATA:
            answer = client.get(path, headers={"Connection": "close"})  # the server ends it after such an error
            assert problem(answer, 500)["detail"] == "an unexpected error; the log has more"
        assert client.get("/healthz").status_code == 200


def test_an_expected_error_of_another_kind_is_a_500_in_plain_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api import questions  # noqa: PLC0415 - replaced here alone
    from volatility.domain.errors import BadPage  # noqa: PLC0415

    def broken(*_: object) -> None:
        raise BadPage("row 3 is crossed")

    monkeypatch.setattr(questions, "today_report", broken)
    with world.client() as client:
        assert problem(client.get("/today"), 500)["detail"] == "row 3 is crossed"


def test_every_problem_is_of_the_documented_shape(asked: Client) -> None:
    schema = asked.get("/openapi.json").json()["components"]["schemas"]["Problem"]
    document = problem(asked.get("/statistics?days=0"), 422)
    assert set(schema["required"]) <= set(document) <= set(schema["properties"])
    assert model_of(PROBLEM).model_validate(document).model_dump()["errors"]
