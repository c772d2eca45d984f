"""Events: what happened to a notification after it was accepted, append-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox_app.domain.notification_type import Channel


class EventKind(StrEnum):
    """What happened.

    Requests, decisions, attempts, replies and what people do in the inbox are records of their own.
    """

    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    HELD = "held"
    SKIPPED = "skipped"
    SENT = "sent"
    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    REPLIED = "replied"
    PRESSED = "pressed"
    DISMISSED = "dismissed"
    UNKNOWN = "unknown"
    REPLAYED = "replayed"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        tracking_id: The notification it happened to.
        channel: Where, or None when it concerns all of them.
        sentence: What happened, in words a person understands.
        data: Evidence: codes, addresses, links.
    """

    environment_id: int
    tracking_id: str
    at: datetime
    kind: EventKind
    channel: Channel | None
    sentence: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
