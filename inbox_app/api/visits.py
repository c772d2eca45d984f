"""Plain routes of a person's browser: sign in and out, follow a link, take one's data."""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from inbox_app.api.browser import is_same_origin, runtime_of, session_token
from inbox_app.api.errors import status_of
from inbox_app.api.languages import told, tongue_for
from inbox_app.api.pages import page
from inbox_app.domain.errors import InboxError, NotFound
from inbox_app.lib.catalogue import LANGUAGE_COOKIE
from inbox_app.services import access, inbox, personal_data

INBOX = "/inbox/"
SIGNED_OUT = "/signed-out/"
# A page of ours, or the address typed into the browser.
OWN_SITE = {"same-origin", "none"}
DOWNLOAD = {
    "Content-Disposition": 'attachment; filename="inbox-data.json"',
    "Cache-Control": "no-store",
}
# Pictures and pages that the browser may show again by its "back".
CLEAR_COPIES = '"cache"'
# Whatever a page has kept: also the colours chosen and the worker, with what rests on it. So only
# where no script of ours did it, such as in a browser that runs none.
CLEAR_ALL = '"cache", "storage"'
DAY = 86_400
YEAR = 365 * DAY


async def sign_in(request: Request) -> Response:
    """Starts a session from a signed link; the link works once."""
    if request.method == "HEAD":
        return _nothing_done()
    rt = runtime_of(request)
    try:
        signed_in = await access.sign_in(
            rt, request.query_params.get("token", ""), request.headers.get("user-agent", "")
        )
    except InboxError as error:
        if await access.viewer(rt, session_token(request)) is not None:
            # A link clicked twice: the first click already let the person in.
            return RedirectResponse(INBOX, 303)
        return _error_page(request, error)
    # Whoever was signed in here before is not any longer: their tabs must not go on unnoticed. When
    # these ask who is signed in now, the browser has the new cookie already.
    before = BackgroundTask(access.sign_out, rt, session_token(request))
    answer = RedirectResponse(INBOX, 303, background=before)
    answer.set_cookie(
        access.SESSION_COOKIE,
        signed_in.token,
        max_age=rt.settings.session_days * DAY,
        httponly=True,
        samesite="lax",
        secure=rt.settings.public_url.startswith("https://"),
    )
    # Readable by scripts: pages choose their language by it before anything else has loaded.
    answer.set_cookie(
        LANGUAGE_COOKIE,
        signed_in.language,
        max_age=YEAR if signed_in.language else 0,
        samesite="lax",
        secure=rt.settings.public_url.startswith("https://"),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def sign_out(request: Request) -> Response:
    """Ends the session in every tab. Only pages of this server may ask."""
    if not is_same_origin(request):
        return _foreign(request)
    await access.sign_out(runtime_of(request), session_token(request))
    answer = RedirectResponse(SIGNED_OUT, 303)
    answer.delete_cookie(access.SESSION_COOKIE, httponly=True, samesite="lax")
    wiped = "wiped" in request.query_params
    answer.headers["Clear-Site-Data"] = CLEAR_COPIES if wiped else CLEAR_ALL
    return answer


async def signed_out(request: Request) -> Response:
    """Where a browser without a session ends up; one with a session goes to the inbox."""
    if await access.viewer(runtime_of(request), session_token(request)) is not None:
        return RedirectResponse(INBOX, 303)
    tongue = tongue_for(request)
    return page(tongue, tongue.say("server.signed_out"), tongue.say("server.signed_out_text"))


async def farewell(request: Request) -> Response:
    """Where the page of somebody ends up who has deleted their account."""
    tongue = tongue_for(request)
    answer = page(tongue, tongue.say("server.farewell"), tongue.say("server.farewell_text"))
    if await access.viewer(runtime_of(request), session_token(request)) is None:
        answer.delete_cookie(access.SESSION_COOKIE, httponly=True, samesite="lax")
    return answer


async def export(request: Request) -> Response:
    """Everything that is kept about the person, as a download."""
    rt = runtime_of(request)
    viewer = await access.viewer(rt, session_token(request))
    if viewer is None:
        return RedirectResponse(SIGNED_OUT, 303)
    if request.headers.get("sec-fetch-site", "same-origin") not in OWN_SITE:
        return _foreign(request)
    try:
        parts = await personal_data.export(rt, viewer.user_id)
    except NotFound:
        return RedirectResponse(SIGNED_OUT, 303)
    return StreamingResponse(parts, media_type="application/json", headers=DOWNLOAD)


async def follow(request: Request) -> Response:
    """Records that the person follows a link of a notification, then goes there."""
    if request.method == "HEAD":
        return _nothing_done()
    rt = runtime_of(request)
    viewer = await access.viewer(rt, session_token(request))
    if viewer is None:
        return RedirectResponse(SIGNED_OUT, 303)
    number = int(request.path_params.get("number", 0))
    try:
        url = await inbox.follow(rt, viewer.user_id, request.path_params["tracking_id"], number)
    except InboxError as error:
        tongue = tongue_for(request, viewer.view.language)
        link = (INBOX, tongue.say("server.open_inbox"))
        title, text = tongue.say("server.link_gone"), told(tongue, error)[0]
        return page(tongue, title, text, status_of(error), link=link)
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


routes = [
    Route("/sign-in", sign_in),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/signed-out", signed_out),
    Route("/signed-out/", signed_out),
    Route("/farewell/", farewell),
    Route("/account/export.json", export),
    Route("/go/{tracking_id}", follow),
    Route("/go/{tracking_id}/{number:int}", follow),
]


async def trouble(request: Request, error: Exception) -> Response:
    """A page for what a route did not expect, such as a database out of reach."""
    assert isinstance(error, InboxError)  # noqa: S101 - installed for this class
    return _error_page(request, error)


def _error_page(request: Request, error: InboxError) -> Response:
    tongue = tongue_for(request)
    return page(tongue, *told(tongue, error), status_of(error))


def _foreign(request: Request) -> Response:
    tongue = tongue_for(request)
    return page(tongue, tongue.say("server.not_signed_out"), tongue.say("server.foreign"), 403)


def _nothing_done() -> Response:
    """For link checkers, which ask for the head: only a person uses a link up or has clicked."""
    return Response()
