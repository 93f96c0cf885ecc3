"""The faults that were ordered, and which of them a request meets."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exchange_simulator.faults import Fault


@dataclass
class _Order:
    number: int
    fault: Fault
    to_pass: int
    left: int | None


class FaultPlan:
    """Ordered faults; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[_Order] = []
        self._ordered = 0

    def order(self, fault: Fault) -> int:
        """Let a fault happen from now on; the number clears it."""
        with self._lock:
            self._ordered += 1
            self._orders.append(_Order(self._ordered, fault, fault.after, fault.times))
            return self._ordered

    def clear(self, number: int | None = None) -> int:
        """End one fault, or all; the answer is how many were ended."""
        with self._lock:
            kept = [] if number is None else [order for order in self._orders if order.number != number]
            ended = len(self._orders) - len(kept)
            self._orders = kept
            return ended

    def take(self, path: str, params: Mapping[str, str]) -> list[Fault]:
        """The faults that a request meets: every one that only adds, and the first one that spoils the answer."""
        with self._lock:
            met: list[Fault] = []
            for order in self._orders:
                if not order.fault.matches(path, params) or (
                    order.fault.replaces and any(fault.replaces for fault in met)
                ):
                    continue
                if order.to_pass:
                    order.to_pass -= 1
                    continue
                met.append(order.fault)
                if order.left is not None:
                    order.left -= 1
            self._orders = [order for order in self._orders if order.left != 0]
            return met

    def describe(self) -> list[dict[str, Any]]:
        """What is still to happen, as JSON; `times` and `after` say what is left of them."""
        with self._lock:
            return [
                {"id": order.number} | replace(order.fault, times=order.left, after=order.to_pass).describe()
                for order in self._orders
            ]
