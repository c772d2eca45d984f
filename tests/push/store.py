"""What a push service knows: subscriptions, the messages on their way, and what became of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from http import HTTPStatus
from typing import Protocol
from uuid import uuid4

from tests.push.aside import Watched


class Verdict(IntEnum):
    """What a browser says of a message; Chromium knows the first alone, as soon as it has it.

    https://mozilla-push-service.readthedocs.io/en/latest/design/#simplepush-protocol
    """

    DELIVERED = 100
    UNDECRYPTED = 101
    NOT_DELIVERED = 102
    HANDLER_THREW = 301
    HANDLER_REJECTED = 302
    HANDLER_FAILED = 303


class Ending(IntEnum):
    """Why a subscription is no more; Chromium does not say, and counts as asked by the page."""

    BY_PAGE = 200
    QUOTA = 201
    PERMISSION = 202
    BY_SERVICE = 410


@dataclass
class Subscription:
    """What a browser made by `pushManager.subscribe()`.

    Attributes:
        client: The browser it belongs to.
        channel: What the browser calls it.
        key: The application server's public key, base64url without padding.
        prefix: Its endpoint without the token.
        app: What Chromium calls itself.
        ended: Why it is no more.
        forced: Status and `Retry-After` that every POST gets, instead of a judgement.
    """

    client: str
    channel: str
    key: str
    prefix: str
    app: str = ""
    token: str = field(default_factory=lambda: uuid4().hex)
    ended: Ending | None = None
    forced: tuple[HTTPStatus, int | None] | None = None

    @property
    def endpoint(self) -> str:
        return self.prefix + self.token


@dataclass(frozen=True)
class Message:
    """A push that was accepted.

    Attributes:
        body: As it was posted, encrypted; empty when it has none.
        expires: Seconds since 1970.
        verdicts: What the browser said of it, in this order.
    """

    subscription: Subscription
    body: bytes
    topic: str
    ttl: int
    expires: float
    id: str = field(default_factory=lambda: uuid4().hex)
    verdicts: list[int] = field(default_factory=list[int])


@dataclass(frozen=True)
class Post:
    """A request of the application server, and what it was answered.

    Attributes:
        headers: Names in lower case.
    """

    endpoint: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    reason: str


class Line(Protocol):
    """An open connection to a browser."""

    async def send(self, message: Message) -> None:
        """Writes a message to the browser."""
        ...

    async def close(self) -> None:
        """Ends the connection."""
        ...


class Store(Watched):
    """Everything the parts of the stand-in share.

    Attributes:
        posts: All requests of application servers.
        accepted: All messages.
        aged: Seconds that all messages are older than they are.
        refusing: No browser can subscribe.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Forgets everything but who is connected."""
        self.subscriptions: dict[str, Subscription] = {}
        self.clients: set[str] = set()
        self.posts: list[Post] = []
        self.accepted: list[Message] = []
        self.aged = 0.0
        self.refusing = False
        self._waiting: list[Message] = []

    def now(self) -> float:
        return time.time() + self.aged

    def subscribe(self, subscription: Subscription) -> Subscription:
        """Keeps a subscription; the one there is when the browser asks once more."""
        known = self.live(subscription.client, subscription.channel)
        if known and known.key == subscription.key:
            return known
        with self.changing():
            self.subscriptions[subscription.token] = subscription
        return subscription

    def live(self, client: str, channel: str) -> Subscription | None:
        """The subscription of a browser that goes by this name, if it has not ended."""
        for each in self.subscriptions.values():
            if (each.client, each.channel, each.ended) == (client, channel, None):
                return each
        return None

    def end(self, subscription: Subscription, why: Ending) -> None:
        with self.changing():
            subscription.ended = subscription.ended or why
            self._waiting = [each for each in self._waiting if each.subscription.ended is None]

    def accept(self, message: Message) -> None:
        """Queues a message; it takes the place of one with its topic (RFC 8030, section 5.4)."""

        def replaced(other: Message) -> bool:
            same = other.subscription is message.subscription and other.topic == message.topic
            return bool(message.topic) and same

        with self.changing():
            self.accepted.append(message)
            self._waiting = [each for each in self._waiting if not replaced(each)] + [message]

    def waiting(self, client: str) -> list[Message]:
        """What is to be sent to a browser that connects, without what has expired."""
        with self.changing():
            self._waiting = [each for each in self._waiting if each.expires > self.now()]
        return [each for each in self._waiting if each.subscription.client == client]

    def judged(self, message_id: str, verdict: int) -> None:
        """A browser has a message, or says why not: it is sent no more."""
        with self.changing():
            self._waiting = [each for each in self._waiting if each.id != message_id]
            for message in self.accepted:
                if message.id == message_id:
                    message.verdicts.append(verdict)
