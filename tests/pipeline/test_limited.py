"""Throttling and deduplication, for now and for a later time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from inbox_app.domain.decision import Rule
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import Ignored, InAppContent
from inbox_app.domain.notification_type import PeriodUnit, Throttling
from inbox_app.runtime import Runtime
from inbox_app.services import outgoing
from inbox_app.storage import notifications
from tests.clock import SetClock
from tests.factories import make_type, send

HOURLY = Throttling(1, 1, PeriodUnit.HOURS)


async def at(rt: Runtime, environment: Environment, hours: float, says: str = "Shipped") -> str:
    """Sends for so many hours from now; the notification's id."""
    schedule = rt.clock.now() + timedelta(hours=hours) if hours else None
    content = InAppContent(says)
    return await send(rt, environment, in_app=content, schedule=schedule)


async def ignored(rt: Runtime, ids: Sequence[str]) -> list[Ignored | None]:
    async with rt.database.read() as tx:
        kept = await notifications.get_many(tx, ids)
    return [kept[each].ignored for each in ids]


async def test_a_limit_holds_for_the_time_that_was_asked_for(
    runtime: Runtime, environment: Environment
):
    await make_type(runtime, environment, throttling=HOURLY)
    sent = [await at(runtime, environment, hours) for hours in (24, 24, 24.5, 23.5, 25, 0, 0)]
    throttled = Ignored.THROTTLING
    assert await ignored(runtime, sent) == [
        *(None, throttled, throttled, throttled),
        *(None, None, throttled),
    ]


async def test_repetitions_are_found_at_the_time_that_was_asked_for(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, deduplication=timedelta(hours=1))
    sent = [await at(runtime, environment, hours) for hours in (24, 24.5, 0)]
    sent.append(await at(runtime, environment, 24, "Delivered"))
    clock.advance(hours=23)
    sent += [await at(runtime, environment, hours) for hours in (1.5, 0)]
    repeated = Ignored.DEDUPLICATION
    assert await ignored(runtime, sent) == [None, repeated, None, None, repeated, None]


async def test_what_was_taken_back_makes_room(runtime: Runtime, environment: Environment):
    await make_type(runtime, environment, throttling=HOURLY)
    first = await at(runtime, environment, 24)
    await outgoing.cancel(runtime, environment, first)
    second = await at(runtime, environment, 24)
    assert await ignored(runtime, [second]) == [None]
    async with runtime.database.read() as tx:
        (decision,) = await notifications.decisions(tx, second)
    assert decision.rule is Rule.SCHEDULED
