"""Run one command and write what it cost, as JSON: ``python -I -S measure.py RESULT COMMAND [ARGUMENT…]``.

A process of its own, because Linux counts the memory of the process that starts another one as that one's peak: this
one imports next to nothing, so what it starts shows its own.
"""

import json
import os
import signal
import sys
import time

ENDED_BY = (signal.SIGINT, signal.SIGTERM)


def main(result: str, command: list[str]) -> None:
    """Start the command, wait for it, and write its seconds, processor seconds, peak memory and exit code."""
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    for number in ENDED_BY:  # whoever ends this process ends the command
        signal.signal(number, lambda number, _: os.kill(pid, number))
    _, status, usage = os.wait4(pid, 0)
    cost = {
        "seconds": time.perf_counter() - began,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,  # Linux counts it in kB
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs memory here
        json.dump(cost, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
