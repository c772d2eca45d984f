"""Who looks at a tab. The session cookie is asked on every event; no state is trusted with it."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final

import reflex as rx
from reflex.state import BaseState

from inbox_app.domain.errors import Unauthenticated
from inbox_app.services import access, preference_links
from inbox_app.services.access import Viewer
from inbox_app.services.preference_links import Visitor
from inbox_app.services.views import ViewerView
from inbox_app.ui import bridge

BY_LINK: Final = "/preferences/by-link"
"""The page for those whom a link lets in; no session counts there."""


class ViewerState(rx.State):
    """The signed-in person, as the page shows them."""

    viewer: ViewerView = ViewerView()
    # The session is over: the page leaves for the one that says so.
    ended: bool = False
    # The session whose data the states of this tab hold.
    _session_id: int | None = None
    # Or the person whose link opened the tab.
    _visitor_id: int | None = None

    def holds(self, viewer: Viewer | None, visitor: Visitor | None = None) -> bool:
        """Whether the tab's states hold the data of just this one."""
        session_id = viewer.session_id if viewer else None
        visitor_id = visitor.user_id if visitor else None
        return (self._session_id, self._visitor_id) == (session_id, visitor_id)

    def bind(self, viewer: Viewer | None, visitor: Visitor | None = None) -> None:
        """Notes whose data the tab's states hold from now on."""
        self._session_id = viewer.session_id if viewer else None
        self._visitor_id = visitor.user_id if visitor else None
        self.ended = viewer is None and visitor is None
        if visitor is not None:
            self.viewer = visitor.view
        if viewer is not None:
            self.know(viewer)

    def know(self, viewer: Viewer) -> None:
        """Shows the person as they are now; another tab may have changed their settings."""
        if viewer.view != self.viewer:
            self.viewer = viewer.view

    @rx.event
    async def leave(self) -> None:
        """Sends the page to the one that says "signed out"."""
        self.ended = True


async def find_viewer(state: BaseState) -> Viewer | None:
    """The person whose browser sent the event that `state` handles, or None."""
    if state.router.url.path.rstrip("/") == BY_LINK:
        return None
    return await access.viewer(bridge.runtime(), session_token(state.router.headers.cookie))


async def find_visitor(state: BaseState) -> Visitor | None:
    """Whom a link lets in with the event that `state` handles, or None.

    Which page an event says it comes from only chooses between the cookies that came with it.
    """
    if state.router.url.path.rstrip("/") != BY_LINK:
        return None
    token = cookie(state.router.headers.cookie, preference_links.COOKIE)
    return await preference_links.visitor(bridge.runtime(), token)


async def viewer_of(state: BaseState) -> Viewer:
    """The person whose browser sent the event that `state` handles.

    Raises:
        Unauthenticated: nobody is signed in there.
    """
    viewer = await find_viewer(state)
    if viewer is None:
        message = "You are signed out."
        raise Unauthenticated(message)
    return viewer


def session_token(cookies: str) -> str:
    """The session's token in a Cookie header, or ""."""
    return cookie(cookies, access.SESSION_COOKIE)


def cookie(cookies: str, name: str) -> str:
    """The value of one cookie in a Cookie header, or ""."""
    try:
        morsel = SimpleCookie(cookies).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
