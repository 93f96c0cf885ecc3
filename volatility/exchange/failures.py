"""One try that gave nothing, and what is said where no base URL gave anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from volatility.domain.errors import ExchangeBlocked, ExchangeError, ExchangeUnreachable

UNKNOWN_NAME: Final = "its name can't be resolved"


class Failed(Exception):
    """One try gave nothing.

    Args:
        reason: why, in words that follow a host's name.
        again: whether the same base URL is worth another try.
        blocked: whether this machine is refused.
        proxy: the setting of the proxy at fault, where one is.
    """

    def __init__(self, reason: str, *, again: bool, blocked: bool = False, proxy: str | None = None) -> None:
        self.reason, self.again, self.blocked, self.proxy = reason, again, blocked, proxy
        super().__init__(reason)


def no_answer(failures: Mapping[str, Failed]) -> ExchangeError:
    """The error to raise where no base URL gave an answer."""
    reasons = "; ".join(_reasons(failures))
    if all(failed.blocked for failed in failures.values()):
        return ExchangeBlocked(f"every exchange address refuses this machine ({reasons}): name others in BINANCE_URLS")
    return ExchangeUnreachable(f"no exchange address answered ({reasons}); {_hint(failures)}")


def _reasons(failures: Mapping[str, Failed]) -> Iterator[str]:
    """Each host's reason; one for all where the network before them is at fault."""
    hosts = [urlsplit(url).netloc for url in failures]
    reasons = {failed.reason for failed in failures.values()}
    if len(reasons) == 1 and all(failed.proxy or failed.reason == UNKNOWN_NAME for failed in failures.values()):
        yield f"{', '.join(hosts)}: {reasons.pop()}"
    else:
        yield from (f"{host}: {failed.reason}" for host, failed in zip(hosts, failures.values(), strict=True))


def _hint(failures: Mapping[str, Failed]) -> str:
    proxies = {failed.proxy for failed in failures.values()}
    if len(proxies) == 1 and None not in proxies:
        return f"{proxies.pop()} names the proxy"
    if all(failed.reason == UNKNOWN_NAME for failed in failures.values()):
        return (
            "is there a network here? HTTPS_PROXY names a proxy where only that leads out, make demo needs no network, "
            "BINANCE_URLS names the addresses"
        )
    return "BINANCE_URLS names the addresses"
