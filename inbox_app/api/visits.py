"""Plain routes of a person's browser: sign in, sign out, and follow a notification's link."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_app.api.errors import status_of
from inbox_app.api.pages import page
from inbox_app.domain.errors import InboxError
from inbox_app.runtime import Runtime
from inbox_app.services import access, inbox

INBOX = "/inbox/"
SIGNED_OUT = "/signed-out/"
DAY = 86_400


async def sign_in(request: Request) -> Response:
    """Starts a session from a signed link; the link works once."""
    if request.method == "HEAD":
        return _nothing_done()
    rt = _runtime(request)
    try:
        signed_in = await access.sign_in(rt, request.query_params.get("token", ""))
    except InboxError as error:
        if await access.viewer(rt, _token(request)) is not None:
            # A link clicked twice: the first click already let the person in.
            return RedirectResponse(INBOX, 303)
        return page(error.message, error.fix, status_of(error))
    # Whoever was signed in here before is not any longer: their tabs must not go on unnoticed.
    await access.sign_out(rt, _token(request))
    answer = RedirectResponse(INBOX, 303)
    answer.set_cookie(
        access.SESSION_COOKIE,
        signed_in.token,
        max_age=rt.settings.session_days * DAY,
        httponly=True,
        samesite="lax",
        secure=rt.settings.public_url.startswith("https://"),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def sign_out(request: Request) -> Response:
    """Ends the session in every tab. Only pages of this server may ask."""
    if not _same_origin(request):
        return page("Not signed out", "This request came from another site.", 403)
    await access.sign_out(_runtime(request), _token(request))
    answer = RedirectResponse(SIGNED_OUT, 303)
    answer.delete_cookie(access.SESSION_COOKIE, httponly=True, samesite="lax")
    return answer


async def signed_out(request: Request) -> Response:
    """Where a browser without a session ends up; one with a session goes to the inbox."""
    if await access.viewer(_runtime(request), _token(request)) is not None:
        return RedirectResponse(INBOX, 303)
    return page(
        "You are signed out",
        "Open your inbox from your application to sign in again. "
        "On a demo server, `inbox demo` prints a fresh link.",
    )


async def follow(request: Request) -> Response:
    """Records that the person follows a link of a notification, then goes there."""
    if request.method == "HEAD":
        return _nothing_done()
    rt = _runtime(request)
    viewer = await access.viewer(rt, _token(request))
    if viewer is None:
        return RedirectResponse(SIGNED_OUT, 303)
    number = int(request.path_params.get("number", 0))
    try:
        url = await inbox.follow(rt, viewer.user_id, request.path_params["tracking_id"], number)
    except InboxError as error:
        return page("This link is gone", error.message, status_of(error), (INBOX, "Open inbox"))
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


routes = [
    Route("/sign-in", sign_in),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/signed-out", signed_out),
    Route("/signed-out/", signed_out),
    Route("/go/{tracking_id}", follow),
    Route("/go/{tracking_id}/{number:int}", follow),
]


async def trouble(request: Request, error: Exception) -> Response:
    """A page for what a route did not expect, such as a database out of reach."""
    assert isinstance(error, InboxError)  # noqa: S101 - installed for this class
    return page(error.message, error.fix, status_of(error))


def _nothing_done() -> Response:
    """For link checkers, which ask for the head: only a person uses a link up or has clicked."""
    return Response()


def _runtime(request: Request) -> Runtime:
    return cast("Runtime", request.app.state.runtime())


def _token(request: Request) -> str:
    return request.cookies.get(access.SESSION_COOKIE, "")


def _same_origin(request: Request) -> bool:
    """Whether a page of this server sent the request (Fetch Metadata, else the Origin header)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
