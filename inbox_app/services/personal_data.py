"""What is kept about a person, for them to take along."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from inbox_app.domain import inbox_filter, preference
from inbox_app.domain import personal as own_settings
from inbox_app.domain.address import Address
from inbox_app.domain.address_code import AddressCode
from inbox_app.domain.errors import NotFound
from inbox_app.domain.user import Session, User
from inbox_app.lib.clock import iso
from inbox_app.runtime import Runtime
from inbox_app.services import centre_where
from inbox_app.storage import address_codes, filters, personal, personal_data, sessions, users
from inbox_app.storage.engine import Transaction

PORTION = 200
START: personal_data.Place | None = None

Place = TypeVar("Place")
Read = Callable[[Transaction, Place], Awaitable[tuple[list[dict[str, Any]], Place | None]]]


async def export(rt: Runtime, user_id: int, portion: int = PORTION) -> AsyncIterator[str]:
    """One JSON document, in parts, with everything kept about a person but secrets.

    Of pictures with replies it tells that they are there. Each portion is read by itself: what
    changes meanwhile stands there as it was when its portion was read.

    Args:
        portion: Entries that are in memory at a time.

    Raises:
        NotFound: the person is no more.
    """
    return _parts(rt, user_id, await _person(rt, user_id), portion)


async def _parts(
    rt: Runtime, user_id: int, person: Mapping[str, Any], portion: int
) -> AsyncIterator[str]:
    yield '{"exportedAt": ' + _json(iso(rt.clock.now()))
    for name, value in person.items():
        yield f', "{name}": {_json(value)}'
    lists: tuple[tuple[str, AsyncIterator[str]], ...] = (
        (
            "preferenceHistory",
            _list(rt, 0, lambda tx, at: personal_data.history(tx, user_id, at, portion)),
        ),
        (
            "notifications",
            _list(rt, START, lambda tx, at: personal_data.notifications(tx, user_id, at, portion)),
        ),
        (
            "summaries",
            _list(rt, 0, lambda tx, at: personal_data.summaries(tx, user_id, at, portion)),
        ),
        (
            "serverMessages",
            _list(rt, 0, lambda tx, at: personal_data.own_messages(tx, user_id, at, portion)),
        ),
    )
    for name, parts in lists:
        yield f', "{name}": ['
        async for part in parts:
            yield part
        yield "]"
    yield "}\n"


async def _person(rt: Runtime, user_id: int) -> dict[str, Any]:
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        if user is None:
            raise NotFound("This account is deleted.")
        settings = await personal.get(tx, user_id)
        now = rt.clock.now()
        browsers = await sessions.of_user(tx, user_id, now)
        saved = await filters.of_person(tx, user_id)
        codes = await address_codes.pending(tx, user_id, now)
    return {
        "profile": _profile(user),
        "settings": own_settings.as_document(settings),
        "preferences": preference.as_document(user.preferences),
        "addressesToProve": [_to_prove(each) for each in codes],
        "savedFilters": [
            {"name": each.name, "filter": inbox_filter.as_document(each.chosen)} for each in saved
        ],
        "sessions": [_session(each) for each in browsers],
    }


def _profile(user: User) -> dict[str, Any]:
    """Of devices only what tells one from another: their tokens let anybody send to them."""
    known = user.profile
    return {
        "id": user.external_id,
        "createdAt": user.created_at,
        "lastSeenAt": user.last_seen_at,
        "email": known.email,
        "number": known.number,
        "timezone": known.timezone,
        "properties": dict(known.properties or {}),
        "slackConnected": known.slack_token is not None,
        "devicesAndChats": [_given_out(each) for each in known.given_out],
    }


def _given_out(address: Address) -> dict[str, Any]:
    """What tells it from others and how it fares; whoever knows all of it can write there."""
    fares = address.standing
    return {
        "channel": address.channel.value,
        "name": centre_where.text_of(address) or urlsplit(address.value).hostname or "",
        "toldAt": fares.told_at,
        "lastSuccessAt": fares.last_success_at,
        "lastFailureAt": fares.last_failure_at,
        "lastFailure": fares.last_failure,
        "disabledAt": fares.disabled_at,
        "disabledReason": fares.disabled_reason,
    }


def _to_prove(code: AddressCode) -> dict[str, Any]:
    return {"kind": code.kind, "address": code.address, "askedAt": code.made_at}


def _session(session: Session) -> dict[str, Any]:
    names = ("created_at", "expires_at", "last_used_at", "user_agent")
    return {name: getattr(session, name) for name in names}


async def _list(rt: Runtime, start: Place, read: Read[Place]) -> AsyncIterator[str]:
    """The entries of a list, separated by commas."""
    before, at = "", start
    while True:
        async with rt.database.read() as tx:
            entries, end = await read(tx, at)
        if entries:
            yield before + _joined(entries)
        if end is None:
            return
        before, at = ", ", end


def _joined(entries: Sequence[dict[str, Any]]) -> str:
    return ", ".join(map(_json, entries))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_moment)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    message = f"{type(value).__name__} is nothing that JSON takes."
    raise TypeError(message)
