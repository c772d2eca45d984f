"""Channels and notification types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """The ways to reach a user, in the native API's names."""

    EMAIL = "EMAIL"
    INAPP_WEB = "INAPP_WEB"
    SMS = "SMS"
    CALL = "CALL"
    PUSH = "PUSH"
    WEB_PUSH = "WEB_PUSH"
    SLACK = "SLACK"

    @property
    def label(self) -> str:
        """The name people read."""
        return LABELS[self]


LABELS = {
    Channel.EMAIL: "E-mail",
    Channel.INAPP_WEB: "In-app",
    Channel.SMS: "SMS",
    Channel.CALL: "Call",
    Channel.PUSH: "Push",
    Channel.WEB_PUSH: "Web push",
    Channel.SLACK: "Slack",
}


@dataclass(frozen=True)
class NotificationType:
    """A kind of notification.

    Attributes:
        id: Internal key.
        environment_id: The environment it belongs to.
        name: The name senders use, such as ``order_shipped``.
        title: The name people read, such as ``Order shipped``.
        channels: Where it goes unless the send says otherwise.
        enabled: Whether it is sent at all.
    """

    id: int
    environment_id: int
    name: str
    title: str
    channels: tuple[Channel, ...]
    enabled: bool = True


def title_from_name(name: str) -> str:
    """A readable title for a type made on the fly: ``order_shipped`` becomes ``Order shipped``."""
    words = name.replace("_", " ").replace("-", " ").replace(".", " ").split()
    return " ".join(words).capitalize() if words else name
