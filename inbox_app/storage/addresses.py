"""Repository of the addresses that services give out, and of how each fares.

They are read with their user, in the same statement (`REACH`), and written when what is known of
them differs from what was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, bindparam, delete, select, tuple_, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from inbox_app.domain.address import GIVEN_OUT, HANDED_ON, Address, Standing, kind_of_chat
from inbox_app.domain.feed import from_micros
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import Json, table
from inbox_app.storage.tables.users import AddressRow, UserRow

ADDRESSES, USERS = table(AddressRow), table(UserRow)


class _Gathered(FunctionElement[Any]):
    """All rows of a subquery as one JSON list of lists; NULL or empty when there are none."""

    type = Json
    inherit_cache = True


@compiles(_Gathered, "sqlite")
def _gathered_sqlite(element: _Gathered, compiler: SQLCompiler, **rest: object) -> str:
    # A JSON column is text here; and what is gathered is to come out as text, however it is read.
    parts = (
        f"json({compiler.process(each, **rest)})"
        if isinstance(each.type, JSON)
        else compiler.process(each, **rest)
        for each in element.clauses
    )
    return f"json_group_array(json_array({', '.join(parts)})) || ''"


@compiles(_Gathered, "postgresql")
def _gathered_postgresql(element: _Gathered, compiler: SQLCompiler, **rest: object) -> str:
    return f"jsonb_agg(jsonb_build_array({compiler.process(element.clauses, **rest)}))"


_STANDING = (
    *("told_at", "last_success_at", "last_failure_at", "last_failure"),
    *("disabled_at", "disabled_reason"),
)
_MOMENTS = tuple(name for name in _STANDING if name.endswith("_at"))
_READ = ("position", "channel", "value", "details", "secret_sealed", *_STANDING)
REACH = (
    select(_Gathered(*(ADDRESSES.c[name] for name in _READ)))
    .where(ADDRESSES.c.user_id == USERS.c.id)
    .correlate(USERS)
    .scalar_subquery()
    .label("reach")
)
"""A column of a query for users: `known` reads it."""


def known(reach: Sequence[Sequence[Any]] | None) -> dict[str, Any]:
    """The fields of `Profile` that `REACH` brings."""
    if not reach:
        return {}
    found = [_address(dict(zip(_READ, row, strict=True))) for row in sorted(reach, key=_position)]
    tokens = tuple(each.details for each in found if each.channel is Channel.PUSH)
    subscriptions = tuple(each.details for each in found if each.channel is Channel.WEB_PUSH)
    chat = next((each for each in found if each.channel is Channel.SLACK), None)
    return {
        "push_tokens": tokens or None,
        "web_push_tokens": subscriptions or None,
        "slack_channel": (chat.value or None) if chat else None,
        "slack_token": chat.secret if chat else None,
        "stored": {each.key: each for each in found},
    }


def _position(row: Sequence[Any]) -> int:
    return row[_READ.index("position")]


def _address(row: Mapping[str, Any]) -> Address:
    channel: Channel = Channel(row["channel"])
    details: dict[str, Any] = row["details"] or {}
    told = {name: row[name] for name in _STANDING}
    moments = {name: from_micros(told[name]) for name in _MOMENTS if told[name] is not None}
    kind = kind_of_chat(row["value"]) if channel is Channel.SLACK else str(details.get("type", ""))
    standing = Standing(**cast("dict[str, Any]", told | moments))
    return Address(channel, row["value"], kind, details, row["secret_sealed"], standing)


async def put(tx: Transaction, users: Iterable[User]) -> None:
    """Stores what changed of the addresses of users since they were read.

    A device that was another's is that person's no more: what is for one must not be read by who
    used it before.
    """
    changed: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    gone: list[tuple[int, str, str]] = []
    for user in users:
        known, now = user.profile.stored, {each.key: each for each in user.profile.given_out}
        if not _same(list(known.values()), list(now.values())):
            for position, each in enumerate(now.values()):
                was = known.get(each.key)
                fresh = was is None or was.secret != each.secret
                (told if fresh else changed).append(_values(user, each, position))
        gone += [(user.id, c.value, key_of(value)) for c, value in known.keys() - now.keys()]
    if gone:
        place = tuple_(ADDRESSES.c.user_id, ADDRESSES.c.channel, ADDRESSES.c.key)
        await tx.execute(delete(ADDRESSES).where(place.in_(sorted(gone))))
    if changed or told:
        devices = [each for each in (*changed, *told) if Channel(each["channel"]) in HANDED_ON]
        await _take_over(tx, devices)
        # A secret that was only read may have been renewed by a worker meanwhile.
        await _store(tx, changed, _TOLD)
        await _store(tx, told, (*_TOLD, "secret_sealed"))


def _same(known: Sequence[Address], now: Sequence[Address]) -> bool:
    pairs = zip(known, now, strict=False)
    return len(known) == len(now) and all(one.says_the_same(other) for one, other in pairs)


async def _take_over(tx: Transaction, devices: Sequence[Mapping[str, Any]]) -> None:
    if devices:
        table = ADDRESSES.c
        names = ("environment_id", "channel", "key", "user_id")
        same = [table[name] == bindparam(f"_{name}") for name in names[:3]]
        statement = delete(ADDRESSES).where(*same, table.user_id != bindparam("_user_id"))
        await tx.execute(statement, [{f"_{n}": each[n] for n in names} for each in devices])


_TOLD = ("value", "position", "details")
"""What is known of an address by what was told of it, beside its secret."""


async def _store(tx: Transaction, values: list[dict[str, Any]], names: Sequence[str]) -> None:
    if not values:
        return
    statement = upsert(tx.dialect.name, ADDRESSES)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "channel", "key"],
            set_={name: statement.excluded[name] for name in names},
        ),
        sorted(values, key=lambda each: (each["channel"], each["key"], each["user_id"])),
    )


def _values(user: User, address: Address, position: int) -> dict[str, Any]:
    return {
        "user_id": user.id,
        "channel": address.channel.value,
        "key": key_of(address.value),
        "environment_id": user.environment_id,
        "value": address.value,
        "position": position,
        "details": dict(address.details) or None,
        "secret_sealed": address.secret,
        **vars(Standing(told_at=user.updated_at)),
    }


def key_of(value: str) -> str:
    """What an address is found by."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:32]


