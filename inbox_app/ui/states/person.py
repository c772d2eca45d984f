"""Whose settings a tab shows."""

from __future__ import annotations

from dataclasses import dataclass

from reflex.state import BaseState

from inbox_app.domain.errors import Unauthenticated
from inbox_app.ui.states.session import find_viewer, find_visitor


@dataclass(frozen=True)
class Person:
    """Somebody whose settings may be shown and changed.

    Attributes:
        session_id: The session they are signed in with; None: a link let them in.
    """

    user_id: int
    session_id: int | None = None


async def find_person(state: BaseState) -> Person | None:
    """Whose settings the browser that sent the event may see, or None."""
    viewer = await find_viewer(state)
    if viewer is not None:
        return Person(viewer.user_id, viewer.session_id)
    visitor = await find_visitor(state)
    return Person(visitor.user_id) if visitor else None


async def is_still(state: BaseState, person: Person) -> bool:
    """Whether what was read for somebody without the lock may be shown in the tab now.

    A session or a link that has ended meanwhile has taken everything of theirs out of it; what
    comes late must not put it back. Needs the state's lock.
    """
    return await find_person(state) == person


async def person_of(state: BaseState) -> Person:
    """The same.

    Raises:
        Unauthenticated: nobody's.
    """
    person = await find_person(state)
    if person is None:
        message = "You are signed out."
        raise Unauthenticated(message)
    return person
