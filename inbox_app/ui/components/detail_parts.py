"""The React parts of the open notification, as Reflex components."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.views import ReplyView, RowView
from inbox_app.ui.components.specs import nothing
from inbox_app.ui.reasons import Why
from inbox_app.ui.states.detail import ReplyOutcome

_FOLDER = "$/public/react"


def _a_reply(
    item: rx.Var[str], message: rx.Var[str], pictures: rx.Var[list[str]], attempt: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[list[str]], rx.Var[str]]:
    return item, message, pictures, attempt


class Notes(rx.Component):
    """What else there is to know of it: done, saved, snoozed, soon gone."""

    library = f"{_FOLDER}/notes.jsx"
    tag = "Notes"

    row: rx.Var[RowView]


class Thread(rx.Component):
    """The replies, the newest in sight."""

    library = f"{_FOLDER}/thread.jsx"
    tag = "Thread"

    # Not named "id", which would be taken for the element's own.
    item: rx.Var[str]
    replies: rx.Var[list[ReplyView]]


class ReplyBox(rx.Component):
    """Where a reply is written."""

    library = f"{_FOLDER}/reply.jsx"
    tag = "ReplyBox"

    item: rx.Var[str]
    outcome: rx.Var[ReplyOutcome]
    on_reply: rx.EventHandler[_a_reply]


class About(rx.Component):
    """Why it came, and what became of it on each channel."""

    library = f"{_FOLDER}/about.jsx"
    tag = "About"

    why: rx.Var[Why]
    on_stale: rx.EventHandler[nothing]
