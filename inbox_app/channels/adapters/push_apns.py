"""Push to Apple's devices through APNs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from pydantic import Field, SecretStr, field_validator

from inbox_app.channels.apns import NAME
from inbox_app.channels.apns.notification import Notification, notification
from inbox_app.channels.apns.tokens import ProviderTokens, Signer, signing_key
from inbox_app.channels.foreign import text
from inbox_app.channels.http import accepted, call_http2, document, refused, until
from inbox_app.channels.push import whole
from inbox_app.channels.spec import Parcel, Provider, ProviderSettings, SendResult, Tools
from inbox_app.domain.errors import Permanent, ProviderError, Transient, UnsupportedContent
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Answer


class Environment(StrEnum):
    """Which of Apple's services has given a token out."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"


HOSTS: Mapping[str, str] = {
    Environment.PRODUCTION: "api.push.apple.com",
    Environment.SANDBOX: "api.sandbox.push.apple.com",
    # What an app's entitlement calls it.
    "development": "api.sandbox.push.apple.com",
}
TOKEN = re.compile(r"[0-9a-fA-F]+")
"""Apple says of a device token that it has no fixed length."""
REASON = re.compile(r"[A-Za-z]{1,40}")
EXPIRED = "ExpiredProviderToken"
DEAD = {
    "ExpiredToken": "The token has expired.",
    "Unregistered": "The device does not take this app's notifications any more.",
}
BAD_TOKEN = "BadDeviceToken"  # noqa: S105 - a reason
"""Said of each device of the other environment too, so a device counts as dead by it only where it
names its own environment."""
DOUBTFUL = {
    BAD_TOKEN: "The token is not valid, or is one of the other environment (sandbox or "
    "production) than this integration's.",
    "DeviceTokenNotForTopic": "The token belongs to another app than this integration's.",
}
"""Said of each device once the wrong environment or bundle id is saved, so no device is given up
for it; another integration may have the right one."""
SETTINGS = frozenset({"BadTopic", "MissingTopic", "TopicDisallowed"})
"""Refusals with 400 that are the settings' fault, not the message's."""


class ApnsSettings(ProviderSettings):
    """Who we are to Apple, and whose app it is."""

    key: SecretStr = Field(title="Key", description="The .p8 file from Apple's developer account.")
    key_id: str = Field(title="Key ID", pattern=r"^[A-Z0-9]{10}$")
    team_id: str = Field(title="Team ID", pattern=r"^[A-Z0-9]{10}$")
    bundle_id: str = Field(
        title="Bundle ID",
        description="The app, such as com.example.app.",
        pattern=r"^[A-Za-z0-9.-]+$",
        max_length=255,
    )
    environment: Environment = Field(
        Environment.PRODUCTION,
        title="Environment",
        description="Of the devices that do not say theirs.",
    )

    @field_validator("key")
    @classmethod
    def _is_one_of_apples(cls, value: SecretStr) -> SecretStr:
        signing_key(value.get_secret_value())
        return value


async def send(parcel: Parcel, settings: ApnsSettings, tools: Tools) -> SendResult:
    """Sends one push to one device.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    if not TOKEN.fullmatch(parcel.to):
        raise Permanent(
            NAME, "The token is not one of Apple's.", status=BAD_TOKEN, dead_address=True
        )
    told = notification(parcel, settings.bundle_id, tools.now())
    answer = await _post(parcel, told, settings, tools)
    if accepted(answer):
        return SendResult(message_id=told.id)
    if _reason(answer) == BAD_TOKEN and _own_host(parcel):
        raise Permanent(NAME, DOUBTFUL[BAD_TOKEN], status=BAD_TOKEN, dead_address=True)
    raise _refusal(answer, tools)


def _own_host(parcel: Parcel) -> str:
    """Who has given the token out, where the device says so; else ""."""
    return HOSTS.get(text(parcel.details, "environment").lower(), "")


async def _post(parcel: Parcel, told: Notification, settings: ApnsSettings, tools: Tools) -> Answer:
    """Sends it, and once more when the provider token is too old and there can be a new one."""
    ends = asyncio.get_running_loop().time() + tools.timeout
    tokens = tools.resources.get(ProviderTokens)
    signer = Signer(settings.team_id, settings.key_id, settings.key.get_secret_value())
    token = tokens.get(signer, tools.now())
    answer = await _call(parcel, told, settings, until(tools, ends), token)
    if _reason(answer) == EXPIRED and (token := tokens.after_refusal(signer, token, tools.now())):
        answer = await _call(parcel, told, settings, until(tools, ends), token)
    return answer


async def _call(
    parcel: Parcel, told: Notification, settings: ApnsSettings, tools: Tools, token: str
) -> Answer:
    host = _own_host(parcel) or HOSTS[settings.environment]
    return await call_http2(
        *(NAME, tools, f"https://{host}/3/device/{parcel.to}"),
        headers={"authorization": f"bearer {token}", **told.headers},
        body=told.body,
        # Apple takes a connection for one team's, with the keys and apps it has seen first.
        lane=f"{settings.team_id} {settings.key_id} {settings.bundle_id}",
    )


def _refusal(answer: Answer, tools: Tools) -> ProviderError:
    """By Apple's reasons (Apple, handling notification responses)."""
    reason = _reason(answer)
    status = reason or str(answer.status)
    if reason in DOUBTFUL:
        return Permanent(NAME, DOUBTFUL[reason], status=status, for_operator=True)
    if reason in DEAD or answer.status == HTTPStatus.GONE:
        detail = DEAD.get(reason, DEAD["Unregistered"])
        since = _since(document(answer))
        return Permanent(NAME, detail, status=status, dead_address=True, dead_since=since)
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return UnsupportedContent(NAME, "Apple says that the message is too long.", status=status)
    detail = f"Apple refuses it ({reason or 'no words'})."
    if reason == "IdleTimeout":
        return Transient(NAME, detail, status=status)
    if reason in SETTINGS or answer.status == HTTPStatus.FORBIDDEN:
        clock, settings = "Check this server's clock.", "Correct this integration's settings."
        detail = f"{detail} {clock if reason == EXPIRED else settings}"
        return Transient(NAME, detail, status=status, for_operator=True)
    return refused(NAME, answer, detail, tools, reason)


def _reason(answer: Answer) -> str:
    """Apple's own code, "" when there is none."""
    reason = text(document(answer), "reason")
    return reason if REASON.fullmatch(reason) else ""


def _since(said: Mapping[str, Any]) -> datetime | None:
    """When Apple last found that the token is dead; it says so in milliseconds since 1970."""
    moment = whole(said, "timestamp")
    try:
        return None if moment is None else datetime.fromtimestamp(moment / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


PROVIDER = Provider(
    name=NAME,
    label="Apple (APNs)",
    channels=frozenset({Channel.PUSH}),
    settings=ApnsSettings,
    send=send,
    kinds=frozenset({"APN"}),
)
