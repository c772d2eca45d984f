"""What adapters of services over HTTP have in common: calling them, and reading how they refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

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
REFUSING = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""Refusals of who calls."""
ELSEWHERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
"""Refusals of where it was called."""
BROKEN = frozenset(
    {
        *(HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT),
        # Of Cloudflare: the server behind it answered nonsense, or not in time.
        *(520, 524),
    }
)
"""Failures that may come after the work was done (RFC 9110, section 15.6); 503 comes before it."""


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
    outside: bool = False,
) -> Answer:
    """Sends one request; any answer is given back.

    Args:
        outside: The URL comes from a person or an application, not from the operator.

    Raises:
        Transient: no connection came about, or the guard does not let it out.
        Permanent: the same where the URL comes from outside.
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
        raise not_called(provider, error, outside=outside) from None


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
        Transient, OutcomeUnknown: as `call`.
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


def not_called(provider: str, error: HttpError, *, outside: bool = False) -> ProviderError:
    """What a call that brought no answer means.

    Where the operator has said whom to call, the operator can mend it: what waits outlives that.

    Args:
        outside: As `call`.
    """
    match error:
        case Blocked() | Redirected():
            status = "blocked" if isinstance(error, Blocked) else "redirect"
            if outside:
                return Permanent(provider, str(error), status=status)
            return Transient(provider, str(error), status=status, for_operator=True)
        case ConnectFailed():
            return Transient(provider, str(error), status="connect")
        case _:
            return OutcomeUnknown(provider, str(error), status="interrupted")


def refused(
    provider: str,
    answer: Answer,
    detail: str,
    tools: Tools,
    code: str = "",
    *,
    outside: bool = False,
) -> ProviderError:
    """What an answer that is no yes means, where the service's own codes say nothing else.

    A key that is refused, and a path that is none, is not the message's fault: what waits outlives
    one that is changed.

    Args:
        detail: The service's words, without secrets.
        code: Its own code; the status when there is none.
        outside: As `call`: another path does not come by itself then.
    """
    status = code or str(answer.status)
    wait = parse_retry_after(answer.headers.get("Retry-After", ""), tools.now())
    limited = answer.status == HTTPStatus.TOO_MANY_REQUESTS
    if limited or (answer.status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None):
        return RateLimited(provider, detail, status=status, retry_after=wait)
    mended = answer.status in REFUSING or (_is_elsewhere(answer) and not outside)
    passing = mended or answer.status == HTTPStatus.REQUEST_TIMEOUT
    if passing or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(provider, detail, status=status, for_operator=mended)
    return Permanent(provider, detail, status=status)


def _is_elsewhere(answer: Answer) -> bool:
    redirect = HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST
    return redirect or answer.status in ELSEWHERE


def refused_once(
    provider: str, answer: Answer, detail: str, tools: Tools, code: str = ""
) -> ProviderError:
    """As `refused`, for services that do not know a message again that comes a second time.

    What broke there, or in a proxy on the way, may have been sent on before.
    """
    if answer.status in BROKEN:
        return OutcomeUnknown(provider, detail, status=code or str(answer.status))
    return refused(provider, answer, detail, tools, code)


def host_of(url: str) -> str:
    """Whose server a URL from outside leads to; "" when it leads nowhere."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def accepted(answer: Answer) -> bool:
    """Whether the service took it."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def document(answer: Answer) -> Document:
    """The JSON object that was answered; empty when it is none."""
    return NOTHING if answer.truncated else parsed(answer.body)
