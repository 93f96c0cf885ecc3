"""What the exchange answers, and how the bytes get to the client."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from exchange_simulator.market import render

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


class Delivery(Enum):
    """How an answer is sent; every one but the first breaks something."""

    WHOLE = "whole"
    CUT_OFF = "cut off"
    RESET = "reset"
    HANG = "hang"
    DRIP = "drip"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer.

    Attributes:
        status: the HTTP status.
        body: the whole body, also of an answer that is not sent whole.
        content_type: of the body.
        headers: further headers.
        delay_s: how long to wait before anything is sent.
        delivery: how to send it.
        share: for a cut-off answer, how much of the body is sent, 0 to 1.
        pause_s: for a drip, seconds between one byte and the next.
    """

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0
    delivery: Delivery = Delivery.WHOLE
    share: float = 0.5
    pause_s: float = 0.1


def json_answer(value: Any, status: int = 200) -> Answer:
    """An answer that holds a JSON value."""
    return Answer(status, render(value))


class ApiError(Exception):
    """A request that Binance refuses.

    https://developers.binance.com/docs/binance-spot-api-docs/errors
    """

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self._code, self._message, self._status = code, message, status

    def answer(self) -> Answer:
        """`{"code":-1121,"msg":"Invalid symbol."}` and its status."""
        return json_answer({"code": self._code, "msg": self._message}, self._status)
