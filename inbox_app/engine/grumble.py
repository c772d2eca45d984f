"""Complaining about the same trouble once in a while."""

from __future__ import annotations

import logging
import time
from typing import Final

PERIOD: Final = 30.0
"""Seconds."""


class Grumble:
    """Logs a warning, and stays silent for half a minute afterwards."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._next = 0.0

    def __call__(self, text: str, error: BaseException) -> None:
        """Logs ``text``, whose one ``%s`` is ``error`` or what caused it."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PERIOD
        cause = error.__cause__ or error
        self._log.warning(text, str(cause) or type(cause).__name__)
