"""How often the log may repeat what anybody can provoke."""

from __future__ import annotations

import time


class OncePerSecond:
    """Lets one through per second."""

    def __init__(self) -> None:
        self._next = 0.0

    def due(self) -> bool:
        """Whether the last one let through is a second ago; counts this one if so."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 1
        return True
