"""What is kept of a call that ended in one way or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from inbox_app.domain.delivery import Attempt, AttemptOutcome, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, RateLimited, Transient
from inbox_app.domain.event import EventKind
from inbox_app.domain.retry import LEAST_WAIT, RetryPolicy
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing
from inbox_app.services.outgoing import Story
from tests.channels.parcels import CANARY
from tests.clock import START, SetClock

FIRST_WAIT = RetryPolicy().base
"""Longest wait after a first call that says nothing of a wait."""


@dataclass(frozen=True)
class Fate:
    """What is kept of a call that failed in one way."""

    status: DeliveryStatus
    outcome: AttemptOutcome
    event: EventKind | None


FATES: Mapping[type[ProviderError] | None, Fate] = {
    None: Fate(DeliveryStatus.SENT, AttemptOutcome.SENT, EventKind.SENT),
    Transient: Fate(DeliveryStatus.PENDING, AttemptOutcome.TRANSIENT, None),
    RateLimited: Fate(DeliveryStatus.PENDING, AttemptOutcome.RATE_LIMITED, None),
    Permanent: Fate(DeliveryStatus.FAILED, AttemptOutcome.PERMANENT, EventKind.FAILED),
    OutcomeUnknown: Fate(DeliveryStatus.UNKNOWN, AttemptOutcome.UNKNOWN, EventKind.UNKNOWN),
}


async def drain(rt: Runtime) -> None:
    """Works until nothing is due."""
    while await delivering.work(rt):
        pass


async def told(rt: Runtime, environment: Environment, tracking_id: str) -> Story:
    """All that is kept of a notification with one delivery; never a secret."""
    story = await outgoing.story(rt, environment, tracking_id)
    assert len(story.deliveries) == 1
    assert CANARY not in repr(story)
    return story


def is_as_specified(story: Story, error: type[ProviderError] | None, asked: float = 0) -> None:
    """One call was made, at the start, and this is what must be kept of it.

    Args:
        asked: Seconds that the provider asked to be left alone.
    """
    fate = FATES[error]
    [delivery], [attempt] = story.deliveries, story.attempts
    assert (delivery.status, delivery.attempts) == (fate.status, 1)
    assert (attempt.number, attempt.outcome) == (1, fate.outcome)
    assert (attempt.started_at, attempt.ended_at) == (START, START)
    assert [each.kind for each in story.events] == ([fate.event] if fate.event else [])
    if fate.status is DeliveryStatus.PENDING:
        waits = delivery.due_at - START
        least = max(timedelta(seconds=asked), LEAST_WAIT)
        assert least <= waits <= timedelta(seconds=asked) + FIRST_WAIT
        assert attempt.retry_at == delivery.due_at
    else:
        assert attempt.retry_at is None


async def goes_again(
    rt: Runtime, environment: Environment, clock: SetClock, tracking_id: str
) -> list[Attempt]:
    """What waits is not called before its time, and then it is; the attempts."""
    before = await told(rt, environment, tracking_id)
    due = before.deliveries[0].due_at
    clock.at = due - timedelta(microseconds=1)
    await drain(rt)
    assert (await told(rt, environment, tracking_id)).attempts == before.attempts
    clock.at = due
    await drain(rt)
    after = await told(rt, environment, tracking_id)
    assert after.deliveries[0].status is DeliveryStatus.SENT
    assert [each.number for each in after.attempts] == [1, 2]
    assert [each.kind for each in after.events] == [EventKind.SENT]
    return after.attempts
