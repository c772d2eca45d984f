"""Storing what was planned: numbers for new inbox items, and items that grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from inbox_app.domain.item_state import Counters, ItemState
from inbox_app.domain.notification import Planned
from inbox_app.pipeline.planning import Merged
from inbox_app.storage import inbox
from inbox_app.storage.engine import Transaction

NEW_ITEM = Counters.of(ItemState())


async def number(
    tx: Transaction,
    planned: Sequence[Planned],
    merged: Sequence[Merged],
    known: Mapping[int, int] | None = None,
) -> tuple[dict[int, int], list[tuple[Planned, int]]]:
    """Moves the people's change numbers on.

    Args:
        known: What they are (`inbox.advance`).

    Returns:
        The new change number of each user, and the new items with the number of each.
    """
    with_item = [each for each in planned if each.item is not None]
    new = Counter(each.user_id for each in with_item)
    steps = {user: (by, _new_items(by)) for user, by in new.items()}
    if merged:
        _add_grown(steps, {each.send.tracking_id for each in with_item}, merged)
    changes = await inbox.advance(tx, steps, known)
    return changes, _numbered(with_item, new, changes)


@lru_cache
def _new_items(many: int) -> Counters:
    """What so many new items add; most sends add one."""
    return NEW_ITEM * many


def _add_grown(
    steps: dict[int, tuple[int, Counters]], made: Collection[str], merged: Iterable[Merged]
) -> None:
    """Adds what items that were there before do to the numbers: one step for each."""
    known = [each for each in merged if each.batch.tracking_id not in made]
    # The first that an item takes in finds it as the person left it, and the others make no change.
    first = {each.batch.tracking_id: each for each in reversed(known)}
    for each in first.values():
        by, counters = steps.get(each.batch.user_id, (0, Counters()))
        again = Counters.of(each.batch.state) - Counters.of(each.before)
        steps[each.batch.user_id] = (by + 1, counters + again)


async def grow(tx: Transaction, merged: Iterable[Merged], changes: Mapping[int, int]) -> None:
    """Stores the items that grew, after the new ones: they may be among those."""
    # Of one item that took in several the last says it all.
    for each in {each.batch.tracking_id: each for each in merged}.values():
        await inbox.merge(tx, each.batch, each.content, changes[each.batch.user_id])


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
