"""The manifest by which browsers install the inbox as an app (W3C Web Application Manifest)."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from inbox_app.api.browser import runtime_of, session_token
from inbox_app.api.languages import tongue_for
from inbox_app.lib.catalogue import Tongue
from inbox_app.services import access
from inbox_app.services.views import ViewerView

INBOX: Final = "/inbox/"
# As --accent and --bg in assets/styles/tokens.css.
ACCENT, BACKGROUND = "#4f46c8", "#fbfbfc"
HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}


async def manifest(request: Request) -> JSONResponse:
    """Of the environment whose inbox is signed in; the plain one without a session."""
    viewer = await access.viewer(runtime_of(request), session_token(request))
    view = viewer.view if viewer else ViewerView()
    content = of(view, tongue_for(request, view.language))
    return JSONResponse(content, headers=HEADERS, media_type="application/manifest+json")


def of(viewer: ViewerView, tongue: Tongue) -> dict[str, Any]:
    """The manifest as its viewer sees it: with the brand's name and accent."""
    name = viewer.brand or tongue.say("title.inbox")
    return {
        "id": INBOX,
        "name": name,
        "short_name": name,
        "description": tongue.say("description"),
        "lang": tongue.language,
        "dir": tongue.say("dir"),
        "start_url": INBOX,
        "scope": "/",
        "display": "standalone",
        "theme_color": viewer.look.get("light", {}).get("accent", ACCENT),
        "background_color": BACKGROUND,
        "icons": [
            _icon("icon", 192),
            _icon("icon", 512),
            _icon("maskable", 512, "maskable"),
            _icon("monochrome", 512, "monochrome"),
        ],
        "shortcuts": [
            _shortcut(tongue.say("view.unread"), f"{INBOX}?view=unread", "unread"),
            _shortcut(tongue.say("title.preferences"), "/preferences/", "preferences"),
        ],
    }


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    return {
        "src": f"/icons/{name}-{size}.png",
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def _shortcut(name: str, url: str, icon: str) -> dict[str, Any]:
    return {"name": name, "url": url, "icons": [_icon(icon, 96)]}


routes = [Route("/manifest.webmanifest", manifest)]
