"""Why a person got something, or did not, in their language: the texts of "Why you got this"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from inbox_app.domain.decision import Rule
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.catalogue import Phrase, Tongue
from inbox_app.lib.clock import iso


@dataclass(frozen=True)
class Reason:
    """What a decision says, as far as its reason depends on it.

    Attributes:
        title: Title of the notification type.
        due_at: Of what is held: when it is to go.
        option: Of what goes with a summary: which one.
    """

    rule: Rule
    channel: Channel
    title: str
    due_at: datetime | None = None
    option: DeliveryOption = DeliveryOption.DAILY


def phrase(reason: Reason) -> Phrase:
    """For the browser, which knows its language and zone: ``say(phrase.key, phrase.values)``."""
    in_inbox = reason.rule is Rule.ALLOWED and reason.channel is Channel.INAPP_WEB
    return Phrase(
        "reason.allowed_inbox" if in_inbox else f"reason.{reason.rule}",
        {
            "channel": f"channel.{reason.channel}",
            "title": reason.title,
            "option": f"option.{reason.option}",
            **({"due": iso(reason.due_at)} if reason.due_at else {}),
        },
    )


def explain(reason: Reason, language: str, zone: ZoneInfo) -> str:
    """The same as a sentence.

    Raises:
        KeyError: the rule holds something and ``due_at`` does not say until when.
    """
    return Tongue(language, zone).phrase(phrase(reason))
