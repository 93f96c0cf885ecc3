"""Bans: what a 418 says, by whose clock, how long it is believed, and how it is remembered within a process."""

from __future__ import annotations

import pytest

from volatility.exchange.bans import Ban, MemoryBans, ban_of
from volatility.exchange.waits import LONGEST_BAN

NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC
DATE = {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}


def until(seconds: float) -> str:
    return f"Way too much request weight used; IP banned until {int((NOW + seconds) * 1000)}. Please use WebSockets."


@pytest.mark.parametrize(
    ("headers", "text", "known", "machine", "seconds"),
    [
        (DATE | {"Retry-After": "240"}, "", None, NOW, 240),
        (DATE, until(600), None, NOW, 600),
        (DATE | {"Retry-After": "240"}, until(600), None, NOW, 600),  # the longer of the two
        (DATE | {"Retry-After": "900"}, until(600), None, NOW, 900),
        (DATE, "", None, NOW, 120),  # it says nothing: the shortest ban there is
        (DATE, until(600), None, NOW - 7200, 600),  # this machine's clock is no matter where the exchange tells its
        ({}, until(600), NOW, NOW - 7200, 600),  # nor where it has told it before
        ({}, until(600), None, NOW, 600),  # there is nothing else
        ({"Retry-After": "240"}, until(600), None, NOW - 7200, 240),  # by nobody's clock: seconds are believed
        (DATE, until(600), NOW + 0.75, NOW, 599.25),  # what is known is finer than a Date of whole seconds
        (DATE, until(600), NOW + 50, NOW, 600),  # but not where the two differ
        (DATE, until(-5), None, NOW, 0),
        (DATE, "banned until 17000006000001234", None, NOW, 120),  # no instant in milliseconds
    ],
)
def test_how_long_a_ban_lasts_from_now(
    *, headers: dict[str, str], text: str, known: float | None, machine: float, seconds: float
) -> None:
    assert ban_of(headers, text, known, machine).seconds == pytest.approx(seconds, abs=1e-6)


def test_its_end_is_the_instant_that_was_named_to_the_millisecond() -> None:
    named = ban_of(DATE, "banned until 1700000600123", None, NOW)
    assert named.until_ms == 1_700_000_600_123
    assert ban_of(DATE | {"Retry-After": "240"}, "", None, NOW).until_ms == 1_700_000_240_000


@pytest.mark.parametrize(
    ("headers", "text", "said"),
    [
        (DATE | {"Retry-After": str(10**6)}, "", "it said 1000000 seconds"),
        (DATE | {"Retry-After": "9" * 30}, "", "it said longer than any life"),
        (DATE, "until 1800000000000", "it said until 2027-01-15T08:00:00"),
    ],
)
def test_no_ban_is_taken_to_be_longer_than_three_days_and_what_was_said_is_told(
    headers: dict[str, str], text: str, said: str
) -> None:
    ban = ban_of(headers, text, None, NOW)
    assert (ban.seconds, ban.until_ms) == (LONGEST_BAN, 1_700_259_200_000)
    error = ban.error()
    assert str(error).startswith("the exchange has banned this address until 2023-11-17T22:13:20")
    assert f"({said}" in str(error)
    assert str(error).endswith("no ban is taken to be longer than 3 days)")


def test_the_error_says_until_when_and_that_nothing_is_asked_before() -> None:
    error = Ban(90.0, 1_700_000_090_000).error()
    assert str(error).startswith("the exchange has banned this address until 2023-11-14T22:14:50")
    assert str(error).endswith("; nothing is asked before")


def test_within_a_process_a_ban_wears_off_by_a_clock_that_nobody_sets() -> None:
    now = [1000.0]
    book = MemoryBans(lambda: now[0])
    assert book.standing() is None
    book.remember(Ban(90.0, 5, "so it said"))
    now[0] += 60
    assert book.standing() == Ban(30.0, 5, "so it said")
    now[0] += 29.5
    assert book.standing() == Ban(0.5, 5, "so it said")
    now[0] += 0.5
    assert book.standing() is None


def test_the_newest_word_counts_and_a_ban_may_be_over_early() -> None:
    book = MemoryBans(lambda: 0.0)
    book.remember(Ban(90.0, 5))
    book.remember(Ban(30.0, 6))
    assert book.standing() == Ban(30.0, 6)
    book.forget()
    assert book.standing() is None
