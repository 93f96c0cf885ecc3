"""The databases with forecasts of `tests/jobs/year.py`."""

from tests.jobs.year import database, exchange, filled, make, on_file

__all__ = ["database", "exchange", "filled", "make", "on_file"]
