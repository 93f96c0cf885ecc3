"""Instants as the exchange counts them: milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

from datetime import UTC, datetime

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

Instant = int | str | datetime
"""Milliseconds since the epoch, ISO 8601 with an offset, or an aware datetime."""


def to_ms(instant: Instant) -> int:
    """Milliseconds since the epoch of an instant.

    Raises:
        ValueError: for anything else; an instant without an offset is no instant.
    """
    if isinstance(instant, int) and not isinstance(instant, bool):
        return instant
    when = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if not isinstance(when, datetime) or when.tzinfo is None:
        raise ValueError(f"not an instant: {instant}; send milliseconds, or ISO 8601 with an offset (Z, +03:00)")
    return round(when.timestamp() * 1000)


def to_iso(instant_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds, for people who read logs and state."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
