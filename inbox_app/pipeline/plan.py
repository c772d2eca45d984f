"""The plan: one decision per channel, each with the one rule that made it.

The rules are asked in this order and the first that applies decides: the environment is off for
the channel, the type is disabled, there is no content, there is no address, there is no provider;
else it is sent.
"""

from __future__ import annotations

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.notification import Send
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.user import Profile

DELIVERED = frozenset({Channel.INAPP_WEB})
"""Channels this server has a provider for."""


def plan(send: Send, kind: NotificationType, profile: Profile) -> tuple[Decision, ...]:
    """Decides every channel of a send. Pure: the same arguments give the same decisions."""
    return tuple(_decide(send, kind, profile, channel) for channel in channels(send, kind))


def channels(send: Send, kind: NotificationType) -> tuple[Channel, ...]:
    """The forced channels, else those of the type and of the inline content."""
    wanted = set(send.forced_channels) or {*kind.channels, *send.channels_with_content}
    return tuple(channel for channel in Channel if channel in wanted)


def _decide(send: Send, kind: NotificationType, profile: Profile, channel: Channel) -> Decision:
    name = channel.label
    if channel in send.environment.disable_sending:
        return Decision(
            channel, Outcome.SKIP, Rule.ENVIRONMENT_OFF, f"{name} is switched off for everyone."
        )
    if not kind.enabled:
        return Decision(
            channel, Outcome.SKIP, Rule.TYPE_DISABLED, f"“{kind.title}” is switched off."
        )
    if channel not in send.channels_with_content:
        return Decision(
            channel, Outcome.FAIL, Rule.NO_CONTENT, f"The sender gave no text for {name}."
        )
    if not profile.reaches(channel):
        return Decision(
            channel, Outcome.SKIP, Rule.NO_ADDRESS, f"There is no address of yours for {name}."
        )
    if channel not in DELIVERED:
        return Decision(
            channel, Outcome.SKIP, Rule.NO_PROVIDER, f"{name} is not connected on this server."
        )
    return Decision(channel, Outcome.SEND, Rule.ALLOWED, "Delivered to your inbox.")
