"""Web push to browsers (RFC 8030, 8291, 8292), without an account anywhere."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections import OrderedDict
from enum import StrEnum
from fnmatch import fnmatch
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from inbox_app.channels.http import REFUSING, accepted, call, host_of, refused, until
from inbox_app.channels.spec import Parcel, Provider, ProviderSettings, SendResult, Tools
from inbox_app.channels.webpush import NAME
from inbox_app.channels.webpush.browser import NoSubscription, Subscription, body_of
from inbox_app.channels.webpush.vapid import Key, Tokens, encoded, new_key
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import Permanent, ProviderError, Transient, UnsupportedContent
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Answer

HOSTS = (
    *("fcm.googleapis.com", "jmt17.google.com", "updates.push.services.mozilla.com"),
    *("*.push.apple.com", "*.notify.windows.com"),
)
"""The push services of the browsers there are; `jmt17` is that of Chromium's own builds."""
MOST_KEYS = 3
MOST_REMEMBERED = 100_000
WRONG_KEY = b"VapidPkHashMismatch"
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
NEVER = Answer(HTTPStatus.FORBIDDEN, {}, b"")
ALARM = "It refuses this server's keys. Look at the keys and the contact of this integration."

log = logging.getLogger(__name__)


class Urgency(StrEnum):
    """How soon a device is to be woken (RFC 8030, section 5.3)."""

    VERY_LOW = "very-low"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class WebPushSettings(ProviderSettings):
    """Who sends, and how long the push services keep trying."""

    contact: str = Field(
        title="Contact",
        description="For the push services to turn to: mailto: or https:",
        pattern=r"^(mailto:[^\s@]+@[^\s@]+\.[^\s@]+|https://[^\s/:@]+\.[^\s/:@]+(/\S*)?)$",
        max_length=300,
    )
    private_keys: SecretStr = Field(
        default_factory=lambda: SecretStr(new_key()),
        title="Private keys",
        description="Made by the server, the newest first; browsers know the newest one.",
    )
    ttl: int = Field(
        72 * 3600,
        title="Seconds to live",
        description="How long a push service keeps a message for a device that is off.",
        ge=0,
        le=28 * 24 * 3600,
    )
    urgency: Urgency = Field(Urgency.NORMAL, title="Urgency")
    more_hosts: str = Field(
        "",
        title="More push services",
        description="Hosts besides those of the browsers, separated by spaces; * stands for any.",
        max_length=1000,
    )

    @field_validator("private_keys")
    @classmethod
    def _are_keys(cls, given: SecretStr) -> SecretStr:
        keys = given.get_secret_value().split() or [new_key()]
        try:
            for each in keys:
                _key(each)
        except ValueError:
            raise ValueError("are not private keys of the curve P-256 in base64url") from None
        return SecretStr(" ".join(keys[:MOST_KEYS]))

    def pairs(self) -> list[Key]:
        """The key pairs, the newest first."""
        return [_key(each) for each in self.private_keys.get_secret_value().split()]


@lru_cache(maxsize=256)
def _key(private: str) -> Key:
    return Key.of(private)


class KeysInUse:
    """Which key the push service took for a subscription that did not say; a `Resource`."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def first(self, keys: list[Key], subscription: Subscription) -> list[Key]:
        """The keys in the order in which they are to be tried."""
        wanted = subscription.public or self._known.get(_hash(subscription.endpoint), "")
        return sorted(keys, key=lambda each: each.public != wanted)

    def remember(self, subscription: Subscription, key: Key) -> None:
        """A push service took this one."""
        self._known[_hash(subscription.endpoint)] = key.public
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    async def close(self) -> None:
        """Nothing is open."""


def _hash(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode("utf-8", "replace")).digest()[:16]


async def send(parcel: Parcel, settings: WebPushSettings, tools: Tools) -> SendResult:
    """Sends one push.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    _check_endpoint(parcel.to, settings)
    try:
        subscription = Subscription.of(parcel)
    except NoSubscription as error:
        told = f"The subscription cannot be used: {error}."
        raise Permanent(NAME, told, status="address", dead_address=True) from None
    known = tools.resources.get(KeysInUse)
    keys = known.first(_usable(settings.pairs(), subscription), subscription)
    body = subscription.encrypted(body_of(parcel))
    answer, ends = NEVER, asyncio.get_running_loop().time() + tools.timeout
    for key in keys:
        answer = await _push(parcel, settings, until(tools, ends), key, body)
        if accepted(answer):
            if key is not keys[0]:
                known.remember(subscription, key)
            return SendResult(message_id=_message_id(answer))
        if not _is_about_key(answer):
            break
    # Whoever knows the last part of an endpoint can write to the browser.
    parts = re.split(r"[/?&=]", parcel.to)
    secrets = (*settings.private_keys.get_secret_value().split(), parcel.to, *parts[-2:])
    words = spoken(answer.body.decode(errors="replace"), *secrets) or "no words"
    raise _refusal(answer, words, tools)


