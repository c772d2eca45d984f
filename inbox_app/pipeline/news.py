"""Telling the open pages of people that something of theirs has changed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from inbox_app.domain.item_state import Counters
from inbox_app.runtime import Runtime
from inbox_app.storage import inbox, users

ONE_STEP = (1, Counters())
"""How far a change moves its person on that is none of the inbox itself."""

log = logging.getLogger(__name__)


async def tell(rt: Runtime, reached: Mapping[int, int]) -> None:
    """Lets open pages look again, by the change numbers that people are at now."""
    try:
        await rt.hub.publish(reached)
    except Exception:
        # It is stored; open pages look for themselves before long.
        log.exception("Readers of %d inboxes could not be told.", len(reached))


async def move_on(rt: Runtime, people: Collection[int]) -> None:
    """Lets the open pages of people (internal keys) look again, whatever has changed."""
    if not people:
        return
    async with rt.database.write() as tx:
        there = [each for each in sorted(people) if await users.keep(tx, each)]
        reached = await inbox.advance(tx, dict.fromkeys(there, ONE_STEP))
    await tell(rt, reached)
