"""Slack: messages by its Web API, replies in threads and buttons by its reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field, SecretStr

from inbox_app.channels.slack import hearing, tokens
from inbox_app.channels.slack.client import Slack
from inbox_app.channels.slack.errors import NAME, Speaker
from inbox_app.channels.slack.message import message
from inbox_app.channels.slack.names import Directory
from inbox_app.channels.spec import (
    Age,
    Call,
    Heard,
    Parcel,
    Provider,
    ProviderSettings,
    Renewal,
    SendResult,
    Tools,
)
from inbox_app.domain.errors import Permanent, ProviderError, Transient
from inbox_app.domain.notification_type import Channel


class SlackSettings(ProviderSettings):
    """The app that writes to Slack."""

    bot_token: SecretStr = Field(
        SecretStr(""),
        title="Bot token",
        description="xoxb-...; needed unless everybody connects Slack by themselves.",
    )
    signing_secret: SecretStr = Field(
        SecretStr(""),
        title="Signing secret",
        description="Proves that it is Slack that reports replies and buttons.",
    )
    client_id: str = Field(
        "",
        title="Client ID",
        description="With the secret: renews the tokens of people that end after 12 hours.",
        max_length=200,
    )
    client_secret: SecretStr = Field(SecretStr(""), title="Client secret")


@dataclass(frozen=True)
class _Access:
    """The token to speak by, and who it is.

    Attributes:
        user_id: The person who granted it, or "".
    """

    token: str = field(repr=False)
    speaker: Speaker
    user_id: str = ""


async def send(parcel: Parcel, settings: SlackSettings, tools: Tools) -> SendResult:
    """Posts one message.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    said = message(parcel.fields)
    access = _access(parcel, settings, tools.now())
    slack = Slack(tools, access.token, access.speaker)
    place = await _place(parcel, access, slack, tools)
    answer = await slack.post("chat.postMessage", {"channel": place, **said})
    channel, ts = str(answer.get("channel") or ""), str(answer.get("ts") or "")
    return SendResult(message_id=hearing.message_id(channel, ts) if channel and ts else "")


def _access(parcel: Parcel, settings: SlackSettings, now: datetime) -> _Access:
    """The person's own token before the environment's."""
    grant = tokens.read(parcel.secret)
    if grant and grant.token:
        renewable = bool(grant.refresh_token)
        own = Speaker(own=True, renewable=renewable, secrets=grant.secrets, since=now)
        return _Access(grant.token, own, grant.user_id)
    token = settings.bot_token.get_secret_value()
    if not token:
        raise _nobody_speaks()
    return _Access(token, Speaker(secrets=(token,), since=now), grant.user_id if grant else "")


async def _place(parcel: Parcel, access: _Access, slack: Slack, tools: Tools) -> str:
    """Where to post: an id, or a channel's name, which Slack takes as it is."""
    if parcel.to.startswith("@"):
        directory = tools.resources.get(Directory)
        return await directory.find(slack, access.token, parcel.to[1:], tools.now())
    if parcel.to or access.user_id:
        return parcel.to or access.user_id
    if not parcel.secret:
        # It has one, or this would be no address: the key that it was sealed with is missing.
        raise _nobody_speaks()
    said = "The person's token does not say who they are, and no channel is named."
    raise Permanent(NAME, said, status="user_not_found", dead_address=True)


def _nobody_speaks() -> ProviderError:
    """An operator, or the person, can mend that; others may have connected."""
    said = "No bot token is set, and no token of the person can be used."
    return Transient(NAME, said, status="not_authed", about_message=True)


async def hear(call: Call, settings: SlackSettings, tools: Tools) -> Heard:
    """Reads events and interactions. It waits for nothing: Slack does for three seconds only.

    Raises:
        Unauthenticated: Slack has not signed it.
        InvalidInput: it cannot be understood.
    """
    now = tools.now()
    hearing.prove(call, settings.signing_secret.get_secret_value(), now)
    return hearing.read(call, now)


def whose(secret: str) -> str:
    """The id of the person who connected Slack, or ""."""
    grant = tokens.read(secret)
    return grant.user_id if grant else ""


def age(secret: str, settings: SlackSettings, now: datetime) -> Age:
    """Where a person's token stands; it can be renewed by the app that it was granted to."""
    grant = tokens.read(secret)
    able = settings.client_id and settings.client_secret.get_secret_value()
    return grant.age(now) if grant and able else Age.FRESH


async def renew(secret: str, settings: SlackSettings, tools: Tools) -> str:
    """Exchanges a person's refresh token, which Slack takes once, for a new pair.

    Raises:
        Transient, RateLimited, Permanent, OutcomeUnknown: as `Renewal.renew`.
    """
    grant = tokens.read(secret)
    refresh_token = grant.refresh_token if grant else ""
    client_secret = settings.client_secret.get_secret_value()
    secrets = (refresh_token, client_secret)
    speaker = Speaker(own=True, renewable=True, secrets=secrets, since=tools.now())
    form = {
        "client_id": settings.client_id,
        "client_secret": client_secret,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    answer = await Slack(tools, "", speaker).exchange("oauth.v2.access", form)
    made = tokens.renewed(secret, answer, tools.now())
    if made is None:
        said = "Slack answered a renewal without a token."
        raise Transient(NAME, said, status="unreadable", about_message=True)
    return made


PROVIDER = Provider(
    name=NAME,
    label="Slack",
    channels=frozenset({Channel.SLACK}),
    settings=SlackSettings,
    send=send,
    kinds=frozenset({""}),
    hear=hear,
    whose=whose,
    renewal=Renewal(age, renew),
)
