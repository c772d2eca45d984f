"""The plan: one decision per channel, each with the one rule that made it.

The rules are asked in the order of `Rule` and the first that applies decides:

1. the environment has the channel switched off, or the type is disabled;
2. there is nothing to say, nowhere to send it, or the address must not be used;
3. it repeats an earlier one, or the type's limit is reached;
4. the person chose "off"; paused everything; has quiet hours; chose a digest;
5. an e-mail waits whether the inbox item is read; the sender asked for a later time;
6. it joins an earlier inbox item; else it is sent.

What interrupts nobody, the in-app inbox, has no pause, no quiet hours and no digest. A required
type is not asked the rules of 4. A send for a later time is decided for that time, and decided
once more when the time has come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inbox_app.domain import limits, template
from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.digest import Window, window
from inbox_app.domain.horizon import FARTHEST
from inbox_app.domain.limits import Past
from inbox_app.domain.notification import Send
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.template import Mode, Template
from inbox_app.domain.user import User
from inbox_app.domain.wall_time import later, shown

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Facts:
    """Everything a plan depends on.

    Attributes:
        now: The moment it is decided for, unless the send names a later one.
        templates: Those of the type.
        suppressed: Addresses that must not be used, with their channel.
        past: Earlier notifications of the type to the user, as far back as its limits look.
        batch: Title of the open inbox item that this one would join, or None.
        again: It was accepted earlier and has waited: its limits and its time are behind it.
    """

    send: Send
    kind: NotificationType
    user: User
    now: datetime
    templates: Sequence[Template] = ()
    suppressed: frozenset[tuple[Channel, str]] = frozenset()
    past: Sequence[Past] = ()
    batch: str | None = None
    again: bool = False

    @property
    def when(self) -> datetime:
        """The moment the decisions are for."""
        schedule = self.send.schedule
        return max(self.now, schedule) if schedule and not self.again else self.now

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.user)


def zone_of(user: User) -> ZoneInfo:
    """The zone the person chose, else the one that is known; UTC when there is none."""
    name = user.preferences.zone or user.profile.timezone
    try:
        return ZoneInfo(name) if name else UTC_ZONE
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC_ZONE


def undisturbed(user: User, now: datetime) -> datetime | None:
    """Until when the person wants nothing, None when they may be told now."""
    chosen = user.preferences
    quiet = chosen.quiet.ends(now, zone_of(user)) if chosen.quiet else None
    return chosen.pause_ends(now) or quiet


def plan(facts: Facts) -> tuple[Decision, ...]:
    """Decides every channel of a send. Pure: the same facts give the same decisions."""
    return tuple(decide(facts, channel) for channel in channels(facts.send, facts.kind))


def channels(send: Send, kind: NotificationType) -> tuple[Channel, ...]:
    """The forced channels, else those of the type and of the inline content."""
    return _in_order(send.forced_channels or (*kind.channels, *send.channels_with_content))


@lru_cache
def _in_order(wanted: tuple[Channel, ...]) -> tuple[Channel, ...]:
    return tuple(channel for channel in Channel if channel in wanted)


def decide(facts: Facts, channel: Channel) -> Decision:
    """What is to become of a send on one channel."""
    for rule in RULES:
        decision = rule(facts, channel)
        if decision is not None:
            return decision
    return ALLOWED[channel]


def content_mode(option: DeliveryOption) -> Mode:
    """The mode whose default template is used for a way of delivery."""
    return Mode(option.value) if option.is_digest else Mode.INSTANT


def _quiet(channel: Channel) -> bool:
    """Whether a channel interrupts nobody."""
    return channel is Channel.INAPP_WEB


def _skip(channel: Channel, rule: Rule, sentence: str) -> Decision:
    return Decision(channel, Outcome.SKIP, rule, sentence)


def _environment_off(facts: Facts, channel: Channel) -> Decision | None:
    if channel not in facts.send.environment.disable_sending:
        return None
    return _skip(channel, Rule.ENVIRONMENT_OFF, f"{channel.label} is switched off for everyone.")


def _type_disabled(facts: Facts, channel: Channel) -> Decision | None:
    if facts.kind.enabled:
        return None
    return _skip(channel, Rule.TYPE_DISABLED, f"“{facts.kind.title}” is switched off.")


def _no_content(facts: Facts, channel: Channel) -> Decision | None:
    send = facts.send
    if send.template and template.chosen(facts.templates, channel, Mode.INSTANT, send.template):
        return None
    if channel in send.channels_with_content:
        return None
    if template.chosen(facts.templates, channel, Mode.INSTANT, None):
        return None
    said = f"and there is no template “{send.template}”" if send.template else ""
    sentence = f"The sender gave no text for {channel.label} {said}".rstrip() + "."
    return Decision(channel, Outcome.FAIL, Rule.NO_CONTENT, sentence)


def _no_address(facts: Facts, channel: Channel) -> Decision | None:
    if facts.user.profile.addresses(channel):
        return None
    return _skip(channel, Rule.NO_ADDRESS, f"There is no address of yours for {channel.label}.")


def _suppressed(facts: Facts, channel: Channel) -> Decision | None:
    known = facts.user.profile.addresses(channel)
    if not all((channel, address) in facts.suppressed for address in known):
        return None
    sentence = f"Your address for {channel.label} does not work or you unsubscribed it."
    return _skip(channel, Rule.SUPPRESSED, sentence)


def _deduplicated(facts: Facts, channel: Channel) -> Decision | None:
    fingerprint = facts.send.fingerprint
    if facts.again or fingerprint is None:
        return None
    if not limits.repeated(facts.kind, facts.past, fingerprint, facts.when):
        return None
    return _skip(channel, Rule.DEDUPLICATED, "You were told exactly this a short while ago.")


def _throttled(facts: Facts, channel: Channel) -> Decision | None:
    if facts.again or not limits.throttled(facts.kind, facts.past, facts.when):
        return None
    sentence = f"You have had as many of “{facts.kind.title}” as its limit allows."
    return _skip(channel, Rule.THROTTLED, sentence)


def _preference_off(facts: Facts, channel: Channel) -> Decision | None:
    if _option(facts, channel) is not DeliveryOption.OFF:
        return None
    sentence = f"You switched {channel.label} off for “{facts.kind.title}”."
    return _skip(channel, Rule.PREFERENCE_OFF, sentence)


def _option(facts: Facts, channel: Channel) -> DeliveryOption:
    sub = facts.send.sub_notification_id
    return facts.user.preferences.option(facts.kind, sub, channel).option


def _paused(facts: Facts, channel: Channel) -> Decision | None:
    ends = facts.user.preferences.pause_ends(facts.when)
    if ends is None or _quiet(channel) or facts.kind.required:
        return None
    # A pause has no beginning that is kept; what it ends at tells one from another. From so far
    # back it takes in every summary that is open, so that one is told when it ends.
    held = Window(ends - FARTHEST, ends)
    return _together(facts, channel, Rule.PAUSED, "You paused notifications until", held)


def _quiet_hours(facts: Facts, channel: Channel) -> Decision | None:
    hours = facts.user.preferences.quiet
    if hours is None or _quiet(channel) or facts.kind.required:
        return None
    began, ends = hours.began(facts.when, facts.zone), hours.ends(facts.when, facts.zone)
    if began is None or ends is None:
        return None
    held = Window(began, ends)
    return _together(facts, channel, Rule.QUIET_HOURS, "You have quiet hours until", held)


def _together(facts: Facts, channel: Channel, rule: Rule, because: str, held: Window) -> Decision:
    """Held, to go in one summary with everything else that is held until then."""
    sentence = f"{because} {_clock(facts, held.due)}."
    return Decision(
        channel, Outcome.HOLD, rule, sentence, due_at=held.due, window=held, alone=False
    )


def _digest(facts: Facts, channel: Channel) -> Decision | None:
    if _quiet(channel):
        return None
    option = _option(facts, channel)
    if not option.is_digest:
        return None
    times = facts.user.preferences.times_for(facts.kind, channel, option)
    span = window(option, times, facts.zone, facts.when)
    sentence = f"Goes with your {option.value} summary on {_clock(facts, span.due)}."
    return Decision(
        channel, Outcome.HOLD, Rule.DIGEST, sentence, due_at=span.due, option=option, window=span
    )


def _escalation(facts: Facts, channel: Channel) -> Decision | None:
    delay = escalation(facts.kind, facts.user)
    if channel is not Channel.EMAIL or not delay or facts.again or facts.kind.required:
        return None
    if not _told_in_app(facts):
        return None
    due = later(facts.when, delay)
    sentence = f"Sent by e-mail only if you have not read it by {_clock(facts, due)}."
    return Decision(channel, Outcome.HOLD, Rule.ESCALATION, sentence, due_at=due)


def escalation(kind: NotificationType, user: User) -> timedelta | None:
    """How long an e-mail waits for the item to be read: the user's choice, else the type's."""
    chosen = user.preferences.escalation
    return kind.escalation if chosen is None else chosen


def _told_in_app(facts: Facts) -> bool:
    """Whether the notification stands in the inbox, alone or with others, where it can be read."""
    if Channel.INAPP_WEB not in channels(facts.send, facts.kind):
        return False
    there = {Outcome.SEND, Outcome.HOLD, Outcome.MERGE}
    return decide(facts, Channel.INAPP_WEB).outcome in there


def _scheduled(facts: Facts, channel: Channel) -> Decision | None:
    schedule = facts.send.schedule
    if facts.again or schedule is None or schedule <= facts.now:
        return None
    sentence = f"The sender asked for {_clock(facts, schedule)}."
    return Decision(channel, Outcome.HOLD, Rule.SCHEDULED, sentence, due_at=schedule)


def _batched(facts: Facts, channel: Channel) -> Decision | None:
    if facts.batch is None or not _quiet(channel):
        return None
    return Decision(channel, Outcome.MERGE, Rule.BATCHED, f"Became part of “{facts.batch}”.")


def _clock(facts: Facts, moment: datetime) -> str:
    """A moment on the user's own clock, as a sentence names it."""
    there = shown(moment, facts.zone)
    return f"{there.day} {there:%B %Y, %H:%M}"


def _allowed(channel: Channel) -> Decision:
    sentence = "Delivered to your inbox." if _quiet(channel) else f"Sent by {channel.label}."
    return Decision(channel, Outcome.SEND, Rule.ALLOWED, sentence)


ALLOWED = {channel: _allowed(channel) for channel in Channel}
RULES: tuple[Callable[[Facts, Channel], Decision | None], ...] = (
    *(_environment_off, _type_disabled, _no_content, _no_address, _suppressed),
    *(_deduplicated, _throttled, _preference_off, _paused, _quiet_hours, _digest),
    *(_escalation, _scheduled, _batched),
)
