"""The push service of Firefox: the client protocol of autopush, JSON over a WebSocket.

https://mozilla-push-service.readthedocs.io/en/latest/design/
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from aiohttp import WSCloseCode, web

from tests.push.lines import Lines
from tests.push.store import Ending, Message, Subscription

HOST: Final = "updates.push.services.mozilla.com"
PREFIX: Final = f"https://{HOST}/wpush/v2/"
PROTOCOL: Final = "push-notification"
Frame = Mapping[str, Any]


class Autopush:
    """Serves browsers over WebSockets, one conversation each."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serves one browser for as long as it is connected."""
        socket = web.WebSocketResponse(protocols=(PROTOCOL,))
        await socket.prepare(request)
        client = await self._greeted(socket)
        async with self._lines.connected(client, _Line(socket)):
            await _Conversation(client, socket, self._lines).go_on()
        return socket

    async def _greeted(self, socket: web.WebSocketResponse) -> str:
        """Answers `hello`. A browser that is told another name than its own drops what it has."""
        hello = await socket.receive_json()
        told, known = str(hello.get("uaid", "")), self._lines.store.clients
        client = told if told in known else uuid4().hex
        known.add(client)
        answer = {"messageType": "hello", "status": HTTPStatus.OK, "uaid": client}
        await socket.send_json({**answer, "use_webpush": True, "broadcasts": {}})
        return client


class _Line:
    """The way to one browser."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def send(self, message: Message) -> None:
        frame: dict[str, Any] = {
            "messageType": "notification",
            "channelID": message.subscription.channel,
            "version": message.id,
        }
        if message.body:
            frame["data"] = base64.urlsafe_b64encode(message.body).rstrip(b"=").decode()
            frame["headers"] = {"encoding": "aes128gcm"}
        await self._socket.send_json(frame)

    async def close(self) -> None:
        await self._socket.close(code=WSCloseCode.GOING_AWAY)


class _Conversation:
    """What one browser says after its greeting."""

    def __init__(self, client: str, socket: web.WebSocketResponse, lines: Lines) -> None:
        self._client, self._socket, self._store = client, socket, lines.store
        self._answers: Mapping[str, Callable[[Frame], Awaitable[None]]] = {
            "register": self._register,
            "unregister": self._unregister,
            "ack": self._ack,
            "nack": self._nack,
        }

    async def go_on(self) -> None:
        """Answers frames until the connection ends."""
        async for received in self._socket:
            frame: Frame = json.loads(received.data)
            if not frame:
                # A ping.
                await self._socket.send_str("{}")
            elif answer := self._answers.get(frame["messageType"]):
                await answer(frame)

    async def _register(self, frame: Frame) -> None:
        answer = {"messageType": "register", "channelID": frame["channelID"]}
        if self._store.refusing:
            await self._socket.send_json(answer | {"status": HTTPStatus.INTERNAL_SERVER_ERROR})
            return
        key = str(frame.get("key") or "").rstrip("=")
        made = self._store.subscribe(
            Subscription(self._client, str(frame["channelID"]), key, PREFIX)
        )
        await self._socket.send_json(
            answer | {"status": HTTPStatus.OK, "pushEndpoint": made.endpoint}
        )

    async def _unregister(self, frame: Frame) -> None:
        channel = str(frame["channelID"])
        if subscription := self._store.live(self._client, channel):
            self._store.end(subscription, Ending(frame.get("code", Ending.BY_PAGE)))
        answer = {"messageType": "unregister", "channelID": channel, "status": HTTPStatus.OK}
        await self._socket.send_json(answer)

    async def _ack(self, frame: Frame) -> None:
        for each in frame["updates"]:
            self._store.judged(each["version"], int(each["code"]))

    async def _nack(self, frame: Frame) -> None:
        self._store.judged(frame["version"], int(frame["code"]))
