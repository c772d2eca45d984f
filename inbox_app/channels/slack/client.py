"""Asking Slack's Web API, by its own SDK over the guarded session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from inbox_app.channels.foreign import NOTHING, Document, document
from inbox_app.channels.http import not_called
from inbox_app.channels.slack.errors import NAME, Speaker, Told, refusal
from inbox_app.channels.spec import Tools
from inbox_app.domain.errors import OutcomeUnknown, Transient
from inbox_app.lib.http import HttpError

HOST = "slack.com"
BASE_URL = f"https://{HOST}/api/"

_SILENT = logging.getLogger(f"{__name__}.sdk")
# The SDK logs messages and tokens when it is asked for details.
_SILENT.setLevel(logging.CRITICAL)


class Slack:
    """One send's talk with Slack, all of which keeps to the time of ``tools``.

    Args:
        token: Who speaks; "" where a request brings its own proof.
    """

    def __init__(self, tools: Tools, token: str, speaker: Speaker) -> None:
        self._tools = tools
        self._token = token
        self._speaker = speaker
        self._ends = asyncio.get_running_loop().time() + tools.timeout

    async def post(self, method: str, body: Mapping[str, Any]) -> Document:
        """Has something done.

        Raises:
            Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as
                `channels.spec.Provider.send`.
        """
        return await self._call(method, "POST", json=dict(body))

    async def exchange(self, method: str, form: Mapping[str, str]) -> Document:
        """The same with a form."""
        return await self._call(method, "POST", data=dict(form))

    async def ask(self, method: str, query: Mapping[str, str | int]) -> Document:
        """Asks for what changes nothing.

        Raises:
            Transient, RateLimited, Permanent: as `post`; what broke off can be asked again.
        """
        try:
            return await self._call(method, "GET", params=dict(query))
        except OutcomeUnknown as error:
            failure = Transient(NAME, error.detail, status=error.status)
        raise failure

    async def _call(self, method: str, verb: str, **content: dict[str, Any]) -> Document:
        try:
            async with self._tools.http.lend(HOST, self.left) as session:
                answer = await self._client(session).api_call(  # pyright: ignore[reportUnknownMemberType]
                    method, http_verb=verb, **content
                )
        except HttpError as error:
            raise not_called(NAME, error) from None
        except SlackApiError as error:
            raise refusal(_told(error), self._speaker, self._tools) from None
        except (AttributeError, TypeError, RecursionError):
            # The SDK stumbles over answers that are no JSON objects.
            raise _unreadable() from None
        told = document(_data(answer))
        if told.get("ok") is not True:
            raise _unreadable()
        return told

    @property
    def left(self) -> float:
        """Seconds; below zero when its time is over."""
        return self._ends - asyncio.get_running_loop().time()

    def _client(self, session: aiohttp.ClientSession) -> AsyncWebClient:
        client = AsyncWebClient(
            token=self._token or None,
            base_url=BASE_URL,
            session=session,
            # Whoever waits has its turn later; nobody sleeps in a worker's place.
            retry_handlers=[],
            logger=_SILENT,
        )
        # It takes one from the environment of the process, and that would lead past the guard.
        client.proxy = self._tools.http.proxy_for(HOST)
        return client


def _unreadable() -> OutcomeUnknown:
    return OutcomeUnknown(NAME, "The answer cannot be read.", status="unreadable")


def _told(error: SlackApiError) -> Told:
    """The SDK brings its own answer, or aiohttp's when there was no JSON in it."""
    answer: object = error.response
    if isinstance(answer, AsyncSlackResponse):
        return Told(_status(answer), _headers(answer), document(_data(answer)))
    if isinstance(answer, aiohttp.ClientResponse):
        return Told(answer.status, answer.headers, NOTHING)
    return Told(HTTPStatus.OK, {}, NOTHING)


# The SDK's answer has no complete types.
def _status(answer: AsyncSlackResponse) -> int:
    return cast("int", answer.status_code)  # pyright: ignore[reportUnknownMemberType]


def _headers(answer: AsyncSlackResponse) -> Mapping[str, str]:
    return cast("Mapping[str, str]", answer.headers)  # pyright: ignore[reportUnknownMemberType]


def _data(answer: AsyncSlackResponse) -> object:
    return cast("object", answer.data)  # pyright: ignore[reportUnknownMemberType]
