"""Channels and notification types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from inbox_app.domain.delivery_option import ChannelOptions
from inbox_app.domain.wall_time import later


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


class PeriodUnit(StrEnum):
    """Units of a throttling period, in the native API's names."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True)
class Throttling:
    """At most so many notifications of a type to one user in a period.

    Attributes:
        max: How many.
        period: Length of the period in ``unit``.
        forever: The period never ends.
    """

    max: int
    period: int = 1
    unit: PeriodUnit = PeriodUnit.HOURS
    forever: bool = False


AS_USUAL = ChannelOptions()
"""How a type behaves on a channel that it says nothing of."""


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
        options: Per channel what users may choose; a channel that is not named has the defaults.
        deduplication: How long an equal notification counts as a repetition; None: never.
        throttling: Most per user and period; None: no limit.
        retention: Days its notifications are kept; None: for ever.
        required: Preferences, quiet hours and pauses cannot hold it back.
        escalation: How long an e-mail waits for the inbox item to be read; None: it does not.
        track_opens: Whether e-mails carry a picture that reports their opening.
        track_clicks: Whether links of e-mails lead over this server.
        resend_unknown: A message that may have arrived is sent again rather than perhaps lost.
        sub_notifications: Title of each subject within the type that can be set apart.
        category: What people find it under, in the inbox and among their preferences; "" for none.
        description: Tells people when they get it, in a sentence or less; "" when it says nothing.
    """

    id: int
    environment_id: int
    name: str
    title: str
    channels: tuple[Channel, ...]
    enabled: bool = True
    options: Mapping[Channel, ChannelOptions] = field(default_factory=dict[Channel, ChannelOptions])
    deduplication: timedelta | None = None
    throttling: Throttling | None = None
    retention: int | None = None
    required: bool = False
    escalation: timedelta | None = None
    track_opens: bool = False
    track_clicks: bool = False
    resend_unknown: bool = False
    sub_notifications: Mapping[str, str] = field(default_factory=dict[str, str])
    category: str = ""
    description: str = ""

    def on(self, channel: Channel) -> ChannelOptions:
        """How the type behaves on a channel."""
        return self.options.get(channel, AS_USUAL)

    def expires_at(self, since: datetime) -> datetime | None:
        """When a notification of a moment has been kept long enough; None: never."""
        return None if self.retention is None else later(since, timedelta(days=self.retention))


def title_from_name(name: str) -> str:
    """A readable title for a type made on the fly: ``order_shipped`` becomes ``Order shipped``."""
    words = name.replace("_", " ").replace("-", " ").replace(".", " ").split()
    return " ".join(words).capitalize() if words else name
