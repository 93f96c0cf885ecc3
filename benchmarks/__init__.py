"""What the program costs, measured: ``python -m benchmarks``, or one of them: ``python -m benchmarks backfill``.

Every job is a fresh process, run as users run it, against the simulated exchange with 50 ms latency, on SQLite and on
MariaDB. Hourly runs stand beside a bare process (``floor.py``), the API beside a bare endpoint (``bare_api.py``),
both measured in the same run: their ratio holds on other machines too.
"""
