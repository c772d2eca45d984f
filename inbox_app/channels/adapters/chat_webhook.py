"""Chat webhooks: Slack, Discord, Microsoft Teams, Google Chat, Mattermost, Rocket.Chat, Zulip.

A webhook is an address of the channel SLACK (decision 22); its URL is all that it takes to write
there, so it is kept as a secret.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import Field, field_validator

from inbox_app.channels.chat.answers import NAME, result
from inbox_app.channels.chat.families import Hook, NotCalled, hook_of
from inbox_app.channels.chat.payloads import payload
from inbox_app.channels.http import call, host_of
from inbox_app.channels.spec import Parcel, Provider, ProviderSettings, SendResult, Tools
from inbox_app.domain.address import WEBHOOK
from inbox_app.domain.errors import Permanent, Transient, UnsupportedContent
from inbox_app.domain.notification_type import Channel

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class ChatWebhookSettings(ProviderSettings):
    """Which chats may be written to."""

    allowed_hosts: str = Field(
        "",
        title="Allowed hosts",
        description=(
            "Beside those of Slack, Discord, Teams, Google Chat and Zulip: names with commas "
            "between them, *.example.com for all below one. They may be called without TLS."
        ),
        max_length=4000,
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _names_hosts(cls, value: str) -> str:
        names = listed(value)
        if not all(_HOST.fullmatch(name) for name in names):
            raise ValueError("name hosts alone, without https:// and paths")
        return ", ".join(names)


def listed(value: str) -> tuple[str, ...]:
    """The hosts of a setting, in lower case."""
    return tuple(value.lower().replace(",", " ").split())


async def send(parcel: Parcel, settings: ChatWebhookSettings, tools: Tools) -> SendResult:
    """Posts one message.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    hook = _hook(parcel, settings)
    post = payload(hook.family, parcel.fields)
    if post is None:
        said = f"The message has nothing that {hook.family.value} can show."
        raise UnsupportedContent(NAME, said, status="no_text")
    answer = await call(NAME, tools, "POST", hook.url, json=post.body, outside=True)
    try:
        return replace(result(answer, hook, tools), detail=post.detail)
    except Transient as error:
        # What one chat is answered says nothing of the others on its server.
        error.about_message, error.for_operator = True, False
        raise


def _hook(parcel: Parcel, settings: ChatWebhookSettings) -> Hook:
    try:
        return hook_of(parcel.to, listed(settings.allowed_hosts))
    except NotCalled as error:
        # Not the address's fault: an operator can allow the host.
        raise Permanent(NAME, str(error), status="not_allowed") from None


PROVIDER = Provider(
    name=NAME,
    label="Chat webhook",
    channels=frozenset({Channel.SLACK}),
    settings=ChatWebhookSettings,
    send=send,
    kinds=frozenset({WEBHOOK}),
    place=host_of,
)
