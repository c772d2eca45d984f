"""What a reader who was away asks for, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from inbox_app.domain.delivery import Held
from inbox_app.domain.item_state import InboxState
from inbox_app.domain.notification import InboxItem

MOST_CHANGES = 200
"""More changes than this are cheaper to read anew than to tell one by one."""


class Since(NamedTuple):
    """A person (internal key), and the change number up to which a reader knows their inbox."""

    user_id: int
    change: int


@dataclass(frozen=True)
class Changes:
    """What changed in an inbox.

    Attributes:
        state: The inbox as it is now.
        items: What changed, newest first; None when it is too much to tell.
        held: By item, messages of it that wait for a time.
    """

    state: InboxState
    items: Sequence[InboxItem] | None = ()
    held: Mapping[str, Sequence[Held]] = field(default_factory=dict[str, Sequence[Held]])
