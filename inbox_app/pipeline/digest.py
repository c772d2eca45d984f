"""Digests: who rides in which, and what becomes of the riders when it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery
from inbox_app.domain.digest import Window
from inbox_app.domain.user import User
from inbox_app.pipeline.outbox import EVERY_TYPE, new_digest
from inbox_app.pipeline.plan import undisturbed
from inbox_app.pipeline.recheck import SOON
from inbox_app.storage import digests, users
from inbox_app.storage.engine import Transaction

MOST_WINDOWS = 400
"""Windows that are tried one after another; a year of days, when each of them has gone already."""
INSTANT = timedelta(milliseconds=1)
"""Tells two windows with the same end apart."""

Rider = tuple[Delivery, Decision]
Opening = Callable[[Delivery], Awaitable[Delivery | None]]
"""Keeps a new digest, or finds the open one of its window; None when that has gone already."""


async def join(tx: Transaction, riders: Sequence[Rider]) -> list[Delivery]:
    """Gives each delivery that is to ride in a digest the one it rides in.

    A digest that is open for its person, type and channel takes it, whatever zone or hour the
    digest was made for; else one is made for the window. A window whose digest has gone already
    (it was sent a moment ago, or the person moved to a zone in which the window comes again)
    passes its riders on to the next one (`_next`), so that no window has two.
    """
    if not riders:
        return []
    shared = {each.user_id for each, decision in riders if not decision.alone}
    # Until this is committed nobody ends the pause for which a summary is made.
    still = await users.hold_still(tx, shared) if shared else {}
    waiting = await digests.open_ones(tx, {each.user_id for each, _ in riders})
    return await assigned(riders, waiting, still, partial(digests.open_one, tx))


async def assigned(
    riders: Sequence[Rider],
    waiting: Iterable[Delivery],
    still: Mapping[int, User],
    opening: Opening,
) -> list[Delivery]:
    """The rules of `join`, wherever digests are kept.

    Args:
        waiting: The digests that may still be joined.
        still: The people for whom summaries are made, as they are now.
    """
    known: dict[digests.Place, list[Delivery]] = {}
    for digest in waiting:
        known.setdefault((digest.user_id, digest.type_id, digest.channel), []).append(digest)
    joined: list[Delivery] = []
    # In one order everywhere, so that two processes never wait for each other in a circle.
    for rider, decision in sorted(riders, key=lambda each: _place(*each)):
        due = _due(rider, decision, still.get(rider.user_id))
        there = known.setdefault(_place(rider, decision), [])
        digest = await _digest_for(opening, there, rider, decision, due)
        joined.append(replace(rider, digest_id=digest.id, due_at=digest.due_at))
    return joined


def _place(rider: Delivery, decision: Decision) -> digests.Place:
    type_id = rider.type_id if decision.alone else EVERY_TYPE
    return rider.user_id, type_id, rider.channel


def _due(rider: Delivery, decision: Decision, user: User | None) -> datetime | None:
    """When a new summary is to be asked about, None when its window ends.

    Args:
        user: The person as they are now; None while they are being changed.
    """
    now = rider.updated_at
    assert decision.window  # noqa: S101 - what rides has one
    ahead = decision.window.start > now
    if decision.alone or ahead or (user and undisturbed(user, now)):
        return None
    return now + SOON


async def _digest_for(
    opening: Opening,
    waiting: list[Delivery],
    rider: Delivery,
    decision: Decision,
    due: datetime | None,
) -> Delivery:
    window = decision.window
    assert window  # noqa: S101 - what rides has one
    for digest in waiting:
        assert digest.window_start  # noqa: S101 - as every digest
        if digest.window_start < window.due and window.start < digest.due_at:
            return digest
    for _ in range(MOST_WINDOWS):
        fresh = new_digest(rider, window.start, due or window.due, alone=decision.alone)
        made = await opening(fresh)
        if made is not None:
            waiting.append(made)
            return made
        window = _next(window, alone=decision.alone)
    raise RuntimeError("No window takes the delivery.")


def _next(window: Window, *, alone: bool) -> Window:
    """Where the rider goes that missed the digest of its window.

    With others of its type into a window of the same length, close enough for so rare a rider.
    What the person wanted held stays held until the same moment, in another summary.
    """
    if not alone:
        return Window(window.start + INSTANT, window.due)
    return Window(window.due, window.due + max(window.due - window.start, timedelta(minutes=1)))
