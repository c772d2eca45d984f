"""Texts and calls by Twilio's REST API (version 2010-04-01), and what it reports of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Self, cast
from urllib.parse import urlencode

from pydantic import Field, SecretStr, model_validator

from inbox_app.channels.http import accepted, call, document
from inbox_app.channels.spec import (
    Call,
    Heard,
    Parcel,
    Provider,
    ProviderSettings,
    Said,
    SendResult,
    Tools,
)
from inbox_app.channels.texting.segments import cut
from inbox_app.channels.twilio import twiml
from inbox_app.channels.twilio.codes import INVALID_TO, failure
from inbox_app.channels.twilio.reports import DELIVERY, receipts_of
from inbox_app.channels.twilio.signature import fields_of
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import Permanent, Transient, UnsupportedContent
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Answer
from inbox_app.lib.telephone import e164

NAME = "twilio"
STAGES = ("initiated", "ringing", "answered", "completed")
"""Of a call: by itself Twilio reports the last alone."""
Form = list[tuple[str, str]]
"""Some of its fields are there more than once."""


class TwilioSettings(ProviderSettings):
    """Whose account it is, and who its messages come from."""

    account_sid: str = Field(title="Account SID", pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr = Field(
        title="Auth token",
        description="Of the account; it also proves that a report comes from Twilio.",
        min_length=1,
    )
    api_key_sid: str = Field(
        "",
        title="API key SID",
        description="Empty: the account itself signs in.",
        pattern=r"^(SK[0-9a-fA-F]{32})?$",
    )
    api_key_secret: SecretStr = Field(SecretStr(""), title="API key secret")
    from_number: str = Field(
        "",
        title="From",
        description="A number such as +15005550006; for texts also a short code or a name.",
        pattern=r"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 +_&-]{1,11})?$",
    )
    messaging_service_sid: str = Field(
        "",
        title="Messaging service SID",
        description="Texts come from the numbers of this service, calls do not.",
        pattern=r"^(MG[0-9a-fA-F]{32})?$",
    )
    voice: str = Field(
        "",
        title="Voice of calls",
        description="Such as Polly.Joanna. Empty: the account's.",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=100,
    )
    language: str = Field(
        "",
        title="Language of calls",
        description="Such as de-DE. Empty: the voice's.",
        pattern=r"^[A-Za-z0-9-]*$",
        max_length=35,
    )
    host: str = Field(
        "api.twilio.com",
        title="API host",
        description="Of an account in another region, such as api.dublin.ie1.twilio.com.",
        pattern=r"^([a-z0-9-]{1,63}\.){1,4}twilio\.com$",
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not (self.from_number or self.messaging_service_sid):
            raise ValueError("a number or a messaging service is needed")
        if bool(self.api_key_sid) is not bool(self.api_key_secret.get_secret_value()):
            raise ValueError("an API key has both a SID and a secret")
        return self

    @property
    def authorization(self) -> str:
        """Of each request (RFC 7617)."""
        secret = (self.api_key_secret if self.api_key_sid else self.auth_token).get_secret_value()
        pair = f"{self.api_key_sid or self.account_sid}:{secret}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must appear in no error."""
        kept = (self.auth_token.get_secret_value(), self.api_key_secret.get_secret_value())
        return (self.authorization.partition(" ")[2], *kept)


async def send(parcel: Parcel, settings: TwilioSettings, tools: Tools) -> SendResult:
    """Sends a text, or makes a call that says one.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    number = e164(parcel.to)
    if not number:
        raise Permanent(NAME, "This is no number.", status=INVALID_TO, dead_address=True)
    if parcel.channel is Channel.CALL:
        resource, detail, form = "Calls", "", _call(parcel, settings)
    else:
        resource, detail, form = "Messages", _measure(parcel), _text(parcel, settings)
    headers = {
        "Authorization": settings.authorization,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = await call(
        *(NAME, tools, "POST"),
        f"https://{settings.host}/2010-04-01/Accounts/{settings.account_sid}/{resource}.json",
        headers=headers,
        body=urlencode([("To", number), *form]).encode(),
    )
    if accepted(answer):
        return SendResult(_sid(answer), detail)
    own_sender = bool(_own_sender(parcel))
    raise failure(NAME, answer, tools, settings.secrets, own_sender=own_sender)


def _text(parcel: Parcel, settings: TwilioSettings) -> Form:
    message, media = _message(parcel), _media(parcel)
    if not message and not media:
        raise UnsupportedContent(NAME, "The message has no text.")
    form: Form = [_sender(parcel, settings)]
    form += [("Body", message)] if message else []
    form += [("MediaUrl", url) for url in media]
    return [*form, *_callback(parcel)]


def _call(parcel: Parcel, settings: TwilioSettings) -> Form:
    message = _message(parcel)
    if not message:
        raise UnsupportedContent(NAME, "The call has no text.")
    if not settings.from_number.startswith("+"):
        missing = "Calls need a number. Set the From of this integration's settings to one."
        raise Transient(NAME, missing, status="settings", for_operator=True)
    said = twiml.call(message, settings.voice, settings.language)
    if len(said) > twiml.LONGEST:
        raise UnsupportedContent(NAME, "The text is too long for a call.")
    callback = _callback(parcel)
    stages = [("StatusCallbackEvent", stage) for stage in STAGES] if callback else []
    return [("From", settings.from_number), ("Twiml", said), *callback, *stages]


def _sender(parcel: Parcel, settings: TwilioSettings) -> tuple[str, str]:
    if own := _own_sender(parcel):
        return "From", own
    if settings.messaging_service_sid:
        return "MessagingServiceSid", settings.messaging_service_sid
    return "From", settings.from_number


def _own_sender(parcel: Parcel) -> str:
    """Whom the message itself says that it is to come from, or ""."""
    given: object = parcel.fields.get("from")
    return given if isinstance(given, str) and parcel.channel is Channel.SMS else ""


def _message(parcel: Parcel) -> str:
    given: object = parcel.fields.get("message")
    return given if isinstance(given, str) else ""


def _media(parcel: Parcel) -> list[str]:
    given: object = parcel.fields.get("media_urls")
    known = cast("list[object]", given) if isinstance(given, list) else []
    return [each for each in known if isinstance(each, str)]


def _measure(parcel: Parcel) -> str:
    """What it is counted as."""
    files = len(_media(parcel))
    if files:
        return f"MMS with {files} file{'' if files == 1 else 's'}"
    return str(cut(_message(parcel)))


def _callback(parcel: Parcel) -> Form:
    if not parcel.callback:
        return []
    # Matched by this, a report may come before the answer to the request.
    return [("StatusCallback", f"{parcel.callback}?{DELIVERY}={parcel.delivery_id}")]


def _sid(answer: Answer) -> str:
    given: object = document(answer).get("sid")
    return spoken(given) if isinstance(given, str) else ""


async def hear(call: Call, settings: TwilioSettings, tools: Tools) -> Heard:
    """What Twilio reports, or somebody writes back.

    Raises:
        Unauthenticated: it is not signed with the account's auth token.
        InvalidInput: it is about neither a message nor a call.
    """
    fields = fields_of(call, settings.auth_token.get_secret_value())
    return Heard(receipts_of(fields, tools.now()), _answer(()), _answer)


def _answer(texts: Sequence[str]) -> Said:
    return Said(body=twiml.answer(texts), content_type="text/xml")


PROVIDER = Provider(
    name=NAME,
    label="Twilio",
    channels=frozenset({Channel.SMS, Channel.CALL}),
    settings=TwilioSettings,
    send=send,
    hear=hear,
)
