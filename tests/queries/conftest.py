"""The databases with forecasts of `tests/jobs/forecast`."""

from tests.jobs.forecast.conftest import database, exchange, filled, make, on_file

__all__ = ["database", "exchange", "filled", "make", "on_file"]
