"""What changed in inboxes, read for all who ask in the same moment.

News reach many open tabs at once, and each asks what it does not know yet. A reading of its own
for each cost most of what showing it did.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from inbox_app.domain.changes import MOST_CHANGES, Changes, Since
from inbox_app.domain.errors import Unavailable
from inbox_app.domain.notification import InboxItem
from inbox_app.lib.clock import Clock
from inbox_app.storage import changes, waiting
from inbox_app.storage.engine import Database, Transaction

MOST_TOGETHER = 1_000
"""Items read for a group; when there are more, somebody has many, and each is read for alone."""
Answer = Changes | Exception

log = logging.getLogger(__name__)


class ChangeReader:
    """Tells groups of readers what changed; the ``work`` of a `Gatherer`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, asked: Sequence[Since]) -> Sequence[Answer]:
        """One answer per reader, in order, all of one moment.

        When the group as a whole cannot be read, each is read for alone, so that one inbox that
        cannot be read does not keep the news from the others.
        """
        try:
            found = await self._found(set(asked))
        except Unavailable:
            raise
        except Exception:
            log.debug("News for %d readers are read one by one.", len(asked), exc_info=True)
            alone = {each: await self._alone(each) for each in set(asked)}
            return [alone[each] for each in asked]
        return [found[each] for each in asked]

    async def _found(self, asked: set[Since]) -> dict[Since, Changes]:
        async with self._database.read() as tx:
            return await _read(tx, asked, self._clock.now())

    async def _alone(self, asked: Since) -> Answer:
        try:
            return (await self._found({asked}))[asked]
        except Unavailable:
            raise
        except Exception as error:
            return error


async def _read(tx: Transaction, asked: set[Since], now: datetime) -> dict[Since, Changes]:
    states = await changes.states(tx, {each.user_id for each in asked})
    behind = [each for each in asked if each.change < states[each.user_id].change]
    items: dict[Since, list[InboxItem] | None] = {each: [] for each in asked}
    # A number from the future is of another database, such as one restored from a backup.
    items |= {each: None for each in asked if each.change > states[each.user_id].change}
    items |= await _items(tx, behind)
    shown = {item.tracking_id for some in items.values() for item in some or ()}
    held = await waiting.held(tx, shown, now) if shown else {}
    return {each: Changes(states[each.user_id], items[each], held) for each in asked}


async def _items(tx: Transaction, behind: Sequence[Since]) -> dict[Since, list[InboxItem] | None]:
    """What changed for each reader, newest first; None: too much to tell."""
    limit = 1 + (MOST_CHANGES if len(behind) == 1 else MOST_TOGETHER)
    # Of two readers of one inbox the later one is told a part of what the other is.
    known = {each.user_id: each.change for each in sorted(behind, reverse=True)}
    found = await changes.items(tx, known, limit)
    if len(found) == limit and len(behind) > 1:
        alone = [await _items(tx, [each]) for each in behind]
        return {each: items for one in alone for each, items in one.items()}
    theirs: dict[int, list[InboxItem]] = {}
    for item in sorted(found, key=lambda item: (item.at, item.tracking_id), reverse=True):
        theirs.setdefault(item.user_id, []).append(item)
    told = {
        each: [i for i in theirs.get(each.user_id, ()) if i.change > each.change] for each in behind
    }
    return {each: None if len(items) > MOST_CHANGES else items for each, items in told.items()}
