"""Push through Firebase Cloud Messaging, its HTTP v1 API."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from itertools import chain

from pydantic import Field, SecretStr, field_validator

from inbox_app.channels.fcm import NAME
from inbox_app.channels.fcm.account import ServiceAccount, service_account
from inbox_app.channels.fcm.message import message
from inbox_app.channels.fcm.tokens import AccessTokens
from inbox_app.channels.foreign import each, inner, text
from inbox_app.channels.http import REFUSING, accepted, call_http2, document, refused, until
from inbox_app.channels.spec import Parcel, Provider, ProviderSettings, SendResult, Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import Permanent, ProviderError, RateLimited, Transient
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Answer

URL = "https://fcm.googleapis.com/v1/projects/{}/messages:send"
QUOTA_WAIT = 60.0
"""Seconds after a refusal for a quota, where FCM names none (FCM, scale)."""
NO_TOKEN = "The registration token is not a valid FCM registration token"  # noqa: S105 - a sentence
"""How FCM says so, which names no field then (FCM, error codes, example 2)."""


class FcmSettings(ProviderSettings):
    """Who we are to Google."""

    service_account: SecretStr = Field(
        title="Service account",
        description="The JSON file from the Firebase console, under Project settings.",
    )

    @field_validator("service_account")
    @classmethod
    def _is_one(cls, value: SecretStr) -> SecretStr:
        service_account(value.get_secret_value())
        return value


async def send(parcel: Parcel, settings: FcmSettings, tools: Tools) -> SendResult:
    """Sends one push to one device.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    account = service_account(settings.service_account.get_secret_value())
    body, tokens = message(parcel), tools.resources.get(AccessTokens)
    ends = asyncio.get_running_loop().time() + tools.timeout
    token, answer = await _post(account, body, tools, ends)
    if _is_stale(answer):
        tokens.drop(account, token)
        token, answer = await _post(account, body, tools, ends)
    if accepted(answer):
        return SendResult(message_id=spoken(text(document(answer), "name"), token))
    raise _refusal(answer, tools, token, parcel.to)


async def _post(
    account: ServiceAccount, body: bytes, tools: Tools, ends: float
) -> tuple[str, Answer]:
    """The token it was sent with, and what was answered."""
    token = await tools.resources.get(AccessTokens).get(account, until(tools, ends, share=0.5))
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    url = URL.format(account.project_id)
    return token, await call_http2(NAME, until(tools, ends), url, headers=headers, body=body)


def _is_stale(answer: Answer) -> bool:
    """Whether another access token may help; it does not where FCM lacks a key of Apple's."""
    return answer.status == HTTPStatus.UNAUTHORIZED and _code(answer) != "THIRD_PARTY_AUTH_ERROR"


def _refusal(answer: Answer, tools: Tools, token: str, to: str) -> ProviderError:
    """By FCM's codes, which are finer than the status: one of 400 may be about anything."""
    code = _code(answer)
    words = spoken(text(inner(document(answer), "error"), "message"), token, to) or "no words"
    if (known := _meant(code, words, answer)) is not None:
        return known
    if answer.status in REFUSING:
        words = f"FCM refuses this server ({words}). Correct the Firebase project or the settings."
    error = refused(NAME, answer, words, tools, code)
    if isinstance(error, RateLimited) and error.retry_after is None:
        return RateLimited(NAME, words, status=error.status, retry_after=QUOTA_WAIT)
    return error


def _meant(code: str, words: str, answer: Answer) -> ProviderError | None:
    """What a code means that says more than the status; None for the others."""
    match code:
        case "UNREGISTERED":
            told = "The app was removed from the device, or the token was replaced."
            return Permanent(NAME, told, status=code, dead_address=True)
        case "SENDER_ID_MISMATCH":
            # Said of each device once the wrong file is saved: none is given up for it, and another
            # integration may have the right one.
            told = "The token belongs to another Firebase project than the service account."
            return Permanent(NAME, told, status=code, for_operator=True)
        case "INVALID_ARGUMENT":
            return Permanent(NAME, words, status=code, dead_address=_names_the_token(answer))
        case "NOT_FOUND":
            told = f"FCM does not know the project ({words})."
            return Transient(NAME, told, status=code, for_operator=True)
        case "THIRD_PARTY_AUTH_ERROR":
            # The project lacks a key of Apple's or of web push; Android's devices go on.
            told = f"{words} Correct the keys of the Firebase project."
            return Transient(NAME, told, status=code, about_message=True, for_operator=True)
        case _:
            return None


def _code(answer: Answer) -> str:
    """FCM's own code; else the one that all services of Google have; else ""."""
    error = inner(document(answer), "error")
    own = (text(detail, "errorCode") for detail in each(error, "details"))
    return spoken(next(filter(None, own), "") or text(error, "status"))


def _names_the_token(answer: Answer) -> bool:
    """Whether the token is what is wrong; else it is something in the message."""
    error = inner(document(answer), "error")
    violations = (each(detail, "fieldViolations") for detail in each(error, "details"))
    named = {text(one, "field") for one in chain.from_iterable(violations)}
    return "message.token" in named or text(error, "message").startswith(NO_TOKEN)


PROVIDER = Provider(
    name=NAME,
    label="Firebase (FCM)",
    channels=frozenset({Channel.PUSH}),
    settings=FcmSettings,
    send=send,
    kinds=frozenset({"FCM"}),
)
