"""The scheduled DAGs, run as a user would trigger them."""

from __future__ import annotations

import pytest

from tests.stack.stack import SYMBOLS, Run, Stack


@pytest.fixture(scope="module")
def hourly(stack: Stack) -> Run:
    return stack.run("btc_hourly_fetch")


@pytest.fixture(scope="module")
def daily(stack: Stack, hourly: Run) -> Run:
    assert hourly.state() == "success"
    return stack.run("btc_daily_aggregation")


def test_both_scheduled_dags_succeed(hourly: Run, daily: Run) -> None:
    assert hourly.state() == daily.state() == "success"
    assert sorted(task["rendered_map_index"] for task in hourly.tasks()) == SYMBOLS
    assert len(daily.tasks()) == 2 * len(SYMBOLS)


def test_candles_and_sessions_appear_in_mariadb(stack: Stack, daily: Run) -> None:
    assert daily.state() == "success"
    for table in ("klines_hourly", "daily_sessions", "session_statistics"):
        counts = dict(stack.sql(f"select symbol, count(*) from {table} group by symbol"))
        assert sorted(counts) == SYMBOLS
        assert all(int(count) > 50 for count in counts.values()), table


def test_the_api_serves_them(stack: Stack, daily: Run) -> None:
    assert daily.state() == "success"
    newest = stack.api("/statistics", days=1)["sessions"][0]
    stored = stack.sql(
        f"select max(volatility) from daily_sessions where symbol = 'BTCUSDT' and date = '{newest['date']}'"
    )
    assert newest["volatility"] == pytest.approx(float(stored[0][0]))
    today = stack.api("/today")
    assert today["source"] == "exchange"
    assert not today["stale"]


def test_the_task_log_holds_the_jobs_log(hourly: Run) -> None:
    assert "BTCUSDT: " in hourly.log(hourly.task("fetch"))


def test_the_xcom_holds_the_jobs_json(hourly: Run, daily: Run) -> None:
    for symbol in SYMBOLS:
        fetched = hourly.xcom(hourly.task("fetch", symbol))
        assert fetched["symbol"] == symbol
        assert "candles_written" in fetched
        assert daily.xcom(daily.task("session.aggregate", symbol))["symbol"] == symbol


def test_no_container_of_a_job_is_left(stack: Stack, daily: Run) -> None:
    assert daily.state() == "success"
    assert stack.job_containers() == []


def test_maintenance_by_parameters(stack: Stack) -> None:
    rebuilt = stack.run("btc_maintenance", action="rebuild", symbol="BTCUSDT")
    assert rebuilt.state() == "success"
    tasks = [task for task in rebuilt.tasks() if task["task_id"] == "run"]
    assert [task["rendered_fields"]["command"] for task in tasks] == [
        ["python", "scripts/session_aggregator.py", "--rebuild", "--symbol", "BTCUSDT"]
    ]
    dry = stack.run("btc_maintenance", action="recheck-gaps", dry_run=True, since="2024-01-01", until="2024-01-31")
    assert dry.state() == "success"
    assert dry.xcom(dry.task("run"))["dry_run"]
