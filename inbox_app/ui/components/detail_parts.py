"""The React parts of the open notification, as Reflex components."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.views import ReplyView, RowView
from inbox_app.ui.components.specs import a_reply, nothing
from inbox_app.ui.reasons import Why
from inbox_app.ui.states.detail import ReplyOutcome

_FOLDER = "$/public/react"


class Notes(rx.Component):
    """What else there is to know of it: done, saved, snoozed, soon gone."""

    library = f"{_FOLDER}/notes.jsx"
    tag = "Notes"

    row: rx.Var[RowView]


class Thread(rx.Component):
    """The replies, the newest in sight, and below them those that wait to be sent."""

    library = f"{_FOLDER}/thread.jsx"
    tag = "Thread"

    # Not named "id", which would be taken for the element's own.
    item: rx.Var[str]
    replies: rx.Var[list[ReplyView]]
    # Of who is signed in, for replies that wait.
    name: rx.Var[str]
    initials: rx.Var[str]


class ReplyBox(rx.Component):
    """Where a reply is written."""

    library = f"{_FOLDER}/reply.jsx"
    tag = "ReplyBox"

    item: rx.Var[str]
    outcome: rx.Var[ReplyOutcome]
    on_reply: rx.EventHandler[a_reply]


class About(rx.Component):
    """Why it came, and what became of it on each channel."""

    library = f"{_FOLDER}/about.jsx"
    tag = "About"

    why: rx.Var[Why]
    on_stale: rx.EventHandler[nothing]
