"""Plain routes of a person's browser for web push: the page and its worker speak here."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from inbox_app.api.browser import is_same_origin, runtime_of, session_token
from inbox_app.api.errors import status_of
from inbox_app.api.native.address_schemas import Url, WebPushToken
from inbox_app.api.requests import read
from inbox_app.domain.errors import InboxError, NotFound, Refused, Unauthenticated
from inbox_app.lib import ids
from inbox_app.services import access, browser_push
from inbox_app.services.access import Viewer
from inbox_app.services.browser_push import Became

NO_STORE = {"Cache-Control": "no-store"}


class Subscribing(WebPushToken):
    """A browser's subscription; ``replaces`` is the endpoint it had before.

    One that is ``renewed`` the browser has changed by itself: nobody asked for it.
    """

    replaces: Url = ""
    renewed: bool = False


class Unsubscribing(BaseModel):
    """The endpoint that a browser has no more."""

    endpoint: Url


class Report(BaseModel):
    """What became of a push."""

    model_config = ConfigDict(alias_generator=to_camel)

    token: Annotated[str, Field(max_length=200)]
    through: Annotated[str, Field(max_length=40)]
    became: Became
    number: Annotated[int, Field(ge=0, le=2)] = 0


async def offer(request: Request) -> Response:
    """What the browser has to know to subscribe."""
    try:
        viewer = await _viewer(request)
        address = request.query_params.get("address", "")
        found = await browser_push.offer(runtime_of(request), viewer, address)
    except InboxError as error:
        return _failure(error)
    return JSONResponse(vars(found), headers=NO_STORE)


async def change(request: Request) -> Response:
    """Reaches the browser from now on, or no more."""
    try:
        viewer = await _viewer(request)
        if request.method == "DELETE":
            gone = await read(request, Unsubscribing)
            await browser_push.unsubscribe(runtime_of(request), viewer, gone.endpoint)
            return Response(status_code=204, headers=NO_STORE)
        told = await read(request, Subscribing)
        subscription = told.model_dump(
            by_alias=True, exclude={"replaces", "renewed"}, exclude_none=True
        )
        reach = browser_push.renew if told.renewed else browser_push.subscribe
        key = await reach(
            *(runtime_of(request), viewer, subscription),
            agent=request.headers.get("user-agent", ""),
            replaces=told.replaces,
        )
    except InboxError as error:
        return _failure(error)
    return JSONResponse({"key": key}, headers=NO_STORE)


async def report(request: Request) -> Response:
    """Counts what the worker says of a push. It has a token of the push; a session may be over."""
    try:
        _check_origin(request)
        told = await read(request, Report)
        through = ids.read(told.through)
        if through is None:
            raise NotFound("There is no such integration.")
        rt = runtime_of(request)
        await browser_push.report(rt, told.token, through, told.became, told.number)
    except InboxError as error:
        return _failure(error)
    return Response(status_code=204, headers=NO_STORE)


async def _viewer(request: Request) -> Viewer:
    viewer = await access.viewer(runtime_of(request), session_token(request))
    if viewer is None:
        raise Unauthenticated("You are signed out.")
    _check_origin(request)
    return viewer


def _check_origin(request: Request) -> None:
    if not is_same_origin(request):
        raise Refused("This request came from another site.")


def _failure(error: InboxError) -> Response:
    body = {"code": error.code, "message": error.message, "fix": error.fix}
    return JSONResponse(body, status_of(error), NO_STORE)


routes = [
    Route("/push/offer", offer),
    Route("/push/subscription", change, methods=["PUT", "DELETE"]),
    Route("/push/reports", report, methods=["POST"]),
]
