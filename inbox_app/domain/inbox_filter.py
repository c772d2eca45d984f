"""What narrows an inbox: one value for the list, the search, "all matching" and saved filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.feed import Box
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.search import LONGEST

LONGEST_NAME = 300


@dataclass(frozen=True)
class InboxFilter:
    """A part of an inbox.

    Attributes:
        box: The list it is a part of.
        category: Only items of types in this category; "" for any.
        type_name: Only items of this type; "" for any.
        query: Only what this search finds (`domain.search`); "" for everything.
    """

    box: Box = Box.ALL
    category: str = ""
    type_name: str = ""
    query: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole box."""
        return not (self.category or self.type_name or self.query.strip())


_HOLDS: Mapping[Box, Callable[[ItemState], bool]] = {
    Box.ALL: lambda state: state.archived is None and state.snoozed is None,
    Box.UNREAD: lambda state: state.archived is None and state.snoozed is None and state.unread,
    Box.SAVED: lambda state: state.saved is not None,
    Box.SNOOZED: lambda state: state.archived is None and state.snoozed is not None,
    Box.ARCHIVED: lambda state: state.archived is not None,
    Box.EVERYTHING: lambda _: True,
}


def holds(box: Box, state: ItemState) -> bool:
    """Whether an item in this state is in the box."""
    return _HOLDS[box](state)


def as_document(chosen: InboxFilter) -> dict[str, Any]:
    """The JSON form; what is at its default is left out."""
    named = {"box": chosen.box.value, "category": chosen.category}
    named |= {"type": chosen.type_name, "query": chosen.query}
    return {key: value for key, value in named.items() if value}


def from_document(document: Mapping[str, Any]) -> InboxFilter:
    """What `as_document` wrote, or an address says.

    Raises:
        InvalidInput: there is no such box, or a text is too long.
    """
    texts = {key: str(document.get(key) or "") for key in ("box", "category", "type", "query")}
    if texts["box"] and texts["box"] not in list(Box):
        raise InvalidInput(
            f"There is no list {texts['box'][:40]!r}.", fix=f"Name one of {', '.join(Box)}."
        )
    if any(len(texts[key]) > LONGEST_NAME for key in ("category", "type")):
        raise InvalidInput("The name is too long.", fix=f"Use {LONGEST_NAME} characters at most.")
    if len(texts["query"]) > LONGEST:
        raise InvalidInput("The search is too long.", fix=f"Keep it to {LONGEST} characters.")
    box = Box(texts["box"] or Box.ALL)
    return InboxFilter(box, texts["category"], texts["type"], texts["query"])
