"""SMS through any gateway that takes one HTTP POST per message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, cast
from urllib.parse import parse_qsl

from pydantic import Field, SecretStr, model_validator

from inbox_app.channels.http import accepted, call, refused, refused_once
from inbox_app.channels.spec import Parcel, Provider, ProviderSettings, SendResult, Tools
from inbox_app.channels.texting.segments import cut
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import Permanent, ProviderError, UnsupportedContent
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Answer
from inbox_app.lib.telephone import e164

NAME = "http_sms"
LEAST_SECRET = 4
"""Characters of a value in a query that may be a key; what is shorter stands in every answer."""
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]*$", max_length=100)]


class ContentType(StrEnum):
    """How the gateway reads a request."""

    JSON = "json"
    FORM = "form"


class SmsHttpSettings(ProviderSettings):
    """Where the gateway is and what it calls things."""

    url: str = Field(
        title="URL",
        description="Where each message is sent by POST.",
        pattern=r"^https?://[^\s/?]+",
        max_length=2000,
    )
    query: SecretStr = Field(
        SecretStr(""),
        title="Query",
        description="What follows the question mark of the URL, such as a key.",
        max_length=2000,
    )
    content_type: ContentType = Field(ContentType.JSON, title="Content type")
    to_field: str = Field("to", title="Field of the number", min_length=1, max_length=100)
    text_field: str = Field("text", title="Field of the text", min_length=1, max_length=100)
    from_field: str = Field("from", title="Field of the sender", max_length=100)
    sender: str = Field("", title="Sender", description="Left out when empty.", max_length=100)
    auth_header: HeaderName = Field("Authorization", title="Header of the secret")
    auth_value: SecretStr = Field(
        SecretStr(""), title="Secret", description="Such as: Bearer and the token."
    )
    key_header: HeaderName = Field(
        "",
        title="Header of the idempotency key",
        description="When the gateway drops repeats by one.",
    )
    id_path: str = Field(
        "id",
        title="Path of the message id",
        description="In the JSON answer, with dots: messages.0.id",
        max_length=200,
    )

    @model_validator(mode="before")
    @classmethod
    def _keeps_the_query_secret(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Gateways take keys there; what stands in the URL itself is shown."""
        url = given.get("url")
        if not isinstance(url, str) or "?" not in url:
            return given
        bare, _, query = url.partition("?")
        return {**given, "url": bare, "query": query}

    @property
    def target(self) -> str:
        """The URL that is called."""
        query = self.query.get_secret_value()
        return f"{self.url}?{query}" if query else self.url

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must appear in no error."""
        secret, query = self.auth_value.get_secret_value(), self.query.get_secret_value()
        raw = (pair.partition("=")[2] for pair in query.split("&"))
        values = (*raw, *(value for _, value in parse_qsl(query)))
        keys = (each for each in values if len(each) >= LEAST_SECRET)
        # "Bearer" is no secret, the token behind it is one by itself too.
        return (secret, secret.rpartition(" ")[2], query, *keys)


async def send(parcel: Parcel, settings: SmsHttpSettings, tools: Tools) -> SendResult:
    """Sends one text message.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    number = e164(parcel.to)
    if not number:
        raise Permanent(NAME, "This is no number.", status="number", dead_address=True)
    fields = _fields(parcel, number, settings)
    is_json = settings.content_type is ContentType.JSON
    answer = await call(
        *(NAME, tools, "POST", settings.target),
        headers=_headers(parcel, settings),
        json=fields if is_json else None,
        form=None if is_json else fields,
    )
    if accepted(answer):
        detail = str(cut(fields[settings.text_field]))
        return SendResult(_message_id(answer, settings.id_path), detail)
    raise _refusal(answer, settings, tools)


def _fields(parcel: Parcel, number: str, settings: SmsHttpSettings) -> dict[str, str]:
    message = parcel.fields.get("message")
    if not isinstance(message, str) or not message:
        raise UnsupportedContent(NAME, "The message has no text.")
    fields = {settings.to_field: number, settings.text_field: message}
    if settings.sender and settings.from_field:
        fields[settings.from_field] = settings.sender
    return fields


def _headers(parcel: Parcel, settings: SmsHttpSettings) -> dict[str, str]:
    named = {
        settings.auth_header: settings.auth_value.get_secret_value(),
        settings.key_header: parcel.key,
    }
    return {name: value for name, value in named.items() if name and value}


def _refusal(answer: Answer, settings: SmsHttpSettings, tools: Tools) -> ProviderError:
    words = answer.body.decode(errors="replace")
    detail = spoken(words, *settings.secrets) or "no words"
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        detail = f"The gateway refuses the secret ({detail}). Correct this integration's settings."
    # A gateway that is told a key knows a message again.
    mean = refused if settings.key_header else refused_once
    return mean(NAME, answer, detail, tools)


def _message_id(answer: Answer, path: str) -> str:
    if answer.truncated or not path:
        return ""
    try:
        value: object = json.loads(answer.body)
        for step in path.split("."):
            value = _inside(value, step)
    except (ValueError, LookupError, RecursionError):
        return ""
    return spoken(str(value)) if isinstance(value, str | int) else ""


def _inside(value: object, step: str) -> object:
    if isinstance(value, list):
        return cast("list[Any]", value)[int(step)]
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)[step]
    raise LookupError(step)


PROVIDER = Provider(
    name=NAME,
    label="SMS gateway (HTTP)",
    channels=frozenset({Channel.SMS}),
    settings=SmsHttpSettings,
    send=send,
)
