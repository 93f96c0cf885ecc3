"""Which of the ordered faults a request meets: by turns, after some have passed, and so many times."""

from __future__ import annotations

from exchange_simulator.faults import Fault, Latency, Reset, Status
from exchange_simulator.plan import FaultPlan

KLINES = "/api/v3/klines"


def met(plan: FaultPlan, path: str = KLINES, **params: str) -> list[Fault]:
    return plan.take(path, params)


def test_a_fault_happens_as_often_as_it_was_ordered_and_begins_after_some_requests() -> None:
    plan, fault = FaultPlan(), Reset(times=2, after=3)
    plan.order(fault)
    assert [met(plan) == [fault] for _ in range(7)] == [False, False, False, True, True, False, False]
    assert plan.describe() == []


def test_without_a_number_it_happens_until_it_is_cleared() -> None:
    plan, fault = FaultPlan(), Reset()
    number = plan.order(fault)
    assert all(met(plan) == [fault] for _ in range(50))
    assert plan.clear(number) == 1
    assert met(plan) == []
    assert plan.clear(number) == 0


def test_what_spoils_an_answer_takes_turns_and_what_only_adds_adds_up() -> None:
    plan = FaultPlan()
    first, slow, second, slower = Reset(times=1), Latency(ms=5, times=3), Status(status=500, times=1), Latency(ms=9)
    for fault in (first, slow, second, slower):
        plan.order(fault)
    assert met(plan) == [first, slow, slower]
    assert met(plan) == [slow, second, slower]
    assert met(plan) == [slow, slower]
    assert met(plan) == [slower]


def test_one_whose_turn_has_not_come_lets_no_request_pass() -> None:
    plan, first, second = FaultPlan(), Reset(times=2), Status(status=500, after=1, times=1)
    plan.order(first)
    plan.order(second)
    assert [met(plan) for _ in range(5)] == [[first], [first], [], [second], []]


def test_only_requests_that_it_is_for_are_met_and_counted() -> None:
    plan = FaultPlan()
    fault = Reset(times=1, after=1, path=KLINES, params={"symbol": "BTCUSDT"})
    plan.order(fault)
    for _ in range(3):
        assert met(plan, "/api/v3/time", symbol="BTCUSDT") == []
        assert met(plan, symbol="ETHUSDT") == []
        assert met(plan) == []
    assert met(plan, symbol="BTCUSDT", limit="5") == []
    assert met(plan, symbol="BTCUSDT", limit="5") == [fault]


def test_what_is_left_is_told() -> None:
    plan = FaultPlan()
    numbers = [plan.order(Reset(times=2, after=1)), plan.order(Latency(ms=5))]
    assert numbers == [1, 2]
    met(plan)
    met(plan)
    told = {one["id"]: (one.get("times"), one.get("after")) for one in plan.describe()}
    assert told[1][0] == 1
    assert not told[1][1]
    assert plan.clear() == 2
    assert (plan.describe(), plan.order(Reset())) == ([], 3)
