"""The hourly job: fetch and store every closed hour that is missing. ``--help`` says more."""

import sys

from volatility.cli import main

if __name__ == "__main__":
    sys.exit(main(["backfill", *sys.argv[1:]]))
