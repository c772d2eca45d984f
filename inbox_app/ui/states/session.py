"""Who looks at a tab. The session cookie is asked on every event; no state is trusted with it."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

import reflex as rx
from reflex.state import BaseState

from inbox_app.domain.errors import Unauthenticated
from inbox_app.services import access
from inbox_app.services.access import Viewer
from inbox_app.services.views import ViewerView
from inbox_app.ui import bridge


class ViewerState(rx.State):
    """The signed-in person, as the page shows them."""

    viewer: ViewerView = ViewerView()
    # The session is over: the page leaves for the one that says so.
    ended: bool = False
    # The session whose data the states of this tab hold.
    _session_id: int | None = None

    @property
    def session_id(self) -> int | None:
        return self._session_id

    def bind(self, viewer: Viewer | None) -> None:
        """Notes whose data the tab's states hold from now on."""
        self._session_id = viewer.session_id if viewer else None
        self.ended = viewer is None
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
    return await access.viewer(bridge.runtime(), session_token(state.router.headers.cookie))


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
    try:
        morsel = SimpleCookie(cookies).get(access.SESSION_COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
