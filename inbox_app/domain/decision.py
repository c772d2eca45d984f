"""Decisions: what was decided per notification and channel, and by which one rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.digest import Window
from inbox_app.domain.notification_type import Channel


class Outcome(StrEnum):
    """What became of a notification on a channel."""

    SEND = "send"
    """It goes out, or is already there."""
    HOLD = "hold"
    """It waits: for its time, with others for a digest, or for quiet hours to end."""
    MERGE = "merge"
    """It became part of an earlier inbox item."""
    SKIP = "skip"
    """It was held back on purpose."""
    FAIL = "fail"
    """It could not be sent."""


class Rule(StrEnum):
    """The one rule that decided; stable names, used in the API. The plan asks in this order."""

    ENVIRONMENT_OFF = "environment_off"
    TYPE_DISABLED = "type_disabled"
    NO_CONTENT = "no_content"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    DEDUPLICATED = "deduplicated"
    THROTTLED = "throttled"
    PREFERENCE_OFF = "preference_off"
    PAUSED = "paused"
    QUIET_HOURS = "quiet_hours"
    DIGEST = "digest"
    ESCALATION = "escalation"
    SCHEDULED = "scheduled"
    BATCHED = "batched"
    ALLOWED = "allowed"

    READ_MEANWHILE = "read_meanwhile"
    """Asked right before an off-app send: the person has read it in the inbox."""
    GONE = "gone"
    """Asked right before sending: what it was about is no more."""
    REMOVED = "removed"
    """The person took it out of the summary it was to go with."""
    ASKED = "asked"
    """Of a summary: the person asked for it before it was due."""


@dataclass(frozen=True)
class Decision:
    """One channel's outcome with its reason.

    Attributes:
        channel: The channel it is about.
        outcome: What was decided.
        rule: The rule that decided.
        sentence: The reason in words an end user understands.
        due_at: Of what is held: when it is to go.
        option: Instant, or the kind of digest it goes with.
        window: Of what is held together with others: the time that makes one message.
        alone: Of what is held together: with others of its type only, else with everything.
    """

    channel: Channel
    outcome: Outcome
    rule: Rule
    sentence: str
    due_at: datetime | None = None
    option: DeliveryOption = DeliveryOption.INSTANT
    window: Window | None = None
    alone: bool = True
