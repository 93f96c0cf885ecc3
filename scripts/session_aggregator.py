"""The daily job: bring sessions and statistics up to date with the candles. ``--help`` says more."""

import sys

from volatility.cli import main

if __name__ == "__main__":
    sys.exit(main(["aggregate", *sys.argv[1:]]))
