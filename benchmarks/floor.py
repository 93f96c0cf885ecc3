"""The least that any hourly run costs: import the same libraries, connect, make one request."""

import os

import pymysql  # noqa: F401 - the job's driver, on SQLite too
import requests
import sqlalchemy as sa

URL = os.environ["DATABASE_URL"]

if __name__ == "__main__":
    plain = {} if URL.startswith("sqlite") else {"ssl_disabled": True}  # as the job: no TLS context for nothing
    engine = sa.create_engine(URL, connect_args=plain)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    with requests.Session() as session:
        session.get(os.environ["BINANCE_URLS"] + "/api/v3/time", timeout=10).raise_for_status()
    engine.dispose()
