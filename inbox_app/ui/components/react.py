"""The React parts of the page (``assets/react``), as Reflex components.

They do what needs the browser itself: scroll position, visibility, keyboard, local time,
connection. What they show and what they may do comes in as properties.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from inbox_app.services.views import (
    CalmView,
    CategoryView,
    CountsView,
    FilterView,
    KindView,
    RowView,
    ViewerView,
)
from inbox_app.ui.components.kept import Slot
from inbox_app.ui.components.specs import a_reply, nothing, number, one, several, three, two
from inbox_app.ui.states.actions import Job
from inbox_app.ui.states.detail import ReplyOutcome
from inbox_app.ui.states.flash import Message, Trouble
from inbox_app.ui.states.rail import FilterOutcome
from inbox_app.ui.states.window import RowPatch

_FOLDER = "$/public/react"


def _an_act(
    items: rx.Var[list[str]],
    act: rx.Var[str],
    until: rx.Var[str],
    attempt: rx.Var[str],
    age: rx.Var[int],
) -> tuple[rx.Var[list[str]], rx.Var[str], rx.Var[str], rx.Var[str], rx.Var[int]]:
    return items, act, until, attempt, age


def _an_act_on_all(
    part: rx.Var[dict[str, str]],
    act: rx.Var[str],
    until: rx.Var[str],
    attempt: rx.Var[str],
    age: rx.Var[int],
) -> tuple[rx.Var[dict[str, str]], rx.Var[str], rx.Var[str], rx.Var[str], rx.Var[int]]:
    return part, act, until, attempt, age


def _a_part(part: rx.Var[dict[str, str]]) -> tuple[rx.Var[dict[str, str]]]:
    return (part,)


def _a_new_filter(
    name: rx.Var[str], part: rx.Var[dict[str, str]], attempt: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[dict[str, str]], rx.Var[str]]:
    return name, part, attempt


def _a_choice(
    item: rx.Var[str], number: rx.Var[int], attempt: rx.Var[str], age: rx.Var[int]
) -> tuple[rx.Var[str], rx.Var[int], rx.Var[str], rx.Var[int]]:
    return item, number, attempt, age


def _a_switch(on: rx.Var[bool]) -> tuple[rx.Var[bool]]:
    return (on,)


class Shell(rx.Component):
    """Around a page: shared actions, shortcuts, the tab's title and icon, language and look."""

    library = f"{_FOLDER}/shell.jsx"
    tag = "Shell"

    # The key of the page's title.
    title: rx.Var[str]
    viewer: rx.Var[ViewerView]
    unseen: rx.Var[int]
    ended: rx.Var[bool]
    signed_out: rx.Var[str]
    # Another with each connection.
    line: rx.Var[str]
    # Names of attempts that are over.
    settled: rx.Var[list[str]]
    # How the last reply went.
    outcome: rx.Var[ReplyOutcome]
    # The change number that is shown.
    change: rx.Var[int]
    # Where the states are that what is kept is put into (`ui.components.kept`).
    slots: rx.Var[dict[str, Slot]]
    # Whether the page is all there is: no rail beside it.
    lone: rx.Var[bool]
    on_act: rx.EventHandler[_an_act]
    on_act_on_all: rx.EventHandler[_an_act_on_all]
    on_mute: rx.EventHandler[two]
    on_undo: rx.EventHandler[two]
    on_choose: rx.EventHandler[_a_choice]
    on_reply: rx.EventHandler[a_reply]
    on_switch: rx.EventHandler[_a_switch]


class Connection(rx.Component):
    """Says that the connection is lost; nothing otherwise."""

    library = f"{_FOLDER}/shell.jsx"
    tag = "Connection"


class Update(rx.Component):
    """Says that there is a new version; nothing otherwise."""

    library = f"{_FOLDER}/update.jsx"
    tag = "Update"

    line: rx.Var[str]


class SkipLink(rx.Component):
    """Leads past the views, straight to the content."""

    library = f"{_FOLDER}/shell.jsx"
    tag = "SkipLink"


class HelpButton(rx.Component):
    """Opens the list of shortcuts."""

    library = f"{_FOLDER}/shell.jsx"
    tag = "HelpButton"


class Flash(rx.Component):
    """The message after an action."""

    library = f"{_FOLDER}/flash.jsx"
    tag = "Flash"

    message: rx.Var[Message]
    undo_key: rx.Var[str]


