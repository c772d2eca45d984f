"""Notifications: what a sender asked for, and the inbox item it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery
from inbox_app.domain.environment import Environment
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile


@dataclass(frozen=True)
class Action:
    """One of the up to two buttons of an inbox item; without a URL it only records the answer."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class InAppContent:
    """What an inbox item shows. As sent it may hold placeholders; rendered it holds none.

    Attributes:
        title: Plain text, shown literally.
        body: Plain text; line breaks are kept.
        html: Rich body, sanitised when rendered; takes the place of ``body``.
        url: Where the item leads, http(s) or a path on the host, or "".
        image: Picture or avatar, http(s) or a path, or "".
        actions: At most two buttons.
        replies: Whether the reader may reply.
    """

    title: str
    body: str = ""
    html: str = ""
    url: str = ""
    image: str = ""
    actions: tuple[Action, ...] = ()
    replies: bool = True


@dataclass(frozen=True)
class IdempotencyKey:
    """A sender's key with the hash of the body it came with."""

    key: str
    body_hash: str


@dataclass(frozen=True)
class Send:
    """A validated request to notify one user.

    Attributes:
        tracking_id: The notification's public name.
        environment: Where it was sent.
        user_id: The sender's id of the person.
        profile: What the send says about the person; merged into the user.
        type_name: The notification type; made on the fly when unknown.
        channels_with_content: Channels that have inline content, in the order of `Channel`.
        forced_channels: Replaces the type's channels when not empty.
        in_app: Inline in-app content, or None.
        parameters: Merge values.
        replacements: Literal texts to replace in the content.
        sub_notification_id: The subject within the type, or None.
        secondary_id: The sender's second id, or None.
        request: The request as JSON text, kept for the record.
        accepted_at: When it came in; the item's date.
        idempotency: The sender's idempotency key, or None.
        content: Inline content of the other channels, in the native API's terms.
        options: The native API's ``options``.
        template: Name of the template to use, or None for each channel's default.
        schedule: When it is to go out, None for now.
        fingerprint: What it says, hashed; None when its type has no use for it.
    """

    tracking_id: str
    environment: Environment
    user_id: str
    profile: Profile
    type_name: str
    accepted_at: datetime
    channels_with_content: tuple[Channel, ...] = ()
    forced_channels: tuple[Channel, ...] = ()
    in_app: InAppContent | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    replacements: Mapping[str, str] = field(default_factory=dict[str, str])
    sub_notification_id: str | None = None
    secondary_id: str | None = None
    request: str = "{}"
    idempotency: IdempotencyKey | None = None
    content: Mapping[Channel, Mapping[str, Any]] = field(
        default_factory=dict[Channel, Mapping[str, Any]]
    )
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    template: str | None = None
    schedule: datetime | None = None
    fingerprint: str | None = None

    @property
    def wanted_at(self) -> datetime:
        """When it is to go out."""
        return max(self.schedule, self.accepted_at) if self.schedule else self.accepted_at


@dataclass(frozen=True)
class Accepted:
    """The answer to a send: its tracking id, and remarks for the sender."""

    tracking_id: str
    messages: tuple[str, ...] = ()


class Ignored(StrEnum):
    """Why a notification reached nobody, in the native API's names."""

    THROTTLING = "THROTTLING"
    DEDUPLICATION = "DEDUPLICATION"
    DISABLED_NOTIFICATION = "DISABLED_NOTIFICATION"
    ALL_CHANNELS_IGNORED = "ALL_CHANNELS_IGNORED"


@dataclass(frozen=True)
class Planned:
    """A send with everything decided and rendered, ready to be stored.

    Attributes:
        item: The inbox item to be shown now, or None.
        deliveries: What workers are to send.
        payload: What they need to render it, or None when there is nothing to send.
        batch: What inbox items have in common that this one may be merged with, or None.
        expires_at: When its type keeps it no longer, or None.
        part_of: The notification whose inbox item it became part of, or None.
    """

    send: Send
    user_id: int
    type_id: int
    decisions: tuple[Decision, ...]
    item: InAppContent | None
    messages: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    payload: Mapping[str, Any] | None = None
    ignored: Ignored | None = None
    batch: str | None = None
    expires_at: datetime | None = None
    part_of: str | None = None


@dataclass(frozen=True)
class Kept:
    """A notification as it is kept.

    Attributes:
        user_id: Internal key of the person.
        payload: What workers need to render it.
        scheduled_for: When its sender wanted it out, None for at once.
        ignored: Why it reached nobody, or None.
        expires_at: When its type keeps it no longer, or None.
    """

    tracking_id: str
    user_id: int
    type_id: int
    accepted_at: datetime
    payload: Mapping[str, Any]
    sub_notification_id: str | None = None
    secondary_id: str | None = None
    scheduled_for: datetime | None = None
    cancelled_at: datetime | None = None
    ignored: Ignored | None = None
    expires_at: datetime | None = None


MOST_BATCHED = 20
"""How many notifications' merge values an inbox item keeps."""


@dataclass(frozen=True)
class OpenBatch:
    """An inbox item that newer ones of its kind still become part of.

    Attributes:
        user_id: Internal key of the person.
        key: What its notifications have in common.
        at: When the newest of them came.
        state: Where it stands; new again once it has taken in another.
        batched: Merge values of the notifications in it, the oldest first; of many the first one's
            and those of the newest, `MOST_BATCHED` in all.
        size: How many notifications it stands for.
    """

    tracking_id: str
    user_id: int
    key: str
    at: datetime
    title: str
    state: ItemState
    batched: Sequence[Mapping[str, Any]]
    size: int


@dataclass(frozen=True)
class Attachment:
    """A picture that goes with a reply; its name cannot be guessed. Sizes in pixels and bytes."""

    id: str
    content_type: str
    width: int
    height: int
    size: int


MOST_ATTACHMENTS = 4
"""Of one reply."""


@dataclass(frozen=True)
class Reply:
    """One message of an item's thread.

    Attributes:
        id: Same for the same report, so that a repeated one is not stored twice.
        tracking_id: The item it belongs to.
        from_user: Written by the person the item is for; else by the sender.
        author: Name shown beside it.
        message: Plain text.
        at: When it was written.
        attachments: Its pictures.
    """

    id: str
    tracking_id: str
    from_user: bool
    author: str
    message: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class InboxItem:
    """What the feed lists.

    Attributes:
        tracking_id: Public name, also the item's key.
        user_id: Internal key of the person.
        at: When it was accepted; the feed's order.
        change: The person's change number when the item last changed.
        type_name: Name of its type.
        type_title: Title of its type.
        content: What it shows.
        state: Seen, opened and so on.
        replies: How many replies the thread holds.
        batched: Merge values of notifications that became part of it (`OpenBatch.batched`).
        batch_size: How many notifications it stands for.
        category: Category of its type, or "".
        expires_at: When its type keeps it no longer, or None.
    """

    tracking_id: str
    user_id: int
    at: datetime
    change: int
    type_name: str
    type_title: str
    content: InAppContent
    state: ItemState
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sub_notification_id: str | None = None
    replies: int = 0
    batched: Sequence[Mapping[str, Any]] = ()
    batch_size: int = 1
    category: str = ""
    expires_at: datetime | None = None
