"""Circuit breaker: a provider that keeps failing is left alone for a while."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta


class Breaker:
    """Closed while calls succeed; open after failures in a row; then lets single probes through.

    Kept in memory, one per provider account, and told the time with every call.

    Args:
        threshold: Failures in a row that open it.
        open_for: How long it is open the first time; each probe that fails doubles it. A probe
            that has not been reported for this long counts as lost, so it should be longer than a
            call can take.
        longest: Longest it is open.
    """

    def __init__(
        self,
        threshold: int = 5,
        open_for: timedelta = timedelta(seconds=30),
        longest: timedelta = timedelta(minutes=10),
    ) -> None:
        self._threshold = threshold
        self._first = open_for
        self._longest = longest
        self._failures = 0
        self._open_for = open_for
        self._until: datetime | None = None
        self._probe: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """Whether a call may be made now; when half open, a yes is the one probe.

        Who gets a yes reports with `succeeded` or `failed`.
        """
        if self.opens_at(now) is not None:
            return False
        if self._until is not None:
            self._probe = now
        return True

    def opens_at(self, now: datetime) -> datetime | None:
        """When a next call may be made; None when it may now. Takes no probe."""
        if self._until is None:
            return None
        free = self._until if self._probe is None else self._probe + self._first
        return free if now < free else None

    def succeeded(self, now: datetime) -> None:
        """A call came through: closed again. Whenever it was made, the provider works now."""
        self._failures = 0
        self._open_for = self._first
        self._until = self._probe = None

    def failed(self, now: datetime) -> None:
        """A call failed. While open, those that were under way before do not count."""
        if self._until is None:
            self._failures += 1
            if self._failures >= self._threshold:
                self._open(now)
        elif self._probe is not None:
            self._open_for = min(self._open_for * 2, self._longest)
            self._open(now)

    def _open(self, now: datetime) -> None:
        self._until = now + self._open_for
        self._probe = None


class Breakers:
    """The breakers of a process: one for each place behind an integration that may fail by itself.

    Anybody can have an address lead to a place of their own: it opens no breaker but its own, and
    the places that were not used for the longest are forgotten.

    Args:
        most: Most places kept.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[int, str], Breaker] = OrderedDict()

    def at(self, integration_id: int, place: str = "") -> Breaker:
        """The breaker of a place; "" is the whole service."""
        breaker = self._kept.setdefault((integration_id, place), Breaker())
        self._kept.move_to_end((integration_id, place))
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return breaker

    def forget(self, integration_id: int) -> None:
        """Gives all places behind an integration a new chance."""
        for key in [key for key in self._kept if key[0] == integration_id]:
            del self._kept[key]