class Feed(rx.Component):
    """The list."""

    library = f"{_FOLDER}/feed.jsx"
    tag = "Feed"

    page: rx.Var[list[RowView]]
    fresh: rx.Var[list[RowView]]
    patch: rx.Var[dict[str, RowPatch]]
    counts: rx.Var[CountsView]
    shown: rx.Var[dict[str, str]]
    phase: rx.Var[str]
    trouble: rx.Var[Trouble]
    more: rx.Var[bool]
    older: rx.Var[bool]
    beyond: rx.Var[bool]
    complete: rx.Var[bool]
    calm: rx.Var[CalmView]
    job: rx.Var[Job]
    matching: rx.Var[int]
    capped: rx.Var[bool]
    on_index: rx.EventHandler[nothing]
    on_count: rx.EventHandler[_a_part]
    on_stop: rx.EventHandler[nothing]
    on_more: rx.EventHandler[number]
    on_older: rx.EventHandler[nothing]
    on_newest: rx.EventHandler[nothing]
    on_retry: rx.EventHandler[nothing]
    on_seen: rx.EventHandler[several]
    on_calm: rx.EventHandler[one]
    on_test: rx.EventHandler[one]


class DetailPane(rx.Component):
    """The pane of the open notification; shows the child marked with its state."""

    library = f"{_FOLDER}/detail.jsx"
    tag = "DetailPane"

    loaded: rx.Var[str]
    phase: rx.Var[str]
    row: rx.Var[RowView]
    label: rx.Var[str]


class Acts(rx.Component):
    """What can be done to an item, shown as done at once."""

    library = f"{_FOLDER}/parts.jsx"
    tag = "Acts"

    row: rx.Var[RowView]


class Choices(rx.Component):
    """An item's own buttons, or the answer given."""

    library = f"{_FOLDER}/parts.jsx"
    tag = "Choices"

    row: rx.Var[RowView]


class Avatar(rx.Component):
    """A picture or initials."""

    library = f"{_FOLDER}/parts.jsx"
    tag = "Avatar"

    image: rx.Var[str]
    initials: rx.Var[str]
    tone: rx.Var[str]
    size: rx.Var[str]


class LocalTime(rx.Component):
    """A moment in the reader's zone."""

    library = f"{_FOLDER}/time.jsx"
    tag = "LocalTime"

    at: rx.Var[str]
    form: rx.Var[str]


class LinkGroup(rx.Component):
    """Links of the rail under a label: views, categories, own filters.

    A link is ``{to, icon, label, count, strong}`` (`layout.link`); there may be any number, from a
    state too, and with none the group is not there.
    """

    library = f"{_FOLDER}/rail.jsx"
    tag = "LinkGroup"

    label: rx.Var[str]
    links: rx.Var[list[dict[str, Any]]]
    hide_label: rx.Var[bool]


class OwnLinks(rx.Component):
    """Categories and saved filters in the rail, and the dialog in which filters are kept."""

    library = f"{_FOLDER}/rail.jsx"
    tag = "OwnLinks"

    categories: rx.Var[list[CategoryView]]
    filters: rx.Var[list[FilterView]]
    counts: rx.Var[CountsView]
    outcome: rx.Var[FilterOutcome]
    on_refresh: rx.EventHandler[nothing]
    on_keep: rx.EventHandler[_a_new_filter]
    on_rename: rx.EventHandler[three]
    on_arrange: rx.EventHandler[several]
    on_remove: rx.EventHandler[one]


class ViewLine(rx.Component):
    """All views, categories and filters in one line, for a phone."""

    library = f"{_FOLDER}/rail.jsx"
    tag = "ViewLine"

    views: rx.Var[list[dict[str, Any]]]
    categories: rx.Var[list[CategoryView]]
    filters: rx.Var[list[FilterView]]
    label: rx.Var[str]


class Heading(rx.Component):
    """The heading of what is listed."""

    library = f"{_FOLDER}/rail.jsx"
    tag = "Heading"

    filters: rx.Var[list[FilterView]]


class Search(rx.Component):
    """The search field with its help."""

    library = f"{_FOLDER}/search.jsx"
    tag = "Search"

    categories: rx.Var[list[CategoryView]]
    types: rx.Var[list[KindView]]
    trouble: rx.Var[Trouble]
    on_prepare: rx.EventHandler[nothing]


class ReadAll(rx.Component):
    """Marks all that is listed as read."""

    library = f"{_FOLDER}/bulk.jsx"
    tag = "ReadAll"


class TabLinks(rx.Component):
    """The same links at the bottom of a phone."""

    library = f"{_FOLDER}/rail.jsx"
    tag = "TabLinks"

    links: rx.Var[list[dict[str, Any]]]


class BackLink(rx.Component):
    """A link from the open notification to the list."""

    library = f"{_FOLDER}/parts.jsx"
    tag = "BackLink"

    label: rx.Var[str]
    icon: rx.Var[str]
    # Whether its label stands in place of the icon.
    named: rx.Var[bool]


class ThemeSwitch(rx.Component):
    """System, light or dark."""

    library = f"{_FOLDER}/parts.jsx"
    tag = "ThemeSwitch"

    # Whether names stand beside the icons.
    named: rx.Var[bool]


class Crashed(rx.Component):
    """What shows when the page itself has failed."""

    library = f"{_FOLDER}/shell.jsx"
    tag = "Crashed"
