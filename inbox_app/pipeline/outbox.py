"""What workers are to send, made from decisions; and the payload they find it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import Action, Ignored, InAppContent, Kept, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids

EVERY_TYPE = 0
"""The type of a digest that holds notifications of any type."""

Suppressed = frozenset[tuple[Channel, str]]
"""Addresses that must not be used, with their channel."""

IGNORED = {
    Rule.THROTTLED: Ignored.THROTTLING,
    Rule.DEDUPLICATED: Ignored.DEDUPLICATION,
    Rule.TYPE_DISABLED: Ignored.DISABLED_NOTIFICATION,
}


def ignored(decisions: Sequence[Decision]) -> Ignored | None:
    """Why the notification reaches nobody, None when it reaches somebody or failed."""
    if not decisions or any(each.outcome is not Outcome.SKIP for each in decisions):
        return None
    rules = {each.rule for each in decisions}
    for rule, name in IGNORED.items():
        if rule in rules:
            return name
    return Ignored.ALL_CHANNELS_IGNORED


def deliveries(
    send: Send,
    user: User,
    type_id: int,
    decisions: Sequence[Decision],
    suppressed: Suppressed,
) -> list[Delivery]:
    """One delivery per address of every channel that goes out, now or later.

    What is to ride in a digest is `HELD` without one yet: `pipeline.digest.join` finds it.
    """
    return [
        _delivery(send, user, type_id, decision, address)
        for decision in decisions
        if _goes_out(decision)
        for address in _addresses(user, decision, suppressed)
    ]


def _addresses(user: User, decision: Decision, suppressed: Suppressed) -> tuple[str, ...]:
    """Each address has a delivery; what rides in a digest is one, whatever way that goes."""
    known = usable(user, decision.channel, suppressed)
    return known[:1] if decision.window else known


def usable(user: User, channel: Channel, suppressed: Suppressed) -> tuple[str, ...]:
    """The person's addresses of a channel that may be used."""
    known = user.profile.addresses(channel)
    return tuple(address for address in known if (channel, address) not in suppressed)


def _goes_out(decision: Decision) -> bool:
    """Whether a worker has something to do; an inbox item for now is stored with the rest."""
    if decision.channel is Channel.INAPP_WEB:
        return decision.outcome is Outcome.HOLD
    return decision.outcome in {Outcome.SEND, Outcome.HOLD}


def _delivery(send: Send, user: User, type_id: int, decision: Decision, address: str) -> Delivery:
    now = send.accepted_at
    return Delivery(
        id=ids.ordered_id(),
        environment_id=send.environment.id,
        user_id=user.id,
        type_id=type_id,
        tracking_id=send.tracking_id,
        channel=decision.channel,
        address=address,
        status=DeliveryStatus.HELD if decision.window else DeliveryStatus.PENDING,
        due_at=decision.due_at or now,
        created_at=now,
        updated_at=now,
        option=decision.option,
        rule=decision.rule.value,
        template=send.template,
    )


def new_digest(member: Delivery, start: datetime, due: datetime, *, alone: bool) -> Delivery:
    """The digest that a member rides in when there is none yet."""
    return replace(
        member,
        id=ids.ordered_id(),
        type_id=member.type_id if alone else EVERY_TYPE,
        tracking_id=None,
        # Asked anew when it goes: the person may have another address by then.
        address="",
        status=DeliveryStatus.PENDING,
        due_at=due,
        window_start=start,
        digest_id=None,
        template=None,
    )


def payload(send: Send) -> dict[str, Any]:
    """What a worker needs of a send; `restored` reads it back."""
    content = {channel.value: dict(fields) for channel, fields in send.content.items()}
    parts: dict[str, Any] = {
        "content": content,
        "inApp": asdict(send.in_app) if send.in_app else None,
        "parameters": dict(send.parameters),
        "replace": dict(send.replacements),
        "options": dict(send.options),
        "forced": list(send.forced_channels),
        "template": send.template,
    }
    return {name: part for name, part in parts.items() if part}


def changed(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A payload with what is said anew; the content of other channels stays."""
    content = {**before.get("content", {}), **change.get("content", {})}
    return {**before, **change, **({"content": content} if content else {})}


def as_sent(environment: Environment, kept: Kept, user_id: str, type_name: str) -> Send:
    """The send that a notification was kept of.

    Args:
        user_id: The sender's id of the person.
    """
    send = Send(
        tracking_id=kept.tracking_id,
        environment=environment,
        user_id=user_id,
        profile=Profile(),
        type_name=type_name,
        accepted_at=kept.accepted_at,
        sub_notification_id=kept.sub_notification_id,
        secondary_id=kept.secondary_id,
        schedule=kept.scheduled_for,
    )
    return restored(send, kept.payload)


def restored(send: Send, stored: Mapping[str, Any]) -> Send:
    """The send with everything `payload` kept of it."""
    content = {Channel(name): fields for name, fields in stored.get("content", {}).items()}
    in_app = stored.get("inApp")
    told = {*content, *((Channel.INAPP_WEB,) if in_app else ())}
    return replace(
        send,
        content=content,
        in_app=_in_app(in_app) if in_app else None,
        channels_with_content=tuple(channel for channel in Channel if channel in told),
        forced_channels=tuple(Channel(name) for name in stored.get("forced", ())),
        parameters=stored.get("parameters", {}),
        replacements=stored.get("replace", {}),
        options=stored.get("options", {}),
        template=stored.get("template"),
    )


def _in_app(stored: Mapping[str, Any]) -> InAppContent:
    fields: dict[str, Any] = dict(stored)
    fields["actions"] = tuple(Action(**each) for each in stored["actions"])
    return InAppContent(**fields)
