"""Secrets that trip parsers, and every place where a user may put one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

# Each holds pieces of letters that no message holds by chance, between what URLs, shells, .env and logins trip over.
PASSWORDS: Final = {
    "plain": "Zq7XwGeheim",
    "Cyrillic": "Пароль-Жщ24",
    "Latin-1": "wörßd-Zq9X",
    "at": "geheimZq@NebenanXw24",
    "colon and slash": "geheimZq:NebenanXw/DruebenYk",
    "hash and question mark": "geheimZq#NebenanXw?DruebenYk",
    "bracket": "geheimZq[NebenanXw]DruebenYk",
    "percent": "geheimZq%NebenanXw%zzDruebenYk%41",
    "blanks": " geheimZq NebenanXw  ",
    "byte-order mark": "\ufeffgeheimZqNebenanXw",
    "dollar and quotes": 'geheimZq$NebenanXw"DruebenYk',
    "emoji": "geheimZq🔑NebenanXw",
}
_PIECE: Final = re.compile(r"[^\W_]{5,}")


def forms(secret: str) -> set[str]:
    """What must not be found anywhere: the secret, its pieces, and both as libraries spell them."""
    whole = {secret.strip("\ufeff "), *_PIECE.findall(secret)}
    spelt = set()
    for one in whole:
        data = one.encode()
        spelt |= {one, one.lower(), quote(one, safe=""), ascii(one)[1:-1], json.dumps(one)[1:-1], repr(data)[2:-1]}
        spelt |= {data.decode("latin-1"), base64.b64encode(data).decode()}
    return spelt


@dataclass(frozen=True)
class Put:
    """Settings with a secret in them, and the files that they need."""

    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


FIVE: Final = {"DB_USER": "kir", "DB_NAME": "field_a", "DB_HOST": "127.0.0.1", "DB_PORT": "{port}"}


def _five(**more: str) -> dict[str, str]:
    return FIVE | more


def _url(login: str) -> Put:
    return Put({"DATABASE_URL": f"mysql+pymysql://{login}@127.0.0.1:{{port}}/field_a"})


def _proxy(name: str, scheme: str, login: str) -> Put:
    exchange = "https://exchange.test" if name.upper() != "HTTP_PROXY" else "http://exchange.test"
    return Put({name: f"{scheme}://{login}@127.0.0.1:{{proxy}}", "BINANCE_URLS": exchange})


def _netrc(secret: str) -> Put:
    return Put({"NETRC": "{folder}/netrc"}, {"netrc": f"default login corp.user password {secret}\n".encode()})


PLACES: Final[dict[str, Callable[[str], Put]]] = {
    "DB_PASSWORD": lambda s: Put(_five(DB_PASSWORD=s)),
    "DB_PASSWORD in .env": lambda s: Put(_five(), {".env": f"DB_PASSWORD='{s}'\n".encode()}),
    "DB_PASSWORD in .env, its quote not closed": lambda s: Put(
        {}, {".env": f'SYMBOLS="ETHUSDT\nDB_PASSWORD={s}\n'.encode()}
    ),
    "DB_PASSWORD in .env, a line that can't be read": lambda s: Put({}, {".env": f"DB HOST {s}\n".encode()}),
    "DB_PASSWORD_FILE": lambda s: Put(_five(DB_PASSWORD_FILE="{folder}/password"), {"password": f"{s}\r\n".encode()}),
    "DATABASE_URL": lambda s: _url(f"kir:{quote(s, safe='')}"),
    "DATABASE_URL, not encoded": lambda s: _url(f"kir:{s}"),
    "DATABASE_URL, in place of the user": _url,
    "DATABASE_URL, an option": lambda s: Put(
        {"DATABASE_URL": f"mysql+pymysql://kir@127.0.0.1:{{port}}/field_a?password={quote(s, safe='')}"}
    ),
    "DATABASE_URL, its scheme forgotten": lambda s: Put({"DATABASE_URL": f"kir:{s}@127.0.0.1:{{port}}/field_a"}),
    "DB_HOST, a whole URL": lambda s: Put(_five(DB_HOST=f"mysql://kir:{s}@127.0.0.1")),
    "DB_PORT, with more behind it": lambda s: Put(_five(DB_PORT=f"3306/field_a?password={s}", DB_PASSWORD=s)),
    "HTTP_PROXY": lambda s: _proxy("HTTP_PROXY", "http", f"ivan:{quote(s, safe='')}"),
    "https_proxy": lambda s: _proxy("https_proxy", "http", f"ivan:{quote(s, safe='')}"),
    "HTTPS_PROXY, not encoded": lambda s: _proxy("HTTPS_PROXY", "http", f"ivan:{s}"),
    "ALL_PROXY, not encoded": lambda s: _proxy("ALL_PROXY", "http", f"ivan:{s}"),
    "ALL_PROXY, socks": lambda s: _proxy("ALL_PROXY", "socks5h", f"ivan:{quote(s, safe='')}"),
    "BINANCE_URLS": lambda s: Put({"BINANCE_URLS": f"http://ivan:{s}@127.0.0.1:{{proxy}}"}),
    ".netrc": _netrc,
}


def fill(put: Put, folder: Path, **values: object) -> dict[str, str]:
    """Write the files and return the settings, both with the ports and the folder of this test in place."""
    for name, content in put.files.items():
        (folder / name).write_bytes(content)
    filled = {}
    for name, value in put.settings.items():
        filled[name] = value
        for key, text in (values | {"folder": folder}).items():
            filled[name] = filled[name].replace(f"{{{key}}}", str(text))
    return filled
