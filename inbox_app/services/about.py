"""About a notification: why it came, what became of it on each channel, and what changes that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.delivery import Attempt, Delivery, DeliveryStatus
from inbox_app.domain.errors import NotFound
from inbox_app.domain.failure import failure_of
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences, Source
from inbox_app.domain.setting import Setting, SettingKind
from inbox_app.lib.clock import iso
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, inbox, notifications, types, users


class Fate(StrEnum):
    """What became of a notification on a channel, as far as it is known."""

    SHOWN = "shown"
    """It stands in the inbox."""
    MERGED = "merged"
    """It became part of an earlier inbox item."""
    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    """The line broke while it was sent."""
    NOT_SENT = "not_sent"
    """Held back on purpose."""
    FAILED = "failed"


class Control(StrEnum):
    """What the one control next to a channel does."""

    CHANGE = "change"
    TURN_ON = "turn_on"
    ADD = "add"
    """Add an address."""
    CHECK = "check"
    """See what is wrong with the address."""
    NONE = "none"
    """Nobody but the sender or the operator can change it."""


@dataclass(frozen=True)
class ChannelView:
    """What became of a notification on one channel.

    Attributes:
        channel: Name of the channel.
        fate: What became of it.
        rule: The rule that decided: a `Rule`, or "" of what failed while it was sent.
        at: ISO time: when it was sent or ended; of what waits: when it is due; or "".
        option: Instant, or the kind of digest it goes with; "": a digest of unknown kind.
        required: No choice of the person's counts.
        detail: The server's or the provider's own words, in English.
        failure: Why the provider did not take it (`domain.failure.Failure`), or "".
        control: What the person can do about it.
        setting: Where that leads in the preference centre (`Setting.encode`), "" for nowhere.
    """

    channel: str
    fate: Fate
    rule: str
    at: str
    option: str
    required: bool
    detail: str
    control: Control
    setting: str
    failure: str = ""


@dataclass(frozen=True)
class AboutView:
    """Why a notification came.

    Attributes:
        type: The name of its type, for senders.
        title: Title of the type, for people.
        description: When one gets it, in the sender's words, or "".
        subject: Title of the subject within the type, or "".
        seen: ISO time at which it was first on the screen, or "".
        opened: ISO time at which it was first read, or "".
        channels: One for each channel that was thought of, the inbox first.
    """

    type: str
    title: str
    description: str
    subject: str
    seen: str
    opened: str
    channels: list[ChannelView]


NOTHING_KNOWN = AboutView("", "", "", "", "", "", [])


@dataclass(frozen=True)
class Known:
    """What is known of a notification and of the person it is for."""

    kind: NotificationType
    sub_notification_id: str | None
    accepted_at: datetime
    decisions: list[Decision]
    deliveries: list[Delivery]
    attempts: list[Attempt]
    state: ItemState
    preferences: Preferences


FATES: Mapping[DeliveryStatus, Fate] = {
    DeliveryStatus.HELD: Fate.WAITING,
    DeliveryStatus.PENDING: Fate.WAITING,
    DeliveryStatus.SENDING: Fate.WAITING,
    DeliveryStatus.SENT: Fate.SENT,
    DeliveryStatus.DELIVERED: Fate.DELIVERED,
    DeliveryStatus.UNKNOWN: Fate.UNKNOWN,
    DeliveryStatus.FAILED: Fate.FAILED,
    DeliveryStatus.SKIPPED: Fate.NOT_SENT,
    DeliveryStatus.CANCELLED: Fate.NOT_SENT,
}
MATTERS = tuple(FATES)
"""Of several addresses of one channel the first of these tells what became of it."""
THEIRS = frozenset(
    {
        *(Rule.ENVIRONMENT_OFF, Rule.TYPE_DISABLED, Rule.NO_CONTENT, Rule.DEDUPLICATED),
        *(Rule.THROTTLED, Rule.SCHEDULED, Rule.GONE),
    }
)
"""Rules that are the sender's or the operator's alone."""
ABOUT_ADDRESSES = frozenset({Rule.NO_ADDRESS, Rule.SUPPRESSED})
FOR_ALL: Mapping[Rule, SettingKind] = {
    Rule.PAUSED: SettingKind.PAUSE,
    Rule.QUIET_HOURS: SettingKind.QUIET_HOURS,
    Rule.ESCALATION: SettingKind.ESCALATION,
}
"""Rules that the person sets for all types at once."""


async def of_notification(rt: Runtime, user_id: int, tracking_id: str) -> AboutView:
    """What a person is told about one of their notifications.

    Raises:
        NotFound: they have none of that name.
    """
    async with rt.database.read() as tx:
        kept = (await notifications.get_many(tx, [tracking_id])).get(tracking_id)
        user = await users.get(tx, user_id)
        if user is None or kept is None or kept.user_id != user_id:
            raise NotFound("There is no such notification.")
        item = await inbox.states(tx, [tracking_id])
        sent = await deliveries.of_notification(tx, tracking_id)
        known = Known(
            kind=(await types.by_ids(tx, [kept.type_id]))[kept.type_id],
            sub_notification_id=kept.sub_notification_id,
            accepted_at=kept.accepted_at,
            decisions=await notifications.decisions(tx, tracking_id),
            deliveries=sent,
            attempts=await deliveries.attempts(tx, [each.id for each in sent]),
            state=item.get(tracking_id, ItemState()),
            preferences=user.preferences,
        )
    return about(known)


def about(known: Known) -> AboutView:
    """Puts it together from what is known."""
    sent: dict[Channel, list[Delivery]] = {}
    for each in known.deliveries:
        sent.setdefault(each.channel, []).append(each)
    kind, sub = known.kind, known.sub_notification_id
    return AboutView(
        type=kind.name,
        title=kind.title,
        description=kind.description,
        subject=kind.sub_notifications.get(sub, "") if sub else "",
        seen=_iso(known.state.seen),
        opened=_iso(known.state.opened),
        channels=[_channel(known, each, sent.get(each.channel, [])) for each in _ordered(known)],
    )


def _iso(moment: datetime | None) -> str:
    return iso(moment) if moment else ""


def _ordered(known: Known) -> Iterable[Decision]:
    order = list(Channel)
    return sorted(
        known.decisions,
        key=lambda each: (each.channel is not Channel.INAPP_WEB, order.index(each.channel)),
    )


def _channel(known: Known, decision: Decision, sent: list[Delivery]) -> ChannelView:
    if not sent:
        fate, at = _fate(decision), _when(known, decision)
        return _view(known, decision, fate, decision.rule, at, option=_option(known, decision))
    tells = min(sent, key=lambda each: MATTERS.index(each.status))
    fate = FATES[tells.status]
    if decision.channel is Channel.INAPP_WEB and fate is Fate.SENT:
        fate = Fate.SHOWN
    at = tells.due_at if fate is Fate.WAITING else tells.updated_at
    rule = _rule(tells, decision, fate)
    detail = tells.detail or decision.sentence
    view = _view(known, decision, fate, rule, at, detail=detail, option=tells.option)
    return replace(view, failure=_failure(known, tells)) if fate is Fate.FAILED else view


def _failure(known: Known, delivery: Delivery) -> str:
    tried = [each for each in known.attempts if each.delivery_id == delivery.id]
    return failure_of(tried[-1]) if tried else ""


def _option(known: Known, decision: Decision) -> str:
    """The kind of digest, which decisions are kept without: the one that was chosen meanwhile."""
    if decision.rule is not Rule.DIGEST:
        return decision.option
    chosen = known.preferences.option(known.kind, known.sub_notification_id, decision.channel)
    return chosen.option if chosen.option.is_digest else ""


def _rule(delivery: Delivery, decision: Decision, fate: Fate) -> Rule | None:
    """The rule that stands: of what went out, that it was allowed; of what failed, none."""
    if fate in {Fate.FAILED, Fate.UNKNOWN}:
        return None
    if delivery.status is DeliveryStatus.CANCELLED:
        return Rule.SCHEDULED
    if fate in {Fate.WAITING, Fate.NOT_SENT}:
        return Rule(delivery.rule) if delivery.rule in set(Rule) else decision.rule
    return decision.rule if decision.outcome is Outcome.HOLD else Rule.ALLOWED


def _fate(decision: Decision) -> Fate:
    """Of what needs no delivery: the inbox, and what was held back at once."""
    match decision.outcome:
        case Outcome.MERGE:
            return Fate.MERGED
        case Outcome.SEND | Outcome.HOLD:
            return Fate.SHOWN if decision.channel is Channel.INAPP_WEB else Fate.WAITING
        case Outcome.SKIP:
            return Fate.NOT_SENT
        case Outcome.FAIL:
            return Fate.FAILED


def _when(known: Known, decision: Decision) -> datetime | None:
    if decision.due_at:
        return decision.due_at
    return known.accepted_at if decision.outcome in {Outcome.SEND, Outcome.MERGE} else None


def _view(  # noqa: PLR0913 - the parts of one line
    known: Known,
    decision: Decision,
    fate: Fate,
    rule: Rule | None,
    at: datetime | None,
    *,
    option: str,
    detail: str = "",
) -> ChannelView:
    control, setting = control_of(known, decision.channel, rule)
    return ChannelView(
        channel=decision.channel,
        fate=fate,
        rule=rule or "",
        at=_iso(at),
        option=option,
        required=known.kind.required,
        detail=detail or decision.sentence,
        control=control,
        setting=setting.encode() if setting else "",
    )


def control_of(known: Known, channel: Channel, rule: Rule | None) -> tuple[Control, Setting | None]:
    """The one control that changes what a rule decided, and the setting it leads to.

    Args:
        rule: None when no rule decided: it failed on its way.
    """
    cell = Setting(SettingKind.CELL, (known.kind.name, known.sub_notification_id or "", channel))
    if rule is Rule.PREFERENCE_OFF:
        return Control.TURN_ON, _switch(known, channel, cell)
    if rule is None or rule in ABOUT_ADDRESSES:
        control = Control.ADD if rule is Rule.NO_ADDRESS else Control.CHECK
        return control, Setting(SettingKind.ADDRESS, (channel,))
    if rule in FOR_ALL:
        return Control.CHANGE, Setting(FOR_ALL[rule])
    if rule in THEIRS or known.kind.required:
        return Control.NONE, None
    return Control.CHANGE, cell


def _switch(known: Known, channel: Channel, cell: Setting) -> Setting:
    """Where "off" was chosen: for the channel everywhere, or for the type."""
    chosen = known.preferences.option(known.kind, known.sub_notification_id, channel)
    return Setting(SettingKind.CHANNEL, (channel,)) if chosen.source is Source.CHANNEL else cell