def _usable(keys: list[Key], subscription: Subscription) -> list[Key]:
    """The keys that a push service may take for a subscription: it takes the one it was made with.

    Raises:
        Permanent: that one is gone.
    """
    made_with = [each for each in keys if each.public == subscription.public]
    if subscription.public and not made_with:
        # Another integration may have it.
        told = "It was made with a key that this server has no more; the browser makes another."
        raise Permanent(NAME, told, status="key")
    return made_with or keys


def _check_endpoint(endpoint: str, settings: WebPushSettings) -> None:
    """Lets nobody have this server call whom they like: endpoints come from browsers."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    allowed = (*HOSTS, *settings.more_hosts.split())
    known = any(fnmatch(host, each.lower()) for each in allowed)
    if parts.scheme != "https" or not known or port not in {None, 443}:
        told = f"{host or 'The endpoint'} is none of the push services that are allowed."
        raise Permanent(NAME, told, status="blocked")


async def _push(
    parcel: Parcel, settings: WebPushSettings, tools: Tools, key: Key, body: bytes
) -> Answer:
    tokens = tools.resources.get(Tokens)
    headers = {
        "Authorization": tokens.header(key, parcel.to, settings.contact, tools.now()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/notification+json",
        "TTL": str(settings.ttl),
        "Urgency": settings.urgency.value,
        # What could not be told from a message that arrived replaces it.
        "Topic": encoded(hashlib.sha256(parcel.key.encode()).digest()[:24]),
    }
    return await call(NAME, tools, "POST", parcel.to, headers=headers, body=body, outside=True)


def _is_about_key(answer: Answer) -> bool:
    """Whether the push service takes another key for this subscription; Apple says so in words."""
    return answer.status in REFUSING or (
        answer.status == HTTPStatus.BAD_REQUEST and WRONG_KEY in answer.body
    )


def _message_id(answer: Answer) -> str:
    return spoken(answer.headers.get("Location", ""))


def _refusal(answer: Answer, words: str, tools: Tools) -> ProviderError:
    status = str(answer.status)
    if answer.status in GONE:
        told = "The browser takes no more pushes: its subscription has ended."
        return Permanent(NAME, told, status=status, dead_address=True)
    if _is_about_key(answer):
        log.error("A push service refuses this server's keys: %s (%s)", words, status)
        # Anybody can subscribe with a key that is none of ours: others are pushed to all the same.
        told = f"{ALARM} ({words})"
        return Transient(NAME, told, status="auth", about_message=True, for_operator=True)
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return UnsupportedContent(NAME, "The push service takes no message of this size.")
    error = refused(NAME, answer, words, tools, outside=True)
    if isinstance(error, Transient):
        # What one browser's subscription is answered says nothing of the others.
        error.about_message = True
    return error


def public(settings: WebPushSettings) -> dict[str, Any]:
    """What browsers subscribe with."""
    return {"vapidPublicKey": settings.pairs()[0].public}


def rotated(settings: WebPushSettings) -> dict[str, Any]:
    """Another key before those there are: browsers change to it as they come by."""
    keys = [new_key(), *settings.private_keys.get_secret_value().split()]
    return {"private_keys": " ".join(keys[:MOST_KEYS])}


PROVIDER = Provider(
    name=NAME,
    label="Web push",
    channels=frozenset({Channel.WEB_PUSH}),
    settings=WebPushSettings,
    send=send,
    public=public,
    rotated=rotated,
    place=host_of,
)
