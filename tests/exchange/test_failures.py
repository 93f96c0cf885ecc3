"""What is said where no base URL gave an answer: each host's reason, or one for all, and what to do."""

from __future__ import annotations

import pytest

from volatility.domain.errors import ExchangeBlocked, ExchangeUnreachable
from volatility.exchange.failures import UNKNOWN_NAME, Failed, no_answer

ONE, OTHER = "https://api.binance.com", "https://data-api.binance.vision:8443/path"
# The two hosts, as they are named.
A, B = "api.binance.com", "data-api.binance.vision:8443"
REFUSED = Failed("connection refused", again=True)
BLOCKED = Failed("HTTP 451, refuses this address", again=False, blocked=True)
UNKNOWN = Failed(UNKNOWN_NAME, again=True)
ADDRESSES = "BINANCE_URLS names the addresses"
NO_NETWORK = (
    "is there a network here? HTTPS_PROXY names a proxy where only that leads out, make demo needs no network, "
    "BINANCE_URLS names the addresses"
)


def at_proxy(setting: str, words: str) -> Failed:
    return Failed(words, again=True, proxy=setting)


@pytest.mark.parametrize(
    ("failures", "reasons", "remedy"),
    [
        ([REFUSED], f"{A}: connection refused", ADDRESSES),
        # The same reason twice is two hosts' own, where it is not the network's.
        ([REFUSED, REFUSED], f"{A}: connection refused; {B}: connection refused", ADDRESSES),
        ([BLOCKED, REFUSED], f"{A}: HTTP 451, refuses this address; {B}: connection refused", ADDRESSES),
        ([UNKNOWN, UNKNOWN], f"{A}, {B}: its name can't be resolved", NO_NETWORK),
        ([UNKNOWN, REFUSED], f"{A}: its name can't be resolved; {B}: connection refused", ADDRESSES),
        (
            [at_proxy("ALL_PROXY", "p: a"), at_proxy("ALL_PROXY", "p: a")],
            f"{A}, {B}: p: a",
            "ALL_PROXY names the proxy",
        ),
        # Two troubles of one proxy are two reasons.
        (
            [at_proxy("ALL_PROXY", "p: a"), at_proxy("ALL_PROXY", "p: b")],
            f"{A}: p: a; {B}: p: b",
            "ALL_PROXY names the proxy",
        ),
        ([at_proxy("HTTP_PROXY", "p: a"), at_proxy("HTTPS_PROXY", "q: a")], f"{A}: p: a; {B}: q: a", ADDRESSES),
        ([at_proxy("HTTP_PROXY", "p: a"), REFUSED], f"{A}: p: a; {B}: connection refused", ADDRESSES),
    ],
)
def test_each_reason_is_said_with_its_host_and_the_setting_that_helps(
    failures: list[Failed], reasons: str, remedy: str
) -> None:
    error = no_answer(dict(zip((ONE, OTHER), failures, strict=False)))
    assert type(error) is ExchangeUnreachable
    assert str(error) == f"no exchange address answered ({reasons}); {remedy}"


def test_where_every_address_refuses_this_machine_that_is_another_error() -> None:
    error = no_answer({ONE: BLOCKED, OTHER: BLOCKED})
    assert type(error) is ExchangeBlocked
    assert str(error) == (
        "every exchange address refuses this machine (api.binance.com: HTTP 451, refuses this address; "
        "data-api.binance.vision:8443: HTTP 451, refuses this address): name others in BINANCE_URLS"
    )
