"""Decisions: what was decided per notification and channel, and by which one rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inbox_app.domain.notification_type import Channel


class Outcome(StrEnum):
    """What became of a notification on a channel."""

    SEND = "send"
    """It goes out, or is already there."""
    SKIP = "skip"
    """It was held back on purpose."""
    FAIL = "fail"
    """It could not be sent."""


class Rule(StrEnum):
    """The one rule that decided; stable names, used in the API."""

    ENVIRONMENT_OFF = "environment_off"
    TYPE_DISABLED = "type_disabled"
    NO_CONTENT = "no_content"
    NO_ADDRESS = "no_address"
    NO_PROVIDER = "no_provider"
    ALLOWED = "allowed"


@dataclass(frozen=True)
class Decision:
    """One channel's outcome with its reason.

    Attributes:
        channel: The channel it is about.
        outcome: What was decided.
        rule: The rule that decided.
        sentence: The reason in words an end user understands.
    """

    channel: Channel
    outcome: Outcome
    rule: Rule
    sentence: str
