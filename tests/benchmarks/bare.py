"""The same calls as workers make, from a bare loop: what delivering costs at least.

``python -m tests.benchmarks.bare URL MANY AT_ONCE`` makes them and prints the seconds they took.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from inbox_app.cli.frontend import ROOT
from inbox_app.lib.http import Http


def rate(url: str, many: int, at_once: int) -> float:
    """Calls per second of one process."""
    command = [sys.executable, "-m", "tests.benchmarks.bare", url, str(many), str(at_once)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return many / float(done.stdout)


async def _call(url: str, many: int, at_once: int) -> float:
    http, left = Http(allow=["127.0.0.1"]), iter(range(many))

    async def caller() -> None:
        for number in left:
            fields = {"to": "+34600000001", "text": f"Order {number} has shipped"}
            answer = await http.request("POST", url, headers={}, json=fields, timeout=30)
            assert answer.status == 200

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    seconds = time.perf_counter() - started
    await http.close()
    return seconds


if __name__ == "__main__":
    print(asyncio.run(_call(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201
