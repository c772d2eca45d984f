"""Fair share: whose turn it is among environments that all have work."""

from __future__ import annotations

from collections.abc import Mapping


class FairShare:
    """Smooth weighted round robin, as nginx balances: turns by weight, and spread evenly.

    Each pick gives every environment its weight as credit; the one with the most has its turn and
    pays what all were given.
    """

    def __init__(self) -> None:
        self._credit: dict[int, int] = {}

    def pick(self, ready: Mapping[int, int]) -> int:
        """Whose turn it is.

        Args:
            ready: Weight, at least 1, of each environment that has work. One that is missing is
                forgotten, and starts anew without credit or debt.

        Raises:
            ValueError: none is ready.
        """
        if not ready:
            raise ValueError("no environment is ready")
        self._credit = {id_: self._credit.get(id_, 0) + weight for id_, weight in ready.items()}
        turn = max(self._credit, key=lambda id_: (self._credit[id_], -id_))
        self._credit[turn] -= sum(ready.values())
        return turn
