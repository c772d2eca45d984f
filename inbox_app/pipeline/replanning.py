"""Planning anew what waits to be sent: for another time, with other content, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from inbox_app.domain.decision import Decision, Outcome
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import Kept, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.pipeline import digest, facts, outbox
from inbox_app.pipeline.facts import History, Open
from inbox_app.pipeline.planning import from_template, plan_one
from inbox_app.rendering import in_app
from inbox_app.storage import deliveries, notifications, types, waiting
from inbox_app.storage.engine import Transaction

INSTANT = timedelta(microseconds=1)


async def replan(
    tx: Transaction,
    environment: Environment,
    user: User,
    kept: Kept,
    changed: Send,
    now: datetime,
) -> bool:
    """Decides once more what no worker has taken; whether there was anything.

    Channels that have gone out are left alone; others may be told that were not before. The limits
    of its type are behind it.

    Args:
        user: Whom nobody else changes meanwhile.
        changed: What is said anew; what it leaves out stays as it was.

    Raises:
        InvalidInput: the in-app content cannot be used.
    """
    if kept.cancelled_at or not await waiting.withdraw(tx, kept.tracking_id):
        return False
    payload = outbox.changed(kept.payload, outbox.payload(changed))
    kept = replace(kept, payload=payload)
    opened = await _opened(tx, environment, user, _timed(kept, changed, now))
    gone = await _gone(tx, kept.tracking_id)
    _check_content(opened, told_in_app=Channel.INAPP_WEB in gone)
    planned, _ = plan_one(opened, History(await facts.suppressions(tx, [opened])), None)
    decisions = [each for each in planned.decisions if each.channel not in gone]
    made = [each for each in planned.deliveries if each.channel not in gone]
    await waiting.add(tx, await _with_digests(tx, made, decisions))
    await waiting.decide(tx, kept.tracking_id, decisions)
    due = changed.schedule or kept.scheduled_for
    await notifications.reschedule(
        tx, replace(kept, scheduled_for=due, expires_at=planned.expires_at)
    )
    return True


def _timed(kept: Kept, changed: Send, now: datetime) -> Kept:
    """With the moments that it is decided for: those it had unless another one is asked for."""
    if changed.schedule is None:
        return kept
    # For now is a moment ahead: a worker puts it into the inbox, as what was sent for later.
    return replace(kept, accepted_at=now, scheduled_for=max(changed.schedule, now + INSTANT))


async def _opened(tx: Transaction, environment: Environment, user: User, kept: Kept) -> Open:
    kind = (await types.by_ids(tx, [kept.type_id]))[kept.type_id]
    (known,) = (await facts.kinds(tx, {(environment.id, kind.name): kind})).values()
    return Open(0, outbox.as_sent(environment, kept, user.external_id, kind.name), user, known)


async def _gone(tx: Transaction, tracking_id: str) -> set[Channel]:
    """The channels that workers have taken, and the inbox when it stands there."""
    left = await deliveries.of_notification(tx, tracking_id)
    shown = {
        each.channel
        for each in await notifications.decisions(tx, tracking_id)
        if each.channel is Channel.INAPP_WEB and each.outcome in {Outcome.SEND, Outcome.MERGE}
    }
    return {each.channel for each in left} | shown


def _check_content(opened: Open, *, told_in_app: bool) -> None:
    """Renders the in-app content, which else would fail when it is due and nobody is there."""
    send = opened.send
    if send.in_app is not None:
        in_app.render(send.in_app, send.parameters, send.replacements)
    elif not told_in_app:
        from_template(send, opened.kind.templates)


async def _with_digests(
    tx: Transaction, made: Sequence[Delivery], decisions: Sequence[Decision]
) -> list[Delivery]:
    by_channel = {each.channel: each for each in decisions}
    held = [each for each in made if each.status is DeliveryStatus.HELD]
    riders = [(each, by_channel[each.channel]) for each in held]
    others = [each for each in made if each.status is not DeliveryStatus.HELD]
    return [*others, *await digest.join(tx, riders)]
