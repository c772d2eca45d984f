"""The React parts of the preference page (``assets/react/preferences``), as Reflex components."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.centre_views import (
    AddressView,
    CategoryView,
    ColumnView,
    EffectView,
    HistoryView,
    SummaryView,
    UpcomingView,
    WhenView,
)
from inbox_app.ui.components.specs import nothing, number, one, three, two
from inbox_app.ui.states.addresses import Sent
from inbox_app.ui.states.flash import Trouble
from inbox_app.ui.states.preferences import Outcome, PreviewView
from inbox_app.ui.states.slack import Found

_FOLDER = "$/public/react/preferences"


def _some(name: rx.Var[str], ids: rx.Var[list[str]]) -> tuple[rx.Var[str], rx.Var[list[str]]]:
    return name, ids


class Centre(rx.Component):
    """Around the cards: carries changes out, and knows how each of them went."""

    library = f"{_FOLDER}/centre.jsx"
    tag = "Centre"

    outcomes: rx.Var[list[Outcome]]
    phase: rx.Var[str]
    trouble: rx.Var[Trouble]
    # "" while single keys are switched off.
    undo_key: rx.Var[str]
    on_change_setting: rx.EventHandler[three]
    on_retry: rx.EventHandler[nothing]


class Summary(rx.Component):
    """What applies in a sentence, and the pause."""

    library = f"{_FOLDER}/summary.jsx"
    tag = "Summary"

    summary: rx.Var[SummaryView]


class Where(rx.Component):
    """The person's addresses."""

    library = f"{_FOLDER}/where.jsx"
    tag = "Where"

    addresses: rx.Var[list[AddressView]]
    sent: rx.Var[list[Sent]]
    on_ask: rx.EventHandler[three]
    on_test: rx.EventHandler[two]
    on_confirm: rx.EventHandler[three]
    on_cancel: rx.EventHandler[one]
    on_remove: rx.EventHandler[one]
    on_revoke: rx.EventHandler[one]


class Slack(rx.Component):
    """The person's Slack, of which an address tells once it is connected."""

    library = f"{_FOLDER}/slack.jsx"
    tag = "Slack"

    addresses: rx.Var[list[AddressView]]
    offered: rx.Var[bool]
    found: rx.Var[Found]
    ended: rx.Var[list[Sent]]
    sent: rx.Var[list[Sent]]
    on_test: rx.EventHandler[two]
    on_search: rx.EventHandler[two]
    on_choose: rx.EventHandler[two]
    on_disconnect: rx.EventHandler[one]


class When(rx.Component):
    """Zone, quiet hours, digests and the delay of e-mails."""

    library = f"{_FOLDER}/when.jsx"
    tag = "When"

    when: rx.Var[WhenView]


class What(rx.Component):
    """Every type on every channel."""

    library = f"{_FOLDER}/what.jsx"
    tag = "What"

    columns: rx.Var[list[ColumnView]]
    categories: rx.Var[list[CategoryView]]
    patch: rx.Var[list[CategoryView]]


class Effect(rx.Component):
    """The last days, replayed."""

    library = f"{_FOLDER}/effect.jsx"
    tag = "Effect"

    found: rx.Var[EffectView]
    days: rx.Var[int]
    phase: rx.Var[str]
    on_days: rx.EventHandler[number]


class Coming(rx.Component):
    """Summaries that are to come."""

    library = f"{_FOLDER}/coming.jsx"
    tag = "Coming"

    digests: rx.Var[list[UpcomingView]]
    preview: rx.Var[PreviewView]
    # How many were last taken out and can be put back.
    taken: rx.Var[int]
    on_look: rx.EventHandler[one]
    on_send: rx.EventHandler[one]
    on_take_out: rx.EventHandler[_some]
    on_put_back: rx.EventHandler[nothing]


class History(rx.Component):
    """What was changed when and by whom."""

    library = f"{_FOLDER}/history.jsx"
    tag = "History"

    history: rx.Var[list[HistoryView]]
    categories: rx.Var[list[CategoryView]]
    more: rx.Var[bool]
    on_older: rx.EventHandler[nothing]
