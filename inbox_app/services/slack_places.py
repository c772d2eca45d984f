"""Where in Slack a person's messages go: found as they type, and chosen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from inbox_app.channels.slack import places
from inbox_app.channels.slack.places import Place, PlaceKind, PlaceLists, Places
from inbox_app.domain.errors import NotFound
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.runtime import Runtime
from inbox_app.services import slack_app
from inbox_app.services.centre_views import SlackPlacesView, SlackPlaceView
from inbox_app.services.holding import held
from inbox_app.services.slack_app import Connection
from inbox_app.storage import chats, inbox

MOST = 30
"""Places shown at a time."""
LONGEST = 100
SIGNS = {"#": {PlaceKind.PUBLIC, PlaceKind.PRIVATE}, "@": {PlaceKind.PERSON}}
"""What people write before the names of places."""


async def search(rt: Runtime, user_id: int, typed: str) -> SlackPlacesView:
    """The places whose names hold every word of what was typed; the person themselves comes first.

    Raises:
        NotFound, Refused, Unavailable: as `slack_app.connection`.
    """
    own = await slack_app.connection(rt, user_id)
    known = await _places(rt, own)
    found = sorted(_matching(known.found, typed), key=lambda each: _rank(each, typed))
    shown = [_view(own, each) for each in found[:MOST]]
    return SlackPlacesView(shown, more=len(found) > MOST, whole=known.whole)


async def choose(rt: Runtime, user_id: int, place_id: str) -> str:
    """Has the person's messages go to a place; the app joins a public channel it is not in.

    Returns:
        What the place is called; "" for the person themselves.

    Raises:
        NotFound: there is no such place any more; and as `slack_app.connection`.
        Refused: the app may not join the channel.
    """
    own = await slack_app.connection(rt, user_id)
    known = await _places(rt, own)
    place = next((each for each in known.found if each.id == place_id), None)
    if place is None:
        _lists(rt).forget(_owner(own))
        said, fix = "That place is gone.", "Choose another one."
        raise NotFound(said, fix=fix, name="why.slack_place_gone")
    if not place.joined:
        async with slack_app.telling(rt, own.user, own.address):
            await places.join(own.slack, place.id)
        _lists(rt).forget(_owner(own))
    await _move(rt, own, place)
    return "" if place.own else _shown(place)


async def _move(rt: Runtime, own: Connection, place: Place) -> None:
    value, name = ("", "") if place.own else (place.id, _shown(place))
    details = replace(own.chat, place=name).as_details()
    async with rt.database.write() as tx:
        await held(tx, own.user.id)
        if not await chats.move(tx, own.user.id, value, details, rt.clock.now()):
            raise slack_app.not_connected()
        reached = await inbox.advance(tx, {own.user.id: ONE_STEP})
    await tell(rt, reached)


async def _places(rt: Runtime, own: Connection) -> Places:
    read = partial(places.read_places, own.slack, own.grant.user_id)
    async with slack_app.telling(rt, own.user, own.address):
        return await _lists(rt).get(_owner(own), rt.clock.now(), read)


def _owner(own: Connection) -> tuple[int, str]:
    return own.user.id, own.grant.team_id


def _lists(rt: Runtime) -> PlaceLists:
    return rt.tools.resources.get(PlaceLists)


def _matching(known: Iterable[Place], typed: str) -> list[Place]:
    sign = typed.lstrip()[:1]
    kinds = SIGNS.get(sign, set(PlaceKind))
    words = _plain(typed.lstrip()[1:] if sign in SIGNS else typed).split()
    return [
        each
        for each in known
        if each.kind in kinds and all(word in _plain(f"{each.name} {each.note}") for word in words)
    ]


def _rank(place: Place, typed: str) -> tuple[bool, bool, bool, str]:
    name, wanted = _plain(place.name), _plain(typed.strip().lstrip("#@"))
    return not place.own, not name.startswith(wanted), place.kind is PlaceKind.PERSON, name


def _plain(text: str) -> str:
    """As it is compared: without case, accents and the variants that Unicode has of a letter."""
    parts = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))


def _shown(place: Place) -> str:
    return place.name if place.kind is PlaceKind.PERSON else f"#{place.name}"


def _view(own: Connection, place: Place) -> SlackPlaceView:
    value = "" if place.own else place.id
    return SlackPlaceView(
        id=place.id,
        kind=place.kind.value,
        name=place.name,
        note=place.note,
        own=place.own,
        joined=place.joined,
        chosen=own.address.value == value,
    )
