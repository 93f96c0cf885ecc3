"""How this machine reaches the exchange: proxies and certificates, by the names that other programs read too.

The names and their order are those of ``requests`` and curl, so that what works for them works here. What is set is
read at the start but checked only when it is used: many of these names are set by others (a VPN client, a desktop),
and a wrong one is no trouble of a command that asks nobody. A login is a secret: it never becomes part of a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from volatility.domain.errors import NetworkSettingError
from volatility.domain.redaction import keep_login_of

PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
NAMES: Final = (*PROXIES, "NO_PROXY", *CERTIFICATES)
_PORTS: Final = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]")
_LOGIN: Final = re.compile(r"(?:[^\x00-\x20\x7f\"#%/:<>?@\[\\\]^`{|}]|%[0-9A-Fa-f]{2})*")
_WITH_PORT: Final = re.compile(r"(\[.*\]|[^:]*):(\d{1,5})")
_LONGEST_LOGIN: Final = 255  # bytes of a user name or password, as SOCKS counts them
Given = Mapping[str, str | None]


@dataclass(frozen=True)
class Proxy:
    """One proxy, and the setting that names it."""

    setting: str
    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Where it is, without the login."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS rather than HTTP."""
        return self.scheme.startswith("socks")

    def __str__(self) -> str:
        return f"the proxy {self.host}:{self.port} of {self.setting}"


@dataclass(frozen=True)
class Network:
    """Proxies by the scheme that they serve ("https", "http", "all"), hosts that need none, and who is trusted.

    Args:
        proxies: by scheme, the setting's name and its value, not checked yet.
        no_proxy: hosts that are asked directly.
        certificates: the setting's name and the file or folder of certificates, None for the public ones.
    """

    proxies: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    no_proxy: tuple[str, ...] = ()
    certificates: tuple[str, str] | None = None

    @classmethod
    def of(cls, given: Given) -> Self:
        """From names and values; ``HTTPS_PROXY_FILE`` and the like name a file that holds the value.

        As with other programs a name in small letters comes first, also where it is empty.
        """
        proxies = {name.lower().removesuffix("_proxy"): _proxy_setting(given, name) for name in PROXIES}
        for _, value in proxies.values():
            keep_login_of(value)
        trusted = ((name, (given.get(name) or "").strip()) for name in CERTIFICATES)
        return cls(
            {scheme: known for scheme, known in proxies.items() if known[1]},
            tuple(host for host in re.split(r"[\s,]+", _value(given, "NO_PROXY")[1].lower()) if host),
            next((known for known in trusted if known[1]), None),
        )

    def proxy_for(self, url: str) -> Proxy | None:
        """The proxy that a URL is asked through, None for none.

        Raises:
            NetworkSettingError: where the setting can't be read.
        """
        parts = urlsplit(url)
        known = self.proxies.get(parts.scheme) or self.proxies.get("all")
        if known is None or _is_left_out(parts.hostname or "", parts.port or _PORTS[parts.scheme], self.no_proxy):
            return None
        return parse_proxy(*known)


DIRECT: Final = Network()


def where_unset(from_file: Given, environment: Given) -> dict[str, str | None]:
    """What a file of settings adds to the environment.

    A name that the environment has, in small letters or in capitals, stays out.
    """
    either = (*PROXIES, "NO_PROXY")
    hidden = {n for name in either if {name, name.lower()} & set(environment) for n in (name, name.lower())}
    return {name: value for name, value in from_file.items() if name not in hidden}


def parse_proxy(setting: str, value: str) -> Proxy:
    """A proxy from its URL; without a scheme it speaks HTTP.

    Raises:
        NetworkSettingError: for anything else, with the setting's name and without the value.
    """
    scheme, found, rest = value.partition("://")
    scheme, rest = (scheme.lower(), rest) if found else ("http", value)
    if scheme not in _PORTS:
        known = ", ".join(f"{name}://" for name in _PORTS)
        raise NetworkSettingError(setting, f"names a proxy of a kind that is not known: it must begin with {known}")
    login, _, place = rest.rpartition("@")
    user, _, password = login.partition(":")
    if not _LOGIN.fullmatch(user) or not _LOGIN.fullmatch(password):
        raise NetworkSettingError(
            setting,
            "holds a login that can't be read: in a user name or password @ is written as %40, : as %3A, / as %2F, "
            "# as %23, % as %25, [ as %5B and so on",
        )
    host, port = _place(setting, place, _PORTS[scheme])
    user, password = _decoded(setting, user), _decoded(setting, password)
    return Proxy(setting, scheme, host, port, user, password)


def _place(setting: str, place: str, default: int) -> tuple[str, int]:
    """Host and port."""
    host, found, port = place.removesuffix("/").rpartition(":")
    if not found or port.endswith("]"):
        host, port = place.removesuffix("/"), str(default)
    if not _HOST.fullmatch(host) or not (port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= 65535):
        raise NetworkSettingError(setting, "must be a proxy's URL as http://host:port or socks5h://host:port")
    return host, int(port)


def _decoded(setting: str, text: str) -> str:
    """A percent-decoded user name or password."""
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise NetworkSettingError(setting, "holds a login whose %.. is not UTF-8") from None
    if len(decoded.encode("utf-8", "replace")) > _LONGEST_LOGIN or not decoded.isprintable():
        raise NetworkSettingError(setting, f"holds a login that is longer than {_LONGEST_LOGIN} bytes or not printable")
    return decoded


def _value(given: Given, name: str) -> tuple[str, str]:
    """The name as it is set, and its value; small letters first."""
    small = name.lower()
    chosen = small if small in given and given[small] is not None else name
    return chosen, (given.get(chosen) or "").strip()


def _proxy_setting(given: Given, name: str) -> tuple[str, str]:
    """The same, or what a file holds that ``HTTPS_PROXY_FILE`` and the like name."""
    chosen, value = _value(given, name)
    file = (given.get(f"{name}_FILE") or "").strip()
    if value or not file:
        return chosen, value
    try:
        return name, Path(file).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise NetworkSettingError(f"{name}_FILE", f"can't be read ({reason})", file) from None


def _is_left_out(host: str, port: int, no_proxy: Iterable[str]) -> bool:
    """Whether a host is among those that are asked directly: itself, its domain, its network, or all."""
    return any(_covers(entry, host.lower().rstrip("."), port) for entry in no_proxy)


def _covers(entry: str, host: str, port: int) -> bool:
    if match := _WITH_PORT.fullmatch(entry):
        if int(match[2]) != port:
            return False
        entry = match[1]
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        domain = entry.lstrip("*").lstrip(".")
        return entry == "*" or (bool(domain) and (host == domain or host.endswith(f".{domain}")))
