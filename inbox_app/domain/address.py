"""Addresses that services give out: device tokens, web-push subscriptions, places in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inbox_app.domain.notification_type import Channel

GIVEN_OUT = frozenset({Channel.PUSH, Channel.WEB_PUSH, Channel.SLACK})
"""Channels whose addresses are kept one by one, each with how it fares."""
HANDED_ON = frozenset({Channel.PUSH, Channel.WEB_PUSH})
"""Of those the ones with devices: one of them is one person's, whoever used it before."""
WEBHOOK = "webhook"
"""Kind of a chat that is written to by a URL."""


@dataclass(frozen=True)
class Standing:
    """How an address fares.

    Attributes:
        told_at: When it was last said to be the person's.
        last_success_at: When a service last took a message for it.
        last_failure_at: When one last did not.
        last_failure: What came of that, in the provider's words, without secrets.
        disabled_at: Since when it is not used any more; None as long as it is.
        disabled_reason: Why, in a sentence.
    """

    told_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: str = ""
    disabled_at: datetime | None = None
    disabled_reason: str = ""


UNTRIED = Standing()


@dataclass(frozen=True)
class Address:
    """One way to reach a user.

    Attributes:
        channel: What goes there.
        value: Its name: a token, an endpoint, a place in Slack, a URL; "" is the one place that
            needs no name.
        kind: Which of the services that carry the channel takes it: ``FCM``, ``APN``, `WEBHOOK`;
            "" when any does.
        details: What its service gave out with it, as the native API's object.
        secret: What lets one write to it, sealed.
    """

    channel: Channel
    value: str
    kind: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    secret: str | None = field(default=None, repr=False)
    standing: Standing = UNTRIED

    @property
    def key(self) -> tuple[Channel, str]:
        """Names it among those of a user."""
        return self.channel, self.value

    @property
    def disabled(self) -> bool:
        """Whether its service has said that it is dead."""
        return self.standing.disabled_at is not None

    def says_the_same(self, other: Address) -> bool:
        """Whether they differ in nothing but how they fare."""
        return (self.key, self.kind, self.details, self.secret) == (
            *(other.key, other.kind, other.details, other.secret),
        )


def kind_of_chat(destination: str) -> str:
    """`WEBHOOK` for the URL of one, "" for a place in Slack."""
    return WEBHOOK if destination.startswith(("https://", "http://")) else ""
