"""Errors on the wire, in Pingram's shape.

``{"trackingId": s, "error": {"code": s, "message": s, "fix": s?}}`` (wire/pingram, section 4).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from inbox_app.domain import errors
from inbox_app.domain.errors import InboxError, InvalidInput
from inbox_app.lib import ids

STATUS: dict[type[InboxError], int] = {
    errors.TooLarge: 413,
    errors.InvalidInput: 400,
    errors.Unauthenticated: 401,
    errors.Refused: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unavailable: 503,
    errors.ProviderError: 502,
}
MOST_PROBLEMS = 5
Handler = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Makes every error of ``app`` answer in the one shape."""
    app.add_exception_handler(InboxError, _inbox_error)
    app.add_exception_handler(RequestValidationError, _bad_parameters)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


class Answering:
    """An ASGI app of one handler, with its errors in the one shape, for use without FastAPI."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self._handler(request)
        except InboxError as error:
            response = await _inbox_error(request, error)
        except Exception as error:
            response = await _unexpected(request, error)
        await response(scope, receive, send)


def answer(
    status: int, code: str, message: str, fix: str = "", tracking_id: str = ""
) -> JSONResponse:
    error = {"code": code, "message": message} | ({"fix": fix} if fix else {})
    headers = {401: {"WWW-Authenticate": 'Bearer realm="inbox"'}, 503: {"Retry-After": "1"}}
    return JSONResponse(
        {"trackingId": tracking_id or ids.tracking_id(), "error": error},
        status,
        headers.get(status),
    )


def from_validation(error: ValidationError) -> InvalidInput:
    """A pydantic error as one sentence per problem, without echoing what was sent."""
    problems = [_problem(each) for each in error.errors(include_url=False)[:MOST_PROBLEMS]]
    return InvalidInput("; ".join(problems) + ".", fix="See /api/docs for the fields.")


def _problem(detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "json_invalid":
        return f"The body is not valid JSON ({detail.get('ctx', {}).get('error')})"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def status_of(error: InboxError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def _inbox_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InboxError)  # noqa: S101 - installed for this class
    return answer(status_of(error), error.code, error.message, error.fix)


async def _bad_parameters(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - installed for this class
    problems = "; ".join(
        f"{'.'.join(str(p) for p in each['loc'][1:])}: {each['msg']}"
        for each in error.errors()[:MOST_PROBLEMS]
    )
    return answer(400, InvalidInput.code, f"{problems}.", "See /api/docs for the parameters.")


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - installed for this class
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.upper().replace(" ", "_")
    where = f"{request.method} {request.url.path}"
    told = answer(error.status_code, code, f"{phrase}: {where}.", "See /api/docs for the paths.")
    told.headers.update(error.headers or {})
    return told


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    tracking_id = ids.tracking_id()
    log.error("Request %s failed: %s", tracking_id, request.url.path, exc_info=error)
    return answer(
        500,
        "INTERNAL",
        "The server made a mistake.",
        f"Report it with this trackingId; the log has the cause: {tracking_id}.",
        tracking_id,
    )
