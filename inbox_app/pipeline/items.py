"""Storing what was planned: numbers for new inbox items, and items that grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from inbox_app.domain.item_state import Counters, ItemState
from inbox_app.domain.notification import Planned
from inbox_app.pipeline.planning import Merged
from inbox_app.storage import inbox
from inbox_app.storage.engine import Transaction

NEW_ITEM = Counters.of(ItemState())
SEEN_AGAIN = Counters(unseen=1)
"""What an item that was seen adds when it is new again."""


async def number(
    tx: Transaction, planned: Sequence[Planned], merged: Iterable[Merged]
) -> tuple[dict[int, int], list[tuple[Planned, int]]]:
    """Moves the people's change numbers on and stores the items that grew.

    Returns:
        The new change number of each user, and the new items with the number of each.
    """
    with_item = [each for each in planned if each.item is not None]
    new = Counter(each.user_id for each in with_item)
    # Of one item that took in several the last says it all.
    grown = {each.batch.tracking_id: each for each in merged}
    steps = {user: (by, NEW_ITEM * by) for user, by in new.items()}
    for each in grown.values():
        if each.batch.tracking_id in {one.send.tracking_id for one in with_item}:
            continue
        by, counters = steps.get(each.batch.user_id, (0, Counters()))
        more = SEEN_AGAIN if each.was_seen else Counters()
        steps[each.batch.user_id] = (by + 1, counters + more)
    changes = await inbox.advance(tx, steps)
    for each in grown.values():
        await inbox.merge(tx, each.batch, each.content, changes[each.batch.user_id])
    return changes, _numbered(with_item, new, changes)


def _numbered(
    planned: Sequence[Planned], new: Mapping[int, int], changes: Mapping[int, int]
) -> list[tuple[Planned, int]]:
    """Gives each new item the next change number of its user, ending at the one just reached."""
    upcoming = {user_id: changes[user_id] - by + 1 for user_id, by in new.items()}
    numbered: list[tuple[Planned, int]] = []
    for each in planned:
        numbered.append((each, upcoming[each.user_id]))
        upcoming[each.user_id] += 1
    return numbered
