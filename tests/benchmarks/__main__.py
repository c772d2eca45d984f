"""``python -m tests.benchmarks [NAME...]``: measures and prints; see ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import (
    accept,
    adapters,
    clients,
    deliver,
    depth,
    drain,
    idle,
    page,
    search,
    visible,
    wait,
)
from tests.benchmarks.table import Figure

BENCHMARKS: dict[str, Callable[[argparse.Namespace], Iterator[Figure]]] = {
    "accept": lambda options: accept.measure(options.rounds),
    "visible": lambda _options: visible.measure(),
    "page": lambda _options: page.measure(),
    "clients": lambda _options: clients.measure(),
    "depth": lambda options: depth.measure(options.items),
    "deliver": lambda options: deliver.measure(options.turns),
    "wait": lambda _options: wait.measure(),
    "idle": lambda _options: idle.measure(),
    "search": lambda options: search.measure(options.found),
    "drain": lambda options: drain.measure(options.sends),
    "adapters": lambda _options: adapters.measure(),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *BENCHMARKS], help="all when none is named"
    )
    parser.add_argument("--rounds", type=int, default=accept.ROUNDS, help="of accept")
    parser.add_argument("--items", type=int, default=depth.LARGE, help="of depth")
    parser.add_argument("--turns", type=int, default=deliver.ROUNDS, help="of deliver")
    parser.add_argument("--found", type=int, default=search.ITEMS_OF_ONE, help="of search: items")
    parser.add_argument("--sends", type=int, default=drain.SENDS, help="of drain")
    parser.add_argument("--strict", action="store_true", help="fail when a budget is missed")
    options = parser.parse_args()
    kept = True
    for name in options.names or BENCHMARKS:
        for figure in BENCHMARKS[name](options):
            print(figure.line(), flush=True)  # noqa: T201 - what this program is for
            kept = kept and figure.ok
    return 0 if kept or not options.strict else 1


if __name__ == "__main__":
    sys.exit(main())
