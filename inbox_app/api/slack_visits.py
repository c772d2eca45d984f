"""The way of a person's browser to Slack and back, when they connect it."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_app.api.browser import is_same_origin, runtime_of, session_token
from inbox_app.api.errors import status_of
from inbox_app.api.languages import told, tongue_for
from inbox_app.api.pages import HEADERS, page
from inbox_app.domain.errors import InboxError, Refused, Unauthenticated
from inbox_app.services import access, slack_connecting
from inbox_app.services.access import Viewer
from inbox_app.services.slack_app import CALLBACK

PREFERENCES = "/preferences/"
DONE = f"{PREFERENCES}?{urlencode({'at': 'address/SLACK', 'slack': 'connected'})}"


async def connect(request: Request) -> Response:
    """Leads to Slack's page. Only pages of this server may ask."""
    try:
        viewer = await _viewer(request)
        if not is_same_origin(request):
            raise Refused("This request came from another site.", name="server.foreign")
        url = await slack_connecting.begin(runtime_of(request), viewer)
    except InboxError as error:
        return _refused(request, error)
    tongue = tongue_for(request, viewer.view.language)
    texts = tongue.say("server.slack_going"), tongue.say("server.slack_going_text")
    answer = page(tongue, *texts, link=(url, tongue.say("server.slack_go")))
    # A redirect would be one of a form, whose whole way our policy holds to this server; and from
    # Slack's page it can go on to wherever people of a workspace sign in.
    answer.headers["Refresh"] = f"0; url={url}"
    return answer


async def connected(request: Request) -> Response:
    """Where Slack leads back to."""
    if request.method == "HEAD":
        # For link checkers: a code and a state are good for one time.
        return Response()
    try:
        viewer = await _viewer(request)
        await slack_connecting.finish(runtime_of(request), viewer, request.query_params)
    except InboxError as error:
        return _refused(request, error)
    return RedirectResponse(DONE, 303, HEADERS)


async def _viewer(request: Request) -> Viewer:
    viewer = await access.viewer(runtime_of(request), session_token(request))
    if viewer is None:
        raise Unauthenticated("You are signed out.", name="server.signed_out")
    return viewer


def _refused(request: Request, error: InboxError) -> Response:
    tongue = tongue_for(request)
    link = (PREFERENCES, tongue.say("server.to_preferences"))
    signed_out = isinstance(error, Unauthenticated)
    return page(tongue, *told(tongue, error), status_of(error), link=None if signed_out else link)


routes = [
    Route("/slack/connect", connect, methods=["POST"]),
    Route(CALLBACK, connected),
]
