"""The ban that is remembered: shown, or lifted by somebody who knows better."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from volatility.cli.arguments import Commands, add
from volatility.domain.hours import iso
from volatility.settings import Settings

if TYPE_CHECKING:
    from volatility.exchange.bans import Ban


def add_bans(commands: Commands) -> None:
    """The command itself."""
    command = add(commands, "bans", _bans, "show the exchange's ban that is remembered, or forget it")
    command.add_argument(
        "--lift", action="store_true", help="forget it: the exchange is asked again, and lengthens a ban that stands"
    )
    command.add_argument("--json", action="store_true", help="one JSON line")


def _bans(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.bootstrap import open_database  # noqa: PLC0415 - likewise
    from volatility.storage import (  # noqa: PLC0415 - every command has its own module imported when it is called
        ban_book as case,
    )

    database = open_database(settings)
    try:
        ban = case.standing_ban(database)
        if ban and arguments.lift:
            case.lift(database)
    finally:
        database.close()
    lifted = bool(ban and arguments.lift)
    sys.stdout.write((json.dumps(_fields(ban, lifted=lifted)) if arguments.json else _words(ban, lifted=lifted)) + "\n")
    return 0


def _fields(ban: Ban | None, *, lifted: bool) -> dict[str, Any]:
    return {
        "exchange": "binance",
        "banned": ban is not None and not lifted,
        "until": iso(ban.until_ms) if ban else None,
        "seconds_left": round(ban.seconds) if ban else 0,
        "lifted": lifted,
    }


def _words(ban: Ban | None, *, lifted: bool) -> str:
    if ban is None:
        return "no ban is remembered"
    until = f"until {iso(ban.until_ms)} by the exchange's clock, for another {ban.seconds:.0f} s"
    if lifted:
        return f"forgotten: a ban {until}; running processes ask again within half a minute"
    return f"the exchange has banned this address {until}; nothing is asked before, unless --lift forgets it"
