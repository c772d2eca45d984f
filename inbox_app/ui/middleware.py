"""What every event passes before its handler runs.

Whoever opens a websocket can call any handler with any argument, and the id of a tab is no proof
of anything. So each event is bound to the session cookie its socket came with.
"""

from __future__ import annotations

import logging
from typing import Final

import reflex as rx
from reflex.state import (
    BaseState,
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
    UpdateVarsInternalState,
)
from reflex_base.event import Event, EventHandler
from reflex_base.utils.format import format_event_handler

from inbox_app.ui.pace import OncePerSecond
from inbox_app.ui.states.effect import EffectState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.live import forget
from inbox_app.ui.states.preferences import CentreState, ComingState
from inbox_app.ui.states.session import ViewerState, find_viewer, find_visitor

logger = logging.getLogger("inbox.ui")


def _names(*handlers: EventHandler) -> frozenset[str]:
    return frozenset(map(format_event_handler, handlers))


# Reflex's own events, which carry nothing of ours but what the binding below lets through, and
# the one that says farewell.
PUBLIC: Final = _names(
    State.event_handlers["hydrate"],
    State.event_handlers["hydrate_and_load"],
    State.event_handlers["set_is_hydrated"],
    OnLoadInternalState.event_handlers["on_load_internal"],
    OnLoadInternalState.event_handlers["set_is_hydrated"],
    UpdateVarsInternalState.event_handlers["update_vars_internal"],
    FrontendEventExceptionState.event_handlers["handle_frontend_exception"],
    ViewerState.event_handlers["leave"],
)

# What a link to preferences lets its holder do; addresses are changed, and what notifications say
# is read, by who is signed in.
BY_LINK: Final = _names(
    *(CentreState.event_handlers[name] for name in ("retry", "change", "follow")),
    EffectState.event_handlers["look_back"],
    *(ComingState.event_handlers[name] for name in ("send_now", "take_out", "put_back", "older")),
    # What no handler of these foresaw is told, too.
    FlashState.event_handlers["alarm"],
)


class SessionMiddleware(rx.Middleware):
    """Lets an event through to the states of the person whose cookie it came with."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        viewer, visitor = await find_viewer(state), await find_visitor(state)
        mine = await state.get_state(ViewerState)
        if not mine.holds(viewer, visitor):
            # A new tab, somebody else's data, or one's own of a session that is over.
            await forget(state)
            mine.bind(viewer, visitor)
        elif viewer is not None:
            mine.know(viewer)
        if viewer is not None or event.name in PUBLIC:
            return None
        if visitor is not None and event.name in BY_LINK:
            return None
        mine.ended = True
        return await _told(state)


async def _told(state: BaseState) -> StateUpdate:
    """What the tab does not know yet.

    Told at once: an event to do it would come later with the cookie of this one, when the tab may
    have another page whose session is good.
    """
    root = state._get_root_state()  # noqa: SLF001  # as Reflex's own middleware does
    delta = await root._get_resolved_delta()  # noqa: SLF001
    root._clean()  # noqa: SLF001
    return StateUpdate(delta=delta)


class QuietUnknownEvents(logging.Filter):
    """Shortens Reflex's report of an unknown event to a line, at most one a second.

    Reflex logs the event, whose size its sender chooses, with a traceback; anybody may send one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pace = OncePerSecond()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, KeyError) or "No registered handler" not in str(error):
            return True
        record.msg, record.args, record.exc_info = "An unknown event was refused.", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return self._pace.due()


def quiet_unknown_events() -> None:
    """Installs the filter, once."""
    reflex_log = logging.getLogger("reflex_base.event.processor.event_processor")
    if not any(isinstance(each, QuietUnknownEvents) for each in reflex_log.filters):
        reflex_log.addFilter(QuietUnknownEvents())
