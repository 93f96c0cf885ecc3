"""How the connection to the server of the five settings is encrypted: ``DB_SSL`` and ``DB_SSL_CA``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from volatility.domain.errors import SettingError

PEM: Final = "-----BEGIN CERTIFICATE-----"
_OFF: Final = ("off", "disabled", "false", "no", "0")
_ON: Final = ("on", "required", "require", "true", "yes", "1")
_ISSUER: Final = ("verify-ca",)
_ALL: Final = ("verify", "verify-identity", "verify-full")


@dataclass(frozen=True)
class Tls:
    """What is asked of the connection.

    Args:
        wanted: whether it must be encrypted; it never is encrypted by chance.
        issuer: whether the certificate must be of an issuer that is trusted.
        host: whether it must be for the server's host name.
        ca: a file of trusted issuers in PEM, or its very text; empty for those that the system trusts.
    """

    wanted: bool = False
    issuer: bool = False
    host: bool = False
    ca: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self | None:
        """What the two settings ask for; None where ``DATABASE_URL`` says it all.

        Raises:
            SettingError: where they contradict each other, or ``DATABASE_URL``.
        """
        mode, ca = values["DB_SSL"].lower().replace("_", "-"), values["DB_SSL_CA"]
        if mode and mode not in _OFF + _ON + _ISSUER + _ALL:
            raise SettingError("DB_SSL", "must be off, on, verify-ca or verify", values["DB_SSL"])
        if values["DATABASE_URL"]:
            if (ca or (mode and mode not in _OFF)) and not values["DATABASE_URL"].startswith("sqlite"):
                name = "DB_SSL_CA" if ca else "DB_SSL"
                raise SettingError(name, "goes with DB_HOST: to DATABASE_URL append ?ssl_ca=/path/to/ca.pem instead")
            return None
        if ca and mode in _OFF:
            raise SettingError("DB_SSL", "must not be off where DB_SSL_CA is set")
        checked = bool(ca) or mode in _ISSUER + _ALL
        return cls(bool(ca) or mode not in ("", *_OFF), checked, checked and mode not in _ISSUER, ca)
