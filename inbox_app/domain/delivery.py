"""Deliveries: one message to one address, with a status; attempts: calls to a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.notification_type import Channel


class DeliveryStatus(StrEnum):
    """Where a delivery stands; `MOVES` says what may follow what."""

    HELD = "held"
    """Rides in a digest and goes when that goes."""
    PENDING = "pending"
    """Waits until it is due: at once, at a time, or for another try."""
    SENDING = "sending"
    """A worker holds a lease on it."""
    SENT = "sent"
    """A provider took it, or the sandbox captured it."""
    DELIVERED = "delivered"
    """A receipt says it arrived."""
    SKIPPED = "skipped"
    """A rule that was asked again right before sending held it back."""
    CANCELLED = "cancelled"
    """The sender took it back before it was sent."""
    FAILED = "failed"
    """Refused for good, or tried as often as allowed; can be replayed."""
    UNKNOWN = "unknown"
    """The line broke after the request was written: it may have arrived; can be replayed."""

    @property
    def is_final(self) -> bool:
        """No worker will touch it any more."""
        return self not in {self.HELD, self.PENDING, self.SENDING}


_S = DeliveryStatus
MOVES: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    _S.HELD: frozenset({_S.PENDING, _S.SENT, _S.SKIPPED, _S.CANCELLED, _S.FAILED, _S.UNKNOWN}),
    _S.PENDING: frozenset({_S.SENDING, _S.HELD, _S.CANCELLED, _S.SKIPPED}),
    _S.SENDING: frozenset({_S.PENDING, _S.SENT, _S.SKIPPED, _S.FAILED, _S.UNKNOWN, _S.HELD}),
    _S.SENT: frozenset({_S.DELIVERED, _S.FAILED}),
    _S.DELIVERED: frozenset({_S.FAILED}),
    _S.SKIPPED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.FAILED: frozenset({_S.PENDING, _S.HELD}),
    _S.UNKNOWN: frozenset({_S.PENDING, _S.HELD, _S.SENT, _S.DELIVERED, _S.FAILED}),
}
"""What may follow each status; a complaint may follow a delivery, a replay a failure."""

REPLAYABLE = frozenset({DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN})


class AttemptOutcome(StrEnum):
    """What one call to a provider came to."""

    STARTED = "started"
    """Not known yet; after a crash never."""
    SENT = "sent"
    TRANSIENT = "transient"
    RATE_LIMITED = "rate_limited"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    INTERRUPTED = "interrupted"
    """The worker died, or stopped, in the middle."""


@dataclass(frozen=True)
class Held:
    """A message that waits for its time: on which channel, and until when."""

    channel: Channel
    due_at: datetime


@dataclass(frozen=True)
class Delivery:
    """A message to one address.

    Attributes:
        id: Internal key.
        environment_id: Where it belongs.
        user_id: Internal key of the person.
        type_id: Its notification type; 0 for a summary over several types.
        tracking_id: Its notification; None for a digest, which belongs to several.
        channel: How it goes.
        address: To whom; "" where the channel has one address by itself.
        status: Where it stands.
        due_at: When it is to be sent; for one that is held, when its digest is.
        option: Instant, or the kind of digest it rides in.
        rule: Name of the rule that let it wait or, once skipped, held it back.
        attempts: Calls made so far.
        tried_since: When the first of them was made, since it was replayed if it was.
        tried_before: How many of them do not count any more: those before it was replayed, and
            those that were interrupted.
        interruptions: How often a worker stopped in the middle of it.
        digest_id: The digest it rides in.
        window_start: Of a digest: where its window begins.
        template: Name of the template the sender asked for.
        integration_id: What it was, or is next to be, sent through; None before the first.
        message_id: The provider's name for it.
        detail: The last outcome in words.
        created_at: When it was planned.
        updated_at: When its status last changed.
    """

    id: int
    environment_id: int
    user_id: int
    type_id: int
    tracking_id: str | None
    channel: Channel
    address: str
    status: DeliveryStatus
    due_at: datetime
    created_at: datetime
    updated_at: datetime
    option: DeliveryOption = DeliveryOption.INSTANT
    rule: str = ""
    attempts: int = 0
    digest_id: int | None = None
    window_start: datetime | None = None
    template: str | None = None
    integration_id: int | None = None
    message_id: str = ""
    detail: str = ""
    tried_since: datetime | None = None
    tried_before: int = 0
    interruptions: int = 0

    @property
    def is_digest(self) -> bool:
        """Whether others ride in it."""
        return self.window_start is not None


@dataclass(frozen=True)
class Attempt:
    """One call to a provider.

    Attributes:
        number: 1 for the first of its delivery.
        provider: Name of the provider, such as ``smtp`` or ``capture``.
        code: The provider's own code, or "".
        detail: What happened, in words, without secrets.
        retry_at: When the next try is due, None when there is none.
    """

    delivery_id: int
    number: int
    provider: str
    started_at: datetime
    outcome: AttemptOutcome
    integration_id: int | None = None
    ended_at: datetime | None = None
    code: str = ""
    detail: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Message:
    """A notification rendered for one channel.

    Attributes:
        channel: What it is rendered for.
        fields: The content in the channel's terms: subject, html, text ... ; JSON values.
        warnings: What the sender should know: values that were missing and the like.
    """

    channel: Channel
    fields: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Integration:
    """An environment's settings for one provider.

    Attributes:
        settings: The provider's settings; secrets included, so never logged or shown.
        position: Order of fail-over within its channel, smallest first.
        rate: Most messages per second; None leaves it to the provider.
        concurrency: Most calls at a time in one process.
        problem: The last refusal that only an operator can mend, in words without secrets; "" once
            something went well or the settings changed.
    """

    id: int
    environment_id: int
    channel: Channel
    provider: str
    name: str
    settings: Mapping[str, Any] = field(repr=False)
    position: int = 0
    enabled: bool = True
    rate: float | None = None
    concurrency: int = 16
    problem: str = ""


class SuppressionReason(StrEnum):
    """Why nothing is sent to an address any more."""

    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"
    UNSUBSCRIBE = "Unsubscribe"
    INVALID = "Invalid"
    MANUAL = "Manual"


@dataclass(frozen=True)
class Suppression:
    """An address that is not to be used."""

    environment_id: int
    channel: Channel
    address: str
    reason: SuppressionReason
    details: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Captured:
    """What the sandbox kept instead of sending it."""

    id: int
    environment_id: int
    delivery_id: int
    tracking_id: str | None
    channel: Channel
    to: str
    fields: Mapping[str, Any]
    at: datetime