async def revive(
    tx: Transaction, user_id: int, told: Sequence[tuple[Channel, str]], now: datetime
) -> None:
    """Uses addresses again of which the person has just told."""
    if told:
        values = [_named(user_id, channel, value) | {"_at": now} for channel, value in told]
        changes: dict[str, Any] = {"disabled_at": None, "disabled_reason": ""}
        changes["told_at"] = bindparam("_at")
        await tx.execute(update(ADDRESSES).where(*_PLACE).values(changes), _in_order(values))


async def claim(
    tx: Transaction, user_id: int, place: tuple[Channel, str], now: datetime, until: datetime
) -> str | None:
    """Claims that this worker alone renews the secret of an address, until a moment.

    Returns:
        The secret as it stands now, sealed; None when another worker has claimed it, or when there
        is none any more.
    """
    free = ADDRESSES.c.renewing_until.is_(None) | (ADDRESSES.c.renewing_until <= bindparam("_at"))
    statement = update(ADDRESSES).where(*_PLACE, free).values(renewing_until=bindparam("_until"))
    values = _named(user_id, *place) | {"_at": now, "_until": until}
    rows = await tx.execute(statement.returning(ADDRESSES.c.secret_sealed), values)
    return rows.scalar()


async def unclaim(
    tx: Transaction,
    user_id: int,
    place: tuple[Channel, str],
    claimed: datetime,
    until: datetime | None,
) -> None:
    """Ends a claim that was made until ``claimed``, or has it last until another moment."""
    mine = ADDRESSES.c.renewing_until == bindparam("_claimed")
    statement = update(ADDRESSES).where(*_PLACE, mine).values(renewing_until=bindparam("_until"))
    values = _named(user_id, *place) | {"_claimed": claimed, "_until": until}
    await tx.execute(statement, values)


