"""What adapters of services over HTTP have in common: calling them, and reading how they refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from inbox_app.channels.foreign import NOTHING, Document, parsed
from inbox_app.channels.spec import Tools
from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
)
from inbox_app.domain.retry import parse_retry_after
from inbox_app.lib.http import Answer, Blocked, ConnectFailed, File, HttpError, Redirected
from inbox_app.lib.http2 import Http2

ANSWER_LIMIT = 64 * 1024


async def call(  # noqa: PLR0913 - all by name, as `Http.request`
    provider: str,
    tools: Tools,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    json: object = None,
    form: Mapping[str, str] | None = None,
    files: Mapping[str, File] | None = None,
) -> Answer:
    """Sends one request; any answer is given back.

    Raises:
        Permanent: the guard does not let it out.
        Transient: no connection came about.
        OutcomeUnknown: it may have arrived.
    """
    try:
        return await tools.http.request(
            *(method, url),
            headers=headers,
            body=body,
            json=json,
            form=form,
            files=files,
            limit=ANSWER_LIMIT,
            timeout=tools.timeout,
        )
    except HttpError as error:
        raise not_called(provider, error) from None


async def call_http2(
    provider: str,
    tools: Tools,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    lane: str = "",
) -> Answer:
    """Posts over HTTP/2; any answer is given back.

    Args:
        lane: As `Http2.post`.

    Raises:
        Permanent, Transient, OutcomeUnknown: as `call`.
    """
    client = tools.resources.get(Http2)
    try:
        return await client.post(
            url,
            headers=headers,
            body=body,
            timeout=tools.timeout,
            limit=ANSWER_LIMIT,
            lane=lane,
        )
    except HttpError as error:
        raise not_called(provider, error) from None


def until(tools: Tools, ends: float, share: float = 1) -> Tools:
    """The same tools for one of several calls that a send takes.

    Args:
        ends: When the send has to end, by the clock of the event loop.
        share: How much of the time until then the call may take.
    """
    left = max(ends - asyncio.get_running_loop().time(), 0.0)
    # No time at all would mean the usual time.
    return replace(tools, timeout=max(left * share, 0.001))


def not_called(provider: str, error: HttpError) -> ProviderError:
    """What a call that brought no answer means."""
    match error:
        case Blocked():
            return Permanent(provider, str(error), status="blocked")
        case ConnectFailed():
            return Transient(provider, str(error), status="connect")
        case Redirected():
            return Permanent(provider, str(error), status="redirect")
        case _:
            return OutcomeUnknown(provider, str(error), status="interrupted")


def refused(
    provider: str, answer: Answer, detail: str, tools: Tools, code: str = ""
) -> ProviderError:
    """What an answer that is no yes means, where the service's own codes say nothing else.

    A key that is refused is not the message's fault: what waits outlives one that is changed.

    Args:
        detail: The service's words, without secrets.
        code: Its own code; the status when there is none.
    """
    status = code or str(answer.status)
    wait = parse_retry_after(answer.headers.get("Retry-After", ""), tools.now())
    limited = answer.status == HTTPStatus.TOO_MANY_REQUESTS
    if limited or (answer.status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None):
        return RateLimited(provider, detail, status=status, retry_after=wait)
    passing = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in passing:
        return Transient(provider, detail, status=status)
    return Permanent(provider, detail, status=status)


def accepted(answer: Answer) -> bool:
    """Whether the service took it."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def document(answer: Answer) -> Document:
    """The JSON object that was answered; empty when it is none."""
    return NOTHING if answer.truncated else parsed(answer.body)
