"""What became of a notification on each channel, in words that the browser puts together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from inbox_app.domain.decision import Rule
from inbox_app.lib.catalogue import NOTHING, Phrase
from inbox_app.services.about import AboutView, ChannelView, Control, Fate

PREFERENCES: Final = "/preferences/?at="
"""Where the setting of a control is, by its encoded name."""

WAITS: Final = frozenset(
    {Rule.PAUSED, Rule.QUIET_HOURS, Rule.DIGEST, Rule.ESCALATION, Rule.SCHEDULED}
)
"""Rules that say until when something waits."""
SENT_BY: Final[Mapping[str, str]] = {
    Rule.DIGEST: "fate.sent_digest",
    Rule.ASKED: "fate.sent_asked",
    Rule.ESCALATION: "fate.sent_unread",
}
"""What is told of something sent beside the time."""


@dataclass(frozen=True)
class AboutLine:
    """One channel of "Why you got this".

    Attributes:
        channel: Name of the channel.
        phrase: What happened; the times among its values are ISO.
        waits: ISO time at which that may change, or "".
        fate: A `Fate`.
        control: A `Control`.
        href: Where that leads, or "".
    """

    channel: str
    phrase: Phrase = field(default=NOTHING)
    waits: str = ""
    fate: str = ""
    control: str = Control.NONE
    href: str = ""


@dataclass(frozen=True)
class Why:
    """What "Why you got this" shows.

    Attributes:
        title: Title of the type.
        description: When one gets it, in the sender's words, or "".
        subject: Title of the subject within the type, or "".
        required: No choice of the person's counts.
        lines: One per channel that was thought of, the inbox first.
    """

    title: str = ""
    description: str = ""
    subject: str = ""
    required: bool = False
    lines: list[AboutLine] = field(default_factory=list[AboutLine])


def why(about: AboutView) -> Why:
    """What is known about a notification, in phrases."""
    required = any(each.required for each in about.channels)
    lines = [_line(about, each) for each in about.channels]
    return Why(about.title, about.description, about.subject, required, lines)


def _line(about: AboutView, view: ChannelView) -> AboutLine:
    return AboutLine(
        channel=view.channel,
        phrase=phrase(about, view),
        waits=view.at if view.fate is Fate.WAITING else "",
        fate=view.fate,
        control=view.control,
        href=PREFERENCES + quote(view.setting, safe="") if view.setting else "",
    )


def phrase(about: AboutView, view: ChannelView) -> Phrase:
    """What happened on a channel: ``say(phrase.key, phrase.values)``."""
    values: dict[str, str | int] = {
        "channel": f"channel.{view.channel}",
        "title": about.title,
        "option": f"option.{view.option}",
        "at": view.at,
        "seen": about.seen,
        "opened": about.opened,
        "detail": view.detail,
        "failure": f"failure.{view.failure}",
    }
    return Phrase(_key(about, view), values)


def _key(about: AboutView, view: ChannelView) -> str:
    match view.fate:
        case Fate.SHOWN:
            return _shown(about)
        case Fate.SENT | Fate.DELIVERED:
            return SENT_BY.get(view.rule, f"fate.{view.fate}")
        case Fate.WAITING:
            return f"reason.{view.rule}" if view.rule in WAITS and view.at else "fate.waiting"
        case Fate.FAILED if view.failure:
            return "fate.failed_why"
        case Fate.NOT_SENT | Fate.FAILED:
            return _kept_back(view)
        case _:
            return f"fate.{view.fate}"


def _shown(about: AboutView) -> str:
    if about.seen and about.opened:
        return "fate.seen_and_opened"
    return "fate.opened" if about.opened else "fate.seen" if about.seen else "fate.shown"


def _kept_back(view: ChannelView) -> str:
    """A rule that only says how long something waits tells nothing of what never went."""
    if view.rule == Rule.SCHEDULED:
        return "fate.cancelled"
    told = view.rule and view.rule not in WAITS | {Rule.ALLOWED, Rule.ASKED}
    return f"reason.{view.rule}" if told else f"fate.{view.fate}"
