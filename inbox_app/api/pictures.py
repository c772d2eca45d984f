"""Plain routes of a person's browser for the pictures of replies."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from inbox_app.api.browser import is_same_origin, runtime_of, session_token
from inbox_app.api.errors import status_of
from inbox_app.api.requests import read_body
from inbox_app.domain.errors import InboxError, Refused, Unauthenticated
from inbox_app.services import access, attachments

HEADERS = {
    # People sent these bytes: nothing in them may run, and no shared cache may keep them.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Cookie",
}


async def upload(request: Request) -> Response:
    """Takes one picture for a reply: the body is the file itself."""
    try:
        user_id = await _person(request)
        if not is_same_origin(request):
            raise Refused("This request came from another site.")
        data = await read_body(request)
        view = await attachments.upload(
            runtime_of(request), user_id, request.path_params["tracking_id"], data
        )
    except InboxError as error:
        body = {"code": error.code, "message": str(error), "fix": error.fix}
        return JSONResponse(body, status_of(error), {"Cache-Control": "no-store"})
    return JSONResponse(vars(view), 201, {"Cache-Control": "no-store"})


async def show(request: Request) -> Response:
    """A picture of the person who is signed in; nobody else's."""
    try:
        user_id = await _person(request)
        attachment_id = request.path_params["attachment_id"]
        data, content_type = await attachments.fetch(runtime_of(request), user_id, attachment_id)
    except InboxError as error:
        return Response(status_code=status_of(error), headers={"Cache-Control": "no-store"})
    return Response(data, media_type=content_type, headers=HEADERS)


async def _person(request: Request) -> int:
    viewer = await access.viewer(runtime_of(request), session_token(request))
    if viewer is None:
        raise Unauthenticated("You are signed out.")
    return viewer.user_id


routes = [
    Route("/inbox/attachments/{tracking_id}", upload, methods=["POST"]),
    Route("/inbox/attachments/{attachment_id}", show),
]
