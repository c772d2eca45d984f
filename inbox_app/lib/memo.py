"""A small memory of answers that may be a few seconds old."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """Remembers values for a while; forgets the least recently used when full.

    Args:
        life: How old a value may be.
        size: Most values kept.
    """

    def __init__(self, life: timedelta, size: int = 10_000) -> None:
        self._life = life
        self._size = size
        self._kept: OrderedDict[Key, tuple[datetime, Value]] = OrderedDict()

    def get(self, key: Key, now: datetime) -> Value | None:
        kept = self._kept.get(key)
        if kept is None or now - kept[0] > self._life:
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def put(self, key: Key, value: Value, now: datetime) -> None:
        self._kept[key] = (now, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def forget(self, key: Key) -> None:
        self._kept.pop(key, None)

    def forget_where(self, matches: Callable[[Value], bool]) -> None:
        """Forgets every value that ``matches``."""
        for key in [key for key, (_, value) in self._kept.items() if matches(value)]:
            del self._kept[key]
