"""A server's end: by a signal and in order, with the handlers put back."""

from __future__ import annotations

import os
import signal

import pytest

from volatility.domain.errors import Stopped
from volatility.server.signals import ended_by_signals, on_signals

BOTH = [signal.SIGINT, signal.SIGTERM]


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in BOTH]


@pytest.mark.parametrize("number", BOTH)
def test_a_signal_ends_the_block_closes_what_it_opened_and_is_no_failure(number: signal.Signals) -> None:
    before, done = handlers(), []
    with ended_by_signals():
        try:
            os.kill(os.getpid(), number)
            done.append("went on")
        finally:
            done.append("closed")
    assert done == ["closed"]
    assert handlers() == before


def test_a_block_that_ends_by_itself_leaves_the_handlers_as_they_were() -> None:
    before = handlers()
    with ended_by_signals():
        assert handlers() != before
    assert handlers() == before


def test_a_failure_is_a_failure_and_the_handlers_are_put_back_all_the_same() -> None:
    before = handlers()
    with pytest.raises(ZeroDivisionError), ended_by_signals():
        raise ZeroDivisionError
    assert handlers() == before


@pytest.mark.parametrize("number", BOTH)
def test_handlers_are_told_which_signal_came(number: signal.Signals) -> None:
    told: list[int] = []
    with on_signals(lambda one, _: told.append(one)):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert told == [number, number]


def test_within_a_block_another_may_have_its_own_handlers() -> None:
    told: list[int] = []
    with ended_by_signals():
        with on_signals(lambda one, _: told.append(one)):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
    assert told == [signal.SIGTERM]
