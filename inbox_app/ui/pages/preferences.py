"""The preferences: what reaches a person, where and when."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui.components.account import account_button
from inbox_app.ui.components.bell import bell
from inbox_app.ui.components.preferences import (
    Centre,
    Coming,
    Effect,
    History,
    Slack,
    Summary,
    What,
    When,
    Where,
)
from inbox_app.ui.layout import card, frame, lone
from inbox_app.ui.states.addresses import AddressState
from inbox_app.ui.states.effect import EffectState
from inbox_app.ui.states.preferences import CentreState, ComingState
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.states.slack import SlackState
from inbox_app.ui.words import say

HEADING = "preferences.heading"
OVER = "/preferences/over/"

viewer = ViewerState.viewer


def preferences() -> rx.Component:
    """For the person who is signed in."""
    content = _content(_where(), bell(), account_button("phone-only"))
    return frame("title.preferences", content, label=say(HEADING), class_name="pane")


def preferences_by_link() -> rx.Component:
    """For whoever holds a link: no inbox, no account, and addresses are only shown."""
    where = card("where.heading", Where.create(addresses=CentreState.where), anchor="where")
    whose = rx.el.bdi(viewer.brand, " · ", viewer.name, class_name="hint")
    return lone("title.preferences", _content(where, whose), label=say(HEADING), over=OVER)


def _content(where: rx.Component, *buttons: rx.Component) -> rx.Component:
    centre = Centre.create(
        Summary.create(summary=CentreState.summary),
        rx.el.div(where, _when(), class_name="pair"),
        card("what.heading", _what(), anchor="what"),
        card("effect.heading", _effect(), anchor="effect"),
        card("coming.heading", _coming(), anchor="coming"),
        card("history.heading", _history(), anchor="history"),
        outcomes=CentreState.outcomes,
        phase=CentreState.phase,
        trouble=CentreState.trouble,
        undo_key=rx.cond(viewer.shortcuts, viewer.key_of["undo"], ""),
        on_change_setting=CentreState.change,
        on_retry=CentreState.retry,
    )
    return rx.el.section(
        rx.el.header(
            rx.el.h1(say(HEADING), id="view-title", tab_index=-1),
            rx.el.span(class_name="push"),
            *buttons,
            class_name="bar",
        ),
        centre,
        id="content",
        class_name="page centre-page",
        tab_index=-1,
        aria_labelledby="view-title",
    )


def _where() -> rx.Component:
    where = Where.create(
        addresses=CentreState.where,
        sent=AddressState.sent,
        on_ask=AddressState.ask,
        on_test=AddressState.test,
        on_confirm=AddressState.confirm,
        on_cancel=AddressState.cancel,
        on_remove=AddressState.remove,
        on_revoke=AddressState.revoke,
    )
    return card("where.heading", where, _slack(), anchor="where")


def _slack() -> rx.Component:
    return Slack.create(
        addresses=CentreState.where,
        offered=SlackState.offered,
        found=SlackState.found,
        ended=SlackState.ended,
        sent=AddressState.sent,
        on_test=AddressState.test,
        on_search=SlackState.search,
        on_choose=SlackState.choose,
        on_disconnect=SlackState.disconnect,
    )


def _when() -> rx.Component:
    return card("when.heading", When.create(when=CentreState.when), anchor="when")


def _what() -> rx.Component:
    return What.create(
        columns=CentreState.columns, categories=CentreState.categories, patch=CentreState.patch
    )


def _effect() -> rx.Component:
    return Effect.create(
        found=EffectState.found,
        days=EffectState.days,
        phase=EffectState.phase,
        on_days=EffectState.look_back,
    )


def _coming() -> rx.Component:
    return Coming.create(
        digests=ComingState.digests,
        preview=ComingState.preview,
        taken=ComingState.taken,
        on_look=ComingState.look,
        on_send=ComingState.send_now,
        on_take_out=ComingState.take_out,
        on_put_back=ComingState.put_back,
    )


def _history() -> rx.Component:
    return History.create(
        history=ComingState.history,
        categories=CentreState.categories,
        more=ComingState.more,
        on_older=ComingState.older,
    )
