"""What a person does with their own account: profile, settings, sessions, and its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.personal import Personal
from inbox_app.domain.user import Profile, Session
from inbox_app.lib import ids, user_agent
from inbox_app.lib.catalogue import LANGUAGES
from inbox_app.lib.clock import iso
from inbox_app.runtime import Runtime
from inbox_app.services import preference_centre
from inbox_app.services.access import Viewer
from inbox_app.services.erasing import erase
from inbox_app.services.views import SessionView
from inbox_app.storage import personal, sessions, users

LONGEST_NAME = 100


async def rename(rt: Runtime, user_id: int, name: str) -> None:
    """Sets the name that people see.

    Raises:
        InvalidInput: it is empty or too long.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"A name has 1 to {LONGEST_NAME} characters.", fix="Write another one.")
    await _change_profile(
        rt, user_id, lambda profile: profile.merged(Profile(properties={"name": name}))
    )


async def set_zone(rt: Runtime, user_id: int, zone: str) -> None:
    """Sets the zone whose clocks the person lives by; "" is what their application says.

    Raises:
        InvalidInput: there is no such zone.
    """
    await preference_centre.set_zone(rt, user_id, zone or None)


async def set_language(rt: Runtime, user_id: int, language: str) -> None:
    """Sets the language of all that the person is shown; "" is what their browser says.

    Raises:
        InvalidInput: we do not speak it.
    """
    if language and language not in LANGUAGES:
        raise InvalidInput("There is no such language.", fix="Choose one from the list.")
    await _change(rt, user_id, lambda own: replace(own, language=language or None))


async def set_shortcuts(rt: Runtime, user_id: int, *, on: bool) -> None:
    """Whether single keys do anything."""
    await _change(rt, user_id, lambda own: replace(own, shortcuts=on))


async def set_key(rt: Runtime, user_id: int, act: str, key: str) -> None:
    """Sets the key for an act.

    Raises:
        InvalidInput: there is no such act, or it is no single printable character.
        Conflict: another act has this key.
    """
    await _change(rt, user_id, lambda own: own.with_key(act, key))


async def reset_keys(rt: Runtime, user_id: int) -> None:
    """Puts all keys back to the usual ones."""
    await _change(rt, user_id, lambda own: replace(own, keys={}))


async def signed_in(rt: Runtime, viewer: Viewer) -> list[SessionView]:
    """Where the person is signed in: this browser first, then the latest used."""
    async with rt.database.read() as tx:
        found = await sessions.of_user(tx, viewer.user_id, rt.clock.now())
    views = [_session_view(each, viewer.session_id) for each in found]
    return sorted(views, key=lambda view: not view.mine)


async def end_session(rt: Runtime, viewer: Viewer, session_id: str) -> None:
    """Signs out one of the person's browsers; its tabs leave at once.

    Raises:
        NotFound: it is none of theirs, or has ended.
    """
    number = ids.read(session_id) or 0
    async with rt.database.write() as tx:
        if not await sessions.remove_of(tx, viewer.user_id, number):
            raise NotFound("That browser is signed out already.")
    await _leave(rt, viewer.user_id, number)


async def end_other_sessions(rt: Runtime, viewer: Viewer) -> int:
    """Signs out every other browser of the person; how many."""
    async with rt.database.write() as tx:
        found = await sessions.of_user(tx, viewer.user_id, rt.clock.now())
        others = [each.id for each in found if each.id != viewer.session_id]
        for session_id in others:
            await sessions.remove_of(tx, viewer.user_id, session_id)
    for session_id in others:
        await _leave(rt, viewer.user_id, session_id)
    return len(others)


async def delete(rt: Runtime, viewer: Viewer, typed: str) -> None:
    """Deletes the person with everything that is theirs, in every browser.

    Args:
        typed: Their name, as a confirmation.

    Raises:
        InvalidInput: that is not their name.
    """
    async with rt.database.read() as tx:
        user = await users.get(tx, viewer.user_id)
    if user is None:
        raise NotFound("This account is deleted already.")
    if " ".join(typed.split()) != " ".join(user.display_name.split()):
        raise InvalidInput("That is not the name of this account.", fix="Type it as shown.")
    await erase(rt, user.id)


def _session_view(session: Session, mine: int) -> SessionView:
    said = session.user_agent or ""
    return SessionView(
        id=str(session.id),
        browser=user_agent.browser(said),
        system=user_agent.system(said),
        signed_in=iso(session.created_at),
        last_used=iso(session.last_used_at or session.created_at),
        mine=session.id == mine,
    )


async def _leave(rt: Runtime, user_id: int, session_id: int) -> None:
    rt.visits.forget_where(lambda visit: visit.session.id == session_id)
    await rt.hub.end_session(user_id, session_id)


async def _change_profile(rt: Runtime, user_id: int, changed: Callable[[Profile], Profile]) -> None:
    async with rt.database.write() as tx:
        known = await users.get(tx, user_id)
        if known is None:
            raise NotFound("This account is deleted.")
        key = (known.environment_id, known.external_id)
        # Read once more: what the sender says of the person at this moment is kept as well.
        user = (await users.find_many(tx, [key], to_change=True))[key]
        after = replace(user, profile=changed(user.profile), updated_at=rt.clock.now())
        await users.save(tx, [after])
    rt.visits.forget_where(lambda visit: visit.user.id == user_id)


async def _change(rt: Runtime, user_id: int, changed: Callable[[Personal], Personal]) -> None:
    async with rt.database.write() as tx:
        own = await personal.get(tx, user_id, to_change=True)
        await personal.save(tx, user_id, changed(own))
    rt.visits.forget_where(lambda visit: visit.user.id == user_id)
