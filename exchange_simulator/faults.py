"""Faults that can be ordered from the simulated exchange.

Each is for the next `times` requests that match, or until it is cleared; `after` lets some matching requests pass
first. Faults that spoil an answer (`replaces` is true) take turns in the order in which they were ordered; the others
add up.

    exchange.order(Latency(ms=50))
    exchange.order(too_many_requests(retry_after=1, times=1))
    exchange.order(Reset(times=2, path="/api/v3/klines", params={"symbol": "BTCUSDT"}))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from exchange_simulator.answers import JSON, Answer, Delivery
from exchange_simulator.instants import Instant, to_ms
from exchange_simulator.market import FIELDS, View, render
from exchange_simulator.mutations import MUTATIONS, Rows, mutate

KLINES = "/api/v3/klines"
_NUMBERS = {"times", "after", "ms", "pause_ms", "share", "row", "status"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What all faults share; by itself it does nothing.

    Attributes:
        times: how many matching requests it is for; None until it is cleared.
        after: how many matching requests pass before it begins.
        path: only for requests of this path; None for every one below `/api`.
        params: only for requests with these parameters.
    """

    kind: ClassVar[str] = ""
    replaces: ClassVar[bool] = False

    times: int | None = None
    after: int = 0
    path: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in _NUMBERS & {f.name for f in fields(self)}:
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise ValueError(f"{name} must be a number, not {value!r}")
        if (self.times is not None and self.times < 1) or self.after < 0:
            raise ValueError(f"times must be 1 or more and after 0 or more, not {self.times} and {self.after}")

    def matches(self, path: str, params: Mapping[str, str]) -> bool:
        """Whether a request is one that this fault is for."""
        return self.path in (None, path) and all(params.get(name) == str(value) for name, value in self.params.items())

    def skew_ms(self) -> int:
        """How far the exchange's clock is put forward for the request."""
        return 0

    def view(self, view: View, now_ms: int) -> View:  # noqa: ARG002 - a late candle looks at the clock
        """The candles that the request sees."""
        return view

    def answer(self, answer: Answer) -> Answer:
        """The answer that goes out."""
        return answer

    def describe(self) -> dict[str, Any]:
        """The fault as JSON, without what was left at its default."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"kind": self.kind} | {name: _plain(value) for name, value in chosen.items() if value not in (None, {})}


def _plain(value: Any) -> Any:
    return f"{value.__name__}()" if callable(value) else dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, kw_only=True)
class Latency(Fault):
    """Every byte of the answer comes later by `ms`."""

    kind: ClassVar[str] = "latency"
    ms: float

    def answer(self, answer: Answer) -> Answer:
        """Wait before sending."""
        return replace(answer, delay_s=answer.delay_s + self.ms / 1000)


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """Another status, with a body (text, or a value to send as JSON) and headers."""

    kind: ClassVar[str] = "status"
    replaces: ClassVar[bool] = True
    status: int
    body: Any = ""
    headers: Mapping[str, object] = field(default_factory=dict)
    content_type: str = JSON

    def answer(self, answer: Answer) -> Answer:
        """Something else than what was asked for."""
        body = self.body.encode() if isinstance(self.body, str) else render(self.body)
        headers = answer.headers + tuple((name, str(value)) for name, value in self.headers.items())
        return replace(answer, status=self.status, body=body, content_type=self.content_type, headers=headers)


@dataclass(frozen=True, kw_only=True)
class CutOff(Fault):
    """The connection ends after `share` (0 to 1) of the body that `Content-Length` announced."""

    kind: ClassVar[str] = "cut_off"
    replaces: ClassVar[bool] = True
    share: float = 0.5

    def answer(self, answer: Answer) -> Answer:
        """The right answer, half of it."""
        return replace(answer, delivery=Delivery.CUT_OFF, share=self.share)


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """The connection is reset (RST) before anything is sent."""

    kind: ClassVar[str] = "reset"
    replaces: ClassVar[bool] = True

    def answer(self, answer: Answer) -> Answer:
        """No answer."""
        return replace(answer, delivery=Delivery.RESET)


@dataclass(frozen=True, kw_only=True)
class Hang(Fault):
    """The request is accepted and never answered."""

    kind: ClassVar[str] = "hang"
    replaces: ClassVar[bool] = True

    def answer(self, answer: Answer) -> Answer:
        """No answer."""
        return replace(answer, delivery=Delivery.HANG)


@dataclass(frozen=True, kw_only=True)
class Drip(Fault):
    """The body comes byte by byte, `pause_ms` apart, and never ends: a read time-out alone does not catch it."""

    kind: ClassVar[str] = "drip"
    replaces: ClassVar[bool] = True
    pause_ms: float = 100

    def answer(self, answer: Answer) -> Answer:
        """The right answer, too slow ever to arrive."""
        return replace(answer, delivery=Delivery.DRIP, pause_s=self.pause_ms / 1000)


@dataclass(frozen=True, kw_only=True)
class WrongRows(Fault):
    """A page of candles with a defect: a name of `MUTATIONS`, or a function of the page's rows.

    `row` says which row of the page is meant, the middle one by default; a function gets all rows as lists of twelve
    values and gives back whatever is to be sent.
    """

    kind: ClassVar[str] = "wrong_rows"
    mutation: str | Callable[[Rows], Any]
    row: int | None = None
    path: str | None = KLINES

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.mutation, str) and self.mutation not in MUTATIONS:
            raise ValueError(f"mutation must be one of {', '.join(MUTATIONS)}; not {self.mutation}")

    def answer(self, answer: Answer) -> Answer:
        """The page with the defect; an error stays what it is."""
        if answer.status != 200:
            return answer
        rows = json.loads(answer.body)
        changed = mutate(self.mutation, rows, self.row) if isinstance(self.mutation, str) else self.mutation(rows)
        return replace(answer, body=render(changed))


@dataclass(frozen=True, kw_only=True)
class Gap(Fault):
    """No candle from hour `first` to hour `last` (both open times included; `last` left out: just one hour)."""

    kind: ClassVar[str] = "gap"
    first: Instant
    last: Instant | None = None
    path: str | None = KLINES

    def __post_init__(self) -> None:
        super().__post_init__()
        to_ms(self.first)
        to_ms(self.first if self.last is None else self.last)

    def view(self, view: View, now_ms: int) -> View:  # noqa: ARG002 - a gap is for good
        """The candles around the gap."""
        return view.without(to_ms(self.first), to_ms(self.first if self.last is None else self.last))


@dataclass(frozen=True, kw_only=True)
class Late(Gap):
    """Candles that are not there yet: they appear when the fault is cleared, or when the clock reaches `until`."""

    kind: ClassVar[str] = "late"
    until: Instant | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.until is not None:
            to_ms(self.until)

    def view(self, view: View, now_ms: int) -> View:
        """The candles that are there by now."""
        if self.until is not None and now_ms >= to_ms(self.until):
            return view
        return super().view(view, now_ms)


@dataclass(frozen=True, kw_only=True)
class Revised(Fault):
    """Other values in the candle that opens at `open_time`: `values={"close": "100.00000000"}`."""

    kind: ClassVar[str] = "revised"
    open_time: Instant
    values: Mapping[str, object]
    path: str | None = KLINES

    def __post_init__(self) -> None:
        super().__post_init__()
        to_ms(self.open_time)
        unknown = set(self.values) - set(FIELDS)
        if unknown:
            raise ValueError(f"values must be named {', '.join(FIELDS)}; not {', '.join(sorted(unknown))}")

    def view(self, view: View, now_ms: int) -> View:  # noqa: ARG002 - a revision is for good
        """The candles with the revised one; longer candles are added up from it."""
        return view.revised(to_ms(self.open_time), self.values)


@dataclass(frozen=True, kw_only=True)
class ClockSkew(Fault):
    """The exchange's clock is ahead by `ms` (negative: behind) in all that the request sees."""

    kind: ClassVar[str] = "clock_skew"
    ms: int

    def skew_ms(self) -> int:
        """As ordered."""
        return self.ms
