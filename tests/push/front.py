"""What application servers speak to (RFC 8030): they post messages, and are told what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import web

from tests.push import vapid
from tests.push.lines import Lines
from tests.push.store import Ending, Message, Post, Subscription

LARGEST: Final = 4096
"""Bytes of a body that a push service has to take (RFC 8030, section 7.2)."""
TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{0,32}")


@dataclass(frozen=True)
class Refused(Exception):
    """The answer to a request that is not accepted."""

    status: HTTPStatus
    reason: str
    retry_after: int | None = None


class Front:
    """Takes messages for the subscriptions there are."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._store = lines.store

    def app(self) -> web.Application:
        made = web.Application()
        made.router.add_post("/{path:.+}/{token}", self._post)
        return made

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            message = self._judged(request, body)
        except Refused as refused:
            self._remember(request, body, refused.status, refused.reason)
            headers = (
                {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
            )
            return web.Response(status=refused.status, text=refused.reason, headers=headers)
        self._store.accept(message)
        await self._lines.forward(message)
        self._remember(request, body, HTTPStatus.CREATED, "")
        place = f"https://{request.host}/m/{message.id}"
        return web.Response(
            status=HTTPStatus.CREATED, headers={"Location": place, "TTL": str(message.ttl)}
        )

    def _judged(self, request: web.Request, body: bytes) -> Message:
        subscription = self._subscription(request.match_info["token"])
        ttl, topic = _ttl(request), request.headers.get("Topic", "")
        if not TOPIC.fullmatch(topic):
            raise Refused(HTTPStatus.BAD_REQUEST, "Topic is no 32 characters of base64url")
        if body and request.headers.get("Content-Encoding") != "aes128gcm":
            raise Refused(HTTPStatus.BAD_REQUEST, "Content-Encoding is not aes128gcm")
        if len(body) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{len(body)} bytes")
        _check_signature(request, subscription)
        return Message(subscription, body, topic, ttl, self._store.now() + ttl)

    def _subscription(self, token: str) -> Subscription:
        subscription = self._store.subscriptions.get(token)
        if subscription is None:
            raise Refused(HTTPStatus.NOT_FOUND, "no such subscription")
        if subscription.ended:
            raise Refused(HTTPStatus.GONE, f"ended: {Ending(subscription.ended).name}")
        if subscription.forced:
            status, retry_after = subscription.forced
            raise Refused(status, "as the test wants it", retry_after)
        return subscription

    def _remember(self, request: web.Request, body: bytes, status: int, reason: str) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        endpoint = f"https://{request.host}{request.path}"
        with self._store.changing():
            self._store.posts.append(Post(endpoint, headers, body, status, reason))


def _ttl(request: web.Request) -> int:
    told = request.headers.get("TTL", "")
    if not told.isdecimal():
        raise Refused(HTTPStatus.BAD_REQUEST, "TTL is no number of seconds")
    return int(told)


def _check_signature(request: web.Request, subscription: Subscription) -> None:
    told = request.headers.get("Authorization", "")
    try:
        vapid.check(told, f"https://{request.host}", subscription.key)
    except vapid.Unsigned as error:
        raise Refused(HTTPStatus.UNAUTHORIZED, str(error)) from None
    except vapid.SignedByOther as error:
        raise Refused(HTTPStatus.FORBIDDEN, str(error)) from None
