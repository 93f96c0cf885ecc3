"""The exchange and the commands of `tests/cli`."""

from tests.cli.conftest import call, database, exchange, markets, own_logging, server, settings

__all__ = ["call", "database", "exchange", "markets", "own_logging", "server", "settings"]