async def renew(tx: Transaction, user_id: int, channel: Channel, secrets: tuple[str, str]) -> bool:
    """Puts a new secret in the place of the one it was exchanged for, and ends the claim.

    The address may be called otherwise by now: a person can move to another channel of Slack.

    Args:
        secrets: The one that was used up, and the new one; both sealed.

    Returns:
        Whether that one still stood there; else another has been told meanwhile, which stays.
    """
    used, made = secrets
    theirs = (ADDRESSES.c.user_id == user_id, ADDRESSES.c.channel == channel.value)
    statement = update(ADDRESSES).where(*theirs, ADDRESSES.c.secret_sealed == used)
    done = await tx.execute(statement.values(secret_sealed=made, renewing_until=None))
    return done.rowcount > 0


@dataclass(frozen=True)
class Fared:
    """How a message to an address fared.

    Attributes:
        at: When that was known.
        failure: What came of it when it did not go, or "".
        dead: Why the address is not to be used any more, or "".
        dead_since: Whoever told of the address after that knows better; None is ``at``.
    """

    user_id: int
    channel: Channel
    value: str
    at: datetime
    failure: str = ""
    dead: str = ""
    dead_since: datetime | None = None


async def note(tx: Transaction, fared: Sequence[Fared]) -> set[int]:
    """Keeps how messages fared; the people (internal keys) who have lost an address by it.

    What is known of a later message stays.
    """
    told = [each for each in fared if each.channel in GIVEN_OUT]
    went = [each for each in told if not each.failure]
    failed = [each for each in told if each.failure]
    await _note(tx, went, "last_success_at", {})
    await _note(tx, failed, "last_failure_at", {"last_failure": bindparam("_failure")})
    lost = [each for each in failed if each.dead]
    return {each.user_id for each in lost if await _disable(tx, each)}


async def _note(
    tx: Transaction, fared: Sequence[Fared], name: str, more: Mapping[str, Any]
) -> None:
    if not fared:
        return
    column = ADDRESSES.c[name]
    earlier = column.is_(None) | (column <= bindparam("_at"))
    statement = update(ADDRESSES).where(*_PLACE, earlier)
    changes = cast("dict[str, Any]", {name: bindparam("_at"), **more})
    values = [_place(each) | {"_at": each.at, "_failure": each.failure} for each in fared]
    if not more:
        values = [{k: v for k, v in each.items() if k != "_failure"} for each in values]
    await tx.execute(statement.values(changes), _in_order(values))


async def _disable(tx: Transaction, fared: Fared) -> bool:
    column, since = ADDRESSES.c.told_at, fared.dead_since or fared.at
    statement = (
        update(ADDRESSES)
        .where(*_PLACE, column.is_(None) | (column <= since), ADDRESSES.c.disabled_at.is_(None))
        .values(disabled_at=fared.at, disabled_reason=fared.dead)
    )
    return (await tx.execute(statement, _place(fared))).rowcount == 1


_PLACE = (
    ADDRESSES.c.user_id == bindparam("_user_id"),
    ADDRESSES.c.channel == bindparam("_channel"),
    ADDRESSES.c.key == bindparam("_key"),
)


def _place(fared: Fared) -> dict[str, Any]:
    return _named(fared.user_id, fared.channel, fared.value)


def _named(user_id: int, channel: Channel, value: str) -> dict[str, Any]:
    return {"_user_id": user_id, "_channel": channel.value, "_key": key_of(value)}


def _in_order(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(values, key=lambda each: (each["_user_id"], each["_channel"], each["_key"]))
