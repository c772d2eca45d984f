"""The right pane: the open notification."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.views import Piece
from inbox_app.ui.components.detail_parts import About, Notes, ReplyBox, Thread
from inbox_app.ui.components.icons import icon
from inbox_app.ui.components.react import (
    Acts,
    Avatar,
    BackLink,
    Choices,
    DetailPane,
    LocalTime,
)
from inbox_app.ui.components.values import some
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.words import say

item = DetailState.item
row = DetailState.item.row
viewer = ViewerState.viewer

HINTS = (
    ("next", "item.hint_next"),
    ("open", "item.hint_open"),
    ("archive", "item.hint_done"),
    ("help", "item.hint_help"),
)


def detail_pane() -> rx.Component:
    return DetailPane.create(
        rx.el.div(_nothing_open(), data_when="none", class_name="pane-state"),
        rx.el.div(_bones(), data_when="loading"),
        rx.el.div(_bar(acts=False), _gone(), data_when="gone", class_name="pane-state"),
        rx.el.div(_bar(acts=False), _not_loaded(), data_when="failed", class_name="pane-state"),
        rx.el.div(
            rx.cond(DetailState.phase == "ready", rx.fragment(_bar(acts=True), _sheet())),
            data_when="ready",
        ),
        loaded=DetailState.id,
        phase=DetailState.phase,
        row=row,
        label=say("item.label"),
    )


def _bar(*, acts: bool) -> rx.Component:
    return rx.el.div(
        BackLink.create(class_name="icon-button back", label=say("item.back"), icon="back"),
        rx.el.span(class_name="push"),
        Acts.create(row=row) if acts else rx.fragment(),
        BackLink.create(class_name="icon-button close", label=say("item.back"), icon="close"),
        class_name="detail-bar",
    )


def _sheet() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            Avatar.create(image=row.image, initials=row.initials, tone=row.type_title, size="l"),
            rx.el.div(rx.el.h2(row.title, tab_index=-1, dir="auto"), _meta()),
            class_name="sheet-head",
        ),
        _body(),
        rx.el.div(
            Choices.create(row=row),
            _open_link(),
            class_name="sheet-acts",
        ),
        _thread(),
        About.create(why=DetailState.why, on_stale=DetailState.refresh),
        class_name="sheet",
    )


def _meta() -> rx.Component:
    return rx.el.p(
        rx.cond(row.category != "", rx.el.span(row.category, dir="auto")),
        rx.el.span(row.type_title, dir="auto"),
        LocalTime.create(at=row.at, form="long"),
        Notes.create(row=row),
        class_name="meta",
    )


def _body() -> rx.Component:
    return rx.cond(
        item.html != "",
        rx.html(item.html, class_name="body", dir="auto"),
        rx.el.div(rx.foreach(DetailState.body, _piece), class_name="body plain", dir="auto"),
    )


def _piece(piece: Piece) -> rx.Component:
    return rx.cond(
        piece.href != "",
        rx.el.a(piece.text, href=piece.href, target="_blank", rel="noopener noreferrer nofollow"),
        rx.el.span(piece.text),
    )


def _open_link() -> rx.Component:
    """Leads through our own route, which records the click however the link is followed."""
    return rx.cond(
        row.url != "",
        rx.el.a(
            say("item.open_link"),
            rx.cond(
                DetailState.host != "",
                rx.fragment(
                    rx.el.span(DetailState.host, class_name="host", dir="ltr", data_content=""),
                    icon("external"),
                ),
            ),
            href=f"/go/{row.id}",
            target=rx.cond(DetailState.host != "", "_blank", "_self"),
            rel="noopener",
            class_name="button",
            data_kind=rx.cond(some(row.actions), "plain", "primary"),
        ),
    )


def _thread() -> rx.Component:
    return rx.cond(
        item.can_reply | some(item.thread),
        rx.el.section(
            Thread.create(
                item=row.id, replies=item.thread, name=viewer.name, initials=viewer.initials
            ),
            rx.cond(
                item.can_reply,
                rx.el.div(
                    Avatar.create(image="", initials=viewer.initials, tone=viewer.name, size="m"),
                    ReplyBox.create(
                        item=row.id, outcome=DetailState.outcome, on_reply=DetailState.reply
                    ),
                    class_name="answer",
                ),
            ),
            class_name="thread",
            aria_label=say("item.replies"),
        ),
    )


def calm(icon_name: str, title: str, sentence: str, *more: rx.Component) -> rx.Component:
    """A state without content: what it is and what to expect, by key."""
    return rx.el.div(
        rx.el.span(icon(icon_name), class_name="badge-icon"),
        rx.el.h2(say(title)),
        rx.el.p(say(sentence)),
        *more,
        class_name="calm",
    )


def _nothing_open() -> rx.Component:
    hints = (_hint(act, text) for act, text in HINTS)
    return calm("mail", "item.none", "item.none_text", rx.el.div(*hints, class_name="hints"))


def _hint(act: str, text: str) -> rx.Component:
    key = rx.Var.create(viewer.key_of[act]).to(str)
    return rx.el.span(rx.el.kbd(key.upper()), say(text))


def _gone() -> rx.Component:
    leave = BackLink.create(class_name="button", label=say("item.gone_done"), named=True)
    return calm("alert", "item.gone", "item.gone_text", leave)


def _not_loaded() -> rx.Component:
    reference = DetailState.trouble.reference
    return rx.el.div(
        rx.el.span(icon("alert"), class_name="badge-icon"),
        rx.el.h2(say("item.not_loaded")),
        rx.cond(DetailState.trouble.code == "NETWORK", rx.el.p(say("error.NETWORK"))),
        rx.cond(reference != "", rx.el.p(say("frame.reference", id=reference))),
        rx.el.button(
            say("frame.retry"), type="button", class_name="button", on_click=DetailState.retry
        ),
        class_name="calm",
    )


def _bones() -> rx.Component:
    return rx.el.div(*(rx.el.span(class_name="bone") for _ in range(6)), class_name="bones-sheet")
