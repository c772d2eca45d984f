"""Where links to preferences lead: the key leaves the address for a cookie before a page loads."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from inbox_app.api.errors import status_of
from inbox_app.api.languages import told, tongue_for
from inbox_app.api.pages import HEADERS, page
from inbox_app.domain.errors import InboxError
from inbox_app.runtime import Runtime
from inbox_app.services import access, preference_links
from inbox_app.services.preference_links import COOKIE, COOKIE_LIFE

PREFERENCES = "/preferences/"
BY_LINK = "/preferences/by-link/"
SOCKET = "/_event"
"""Path of the websocket: the one place that needs the cookie, so the only one that gets it."""


class WithKey(Route):
    """Takes requests whose query holds a key; the page itself answers the others."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and "key" in Request(scope).query_params:
            return super().matches(scope)
        return Match.NONE, {}


async def exchange(request: Request) -> Response:
    """Puts the key into a cookie and leads on to the page, without it in the address."""
    rt = cast("Runtime", request.app.state.runtime())
    token = request.query_params.get("key", "")
    try:
        user = await preference_links.resolve(rt, token)
    except InboxError as error:
        return _refused(request, error)
    viewer = await access.viewer(rt, request.cookies.get(access.SESSION_COOKIE, ""))
    at = request.query_params.get("at")
    query = f"?{urlencode({'at': at})}" if at else ""
    if viewer is not None and viewer.user_id == user.id:
        return RedirectResponse(f"{PREFERENCES}{query}", 303, HEADERS)
    answer = RedirectResponse(f"{BY_LINK}{query}", 303, HEADERS)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=round(COOKIE_LIFE.total_seconds()),
        path=SOCKET,
        httponly=True,
        samesite="lax",
        secure=rt.settings.public_url.startswith("https://"),
    )
    return answer


async def over(request: Request) -> Response:
    """Where the page ends up when its link does not work any more."""
    tongue = tongue_for(request)
    texts = tongue.say("server.link_over"), tongue.say("server.link_over_fix")
    return page(tongue, *texts, 403)


routes = [
    WithKey("/preferences", exchange),
    WithKey(PREFERENCES, exchange),
    Route("/preferences/over/", over),
]


def _refused(request: Request, error: InboxError) -> Response:
    tongue = tongue_for(request)
    return page(tongue, *told(tongue, error), status_of(error))
