"""Puts the interface together: `OPTIONS` for `reflex.App`, then `install` on the app made."""

# Annotations stay values here: Reflex evaluates those of its exception handlers.
import logging
import secrets
from typing import Any, Final

import reflex as rx
from reflex.state import FrontendEventExceptionState
from reflex_components_core.base.error_boundary import ErrorBoundary

from inbox_app.lib.catalogue import BUILT_IN
from inbox_app.ui.components.react import Crashed
from inbox_app.ui.language import head_script
from inbox_app.ui.middleware import SessionMiddleware, quiet_unknown_events
from inbox_app.ui.pace import OncePerSecond
from inbox_app.ui.pages.account import account_page
from inbox_app.ui.pages.inbox import inbox
from inbox_app.ui.pages.lost import lost
from inbox_app.ui.pages.preferences import preferences, preferences_by_link
from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.live import LiveState
from inbox_app.ui.states.preferences import CentreState
from inbox_app.ui.states.slack import SlackState
from inbox_app.ui.words import built_in

logger = logging.getLogger("inbox.ui")

LONGEST_REPORT: Final = 2_000
page_reports: Final = OncePerSecond()


def on_backend_error(exception: Exception) -> rx.event.EventSpec:
    """Logs what no handler foresaw and tells the person under which reference.

    Reflex's own handler sends a script to the page, which our policy forbids.
    """
    reference = secrets.token_hex(4)
    logger.error("Unforeseen error in an event [%s]", reference, exc_info=exception)
    return FlashState.alarm(reference)  # pyright: ignore[reportReturnType] - is one when called


def on_frontend_error(exception: Exception) -> None:
    """Logs what a page reports, at most once a second.

    Anybody may report anything, so it is cut short, and quoted lest it looks like further lines.
    """
    if page_reports.due():
        logger.warning("A page reports: %r", str(exception)[:LONGEST_REPORT])


STYLES: Final = (
    *("tokens", "base", "shell", "list", "search", "detail", "overlays", "page", "bell"),
    *("preferences", "slack"),
)

OPTIONS: Final[dict[str, Any]] = {
    "stylesheets": [f"/styles/{name}.css" for name in STYLES],
    "reset_style": False,
    "head_components": [
        rx.el.script(head_script()),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(rel="manifest", href="/manifest.webmanifest", cross_origin="use-credentials"),
        rx.el.link(rel="apple-touch-icon", href="/icons/apple-touch-180.png"),
        rx.el.meta(
            name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"
        ),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.meta(name="robots", content="noindex"),
    ],
    "html_lang": BUILT_IN,
    # No toasts and no banner with the socket's address; `Connection` stands in for them.
    "toaster": None,
    "app_wraps": {
        (55, "ErrorBoundary"): lambda _stateful: ErrorBoundary.create(
            fallback_render=rx.Var.create(Crashed.create())
        ),
    },
    "backend_exception_handler": on_backend_error,
    "frontend_exception_handler": on_frontend_error,
}


def install(app: rx.App) -> None:
    """Adds the pages and what every event passes."""
    # It would reload the page by a script from the server, which our policy forbids.
    FrontendEventExceptionState.auto_reload_on_errors = []
    quiet_unknown_events()
    app.add_middleware(SessionMiddleware())
    app.add_page(
        inbox,
        route="/inbox",
        title=built_in("title.inbox"),
        description=built_in("description"),
        on_load=[LiveState.arrive, LiveState.follow],
    )
    app.add_page(
        preferences,
        route="/preferences",
        title=built_in("title.preferences"),
        on_load=[SlackState.arrive, LiveState.follow, CentreState.follow],
    )
    app.add_page(
        preferences_by_link,
        route="/preferences/by-link",
        title=built_in("title.preferences"),
        meta=[{"name": "referrer", "content": "no-referrer"}],
        on_load=[CentreState.follow],
    )
    app.add_page(
        account_page,
        route="/account",
        title=built_in("title.account"),
        on_load=[AccountState.arrive, LiveState.follow],
    )
    app.add_page(lost, route="404", title=built_in("title.lost"))
