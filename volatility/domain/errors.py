"""Everything that is expected to go wrong, as one tree.

Error                     something expected went wrong; the message is one plain line for a person
├── SettingError          a setting or an argument breaks its rule (a wrong call: exit code 2)
├── ExchangeError         the exchange did not give what was asked for
│   ├── ExchangeUnreachable   no base URL answered usefully in time
│   ├── ExchangeBlocked       every base URL refuses this address (403, 451)
│   ├── ExchangeBanned        418: this address is banned until an instant
│   ├── ExchangeRefused       the exchange named an error of ours, such as an unknown symbol
│   ├── OtherMarket           a base URL serves other candles than those that are stored
│   ├── BadPage               the answer breaks a rule that every page of candles must keep
│   └── NetworkSettingError   a proxy's or a certificate's setting breaks its rule; a SettingError too
├── DataIncomplete        candles or sessions that a result needs are not there
│   └── OtherDefinition       sessions are there, but computed by other settings
└── StorageError          the database did not do what was asked
    ├── DatabaseAway          it can't be reached, or did not come back in time
    └── SchemaMismatch        its schema is not the one this program knows
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from volatility.domain.redaction import gives_away

_LONGEST_SHOWN: Final = 200


class Error(Exception):
    """Something expected went wrong; ``str(error)`` is one line for a person.

    Attributes:
        kind: the same for programs, as the API's problem documents name it.
    """

    exit_code = 1
    kind: ClassVar[str] = "internal_error"


class Stopped(Exception):
    """Somebody ends the process in the middle of something: no failure, and no ``Error``."""


class SettingError(Error):
    """A setting or argument breaks its rule.

    Args:
        name: the setting's or argument's name.
        rule: what it has to be, as in "must be a whole number from 1 to 65535".
        value: what it was, or None where it must not be shown or is missing. A value that may hold a secret is never
            shown, such as one that swallowed the next line of ``.env``.
    """

    exit_code = 2
    kind = "wrong_setting"

    def __init__(self, name: str, rule: str, value: str | None = None) -> None:
        self.name, self.rule, self.value = name, rule, value if value is not None and _may_be_shown(value) else None
        super().__init__(f"{name} {rule}" + (f", got {self.value!r}" if self.value is not None else ""))


def _may_be_shown(value: str) -> bool:
    one_line = len(value) <= _LONGEST_SHOWN and len(value.splitlines()) <= 1
    return one_line and "@" not in value and not gives_away(value)


class ExchangeError(Error):
    """The exchange did not give what was asked for."""


class ExchangeUnreachable(ExchangeError):
    """No base URL answered usefully within the limits of time and tries."""


class ExchangeBlocked(ExchangeError):
    """Every base URL refuses this address, by region (451) or firewall (403)."""


class ExchangeBanned(ExchangeError):
    """The exchange banned this address (418) until ``until_ms`` by its own clock, for another ``seconds``."""

    def __init__(self, message: str, until_ms: int, seconds: float = 0.0) -> None:
        self.until_ms, self.seconds = until_ms, seconds
        super().__init__(message)


class ExchangeRefused(ExchangeError):
    """The exchange named an error in the request; ``code`` is its own, -1121 for an unknown symbol."""

    def __init__(self, message: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(message)


class OtherMarket(ExchangeError):
    """A base URL serves another market than the one whose candles are stored; nothing of it may be used."""


class BadPage(ExchangeError):
    """A page of candles breaks a rule; nothing of it may be used."""


class NetworkSettingError(SettingError, ExchangeError):
    """A setting of a proxy or of certificates breaks its rule; what needs no exchange goes on."""


class DataIncomplete(Error):
    """Data that a result needs are not there.

    Args:
        message: one plain line.
        missing: which data have to come first.
    """

    kind = "no_data"

    def __init__(self, message: str, missing: Literal["candles", "sessions"] = "candles") -> None:
        self.missing = missing
        super().__init__(message)


class OtherDefinition(DataIncomplete):
    """What is stored was computed by other settings than the present ones."""

    kind = "other_definition"


class StorageError(Error):
    """The database did not do what was asked."""

    kind = "database_failed"


class DatabaseAway(StorageError):
    """The database can't be reached, or did not come back within the time limit."""

    kind = "database_away"


class SchemaMismatch(StorageError):
    """The database's schema is not the one that this program knows."""

    kind = "other_schema"
