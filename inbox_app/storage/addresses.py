"""Repository of the addresses that services give out, and of how each fares.

They are read with their user, in the same statement (`REACH`), and written when what is known of
them differs from what was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, bindparam, case, delete, select, text, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from inbox_app.domain.address import GIVEN_OUT, HANDED_ON, Address, Standing, kind_of_chat
from inbox_app.domain.feed import from_micros
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import portions, upsert
from inbox_app.storage.tables.columns import Json, table
from inbox_app.storage.tables.users import DEVICES, AddressRow, UserRow

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
_TOLD = ("value", "position", "details")
"""What is known of an address by what was told of it, beside its secret."""
DEVICE = text(DEVICES)
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
        "slack_connected": (chat.details or None) if chat else None,
        "stored": {each.key: each for each in found},
    }


def _position(row: Sequence[Any]) -> int:
    return row[_READ.index("position")]


def _address(row: Mapping[str, Any]) -> Address:
    channel: Channel = Channel(row["channel"])
    details: dict[str, Any] = row["details"] or {}
    told = {name: row[name] for name in _STANDING}
    # From JSON they come as numbers.
    numbers = {name: told[name] for name in _MOMENTS if isinstance(told[name], int)}
    moments = {name: from_micros(number) for name, number in numbers.items()}
    kind = kind_of_chat(row["value"]) if channel is Channel.SLACK else str(details.get("type", ""))
    standing = Standing(**cast("dict[str, Any]", told | moments))
    return Address(channel, row["value"], kind, details, row["secret_sealed"], standing)


async def put(tx: Transaction, users: Iterable[User]) -> None:
    """Stores what changed of the addresses of users since they were read.

    A device that was another's is that person's no more: what is for one must not be read by who
    used it before. Of several here that were told of one, it is who was told last.

    Args:
        users: In the order in which they were told, as far as their times are the same.
    """
    changed: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    kept: set[tuple[int, str | None]] = set()
    for user in users:
        known, now = user.profile.stored, {each.key: each for each in user.profile.given_out}
        if not _same(list(known.values()), list(now.values())):
            changed += [_values(user, each, n) for n, each in enumerate(now.values())]
            kept |= {(user.id, e.secret) for key, e in now.items() if _keeps_secret(known, key, e)}
        gone += [_named(user.id, *key) for key in known.keys() - now.keys()]
    owned = _of_the_last(changed)
    await _hold(tx, [(each["channel"], each["key"]) for each in owned])
    if gone:
        await tx.execute(delete(ADDRESSES).where(*_PLACE), _in_order(gone))
    devices = [each for each in owned if Channel(each["channel"]) in HANDED_ON]
    chats = [each for each in owned if each not in devices]
    same = [each for each in chats if (each["user_id"], each["secret_sealed"]) in kept]
    await _store(tx, devices, _TOLD, devices=True)
    await _store(tx, [each for each in chats if each not in same], (*_TOLD, "secret_sealed"))
    # A secret that was only read may have been renewed by a worker meanwhile.
    await _store(tx, same, _TOLD)


def _keeps_secret(
    known: Mapping[tuple[Channel, str], Address], key: tuple[Channel, str], now: Address
) -> bool:
    return key in known and known[key].secret == now.secret


def _of_the_last(values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each device once, in an order that is the same everywhere."""
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in sorted(values, key=lambda one: one["told_at"]):
        own = () if Channel(each["channel"]) in HANDED_ON else (each["user_id"],)
        last[(each["environment_id"], each["channel"], each["key"], *own)] = each
    return [last[place] for place in sorted(last, key=str)]


async def _hold(tx: Transaction, named: Collection[tuple[str, str]]) -> None:
    """Locks what may be changed, whoever's it is, in one order everywhere."""
    if tx.dialect.name == "sqlite" or not named:
        return
    table, keys = ADDRESSES.c, {key for _, key in named}
    for some in portions(sorted(keys)):
        held = select(table.key).where(table.key.in_(some))
        await tx.execute(held.order_by(table.key, table.channel, table.user_id).with_for_update())


def _same(known: Sequence[Address], now: Sequence[Address]) -> bool:
    pairs = zip(known, now, strict=False)
    return len(known) == len(now) and all(one.says_the_same(other) for one, other in pairs)


async def _store(
    tx: Transaction,
    values: Sequence[dict[str, Any]],
    names: Sequence[str],
    *,
    devices: bool = False,
) -> None:
    """Stores rows, of known ones these columns; a device is taken over from whom it was."""
    if not values:
        return
    statement = upsert(tx.dialect.name, ADDRESSES)
    new, known = statement.excluded, ADDRESSES.c
    changes: dict[str, Any] = {name: new[name] for name in names}
    place: dict[str, Any] = {"index_elements": ["user_id", "channel", "key"]}
    if devices:
        place = {"index_elements": ["environment_id", "channel", "key"], "index_where": DEVICE}
        changes["user_id"] = new.user_id
        # How it fared for somebody else says nothing of this person's messages.
        mine = known.user_id == new.user_id
        changes |= {n: case((mine, known[n]), else_=new[n]) for n in _STANDING}
        # Nor does it go with the session of who had it.
        changes["session_id"] = case((mine, known.session_id), else_=None)
    await tx.execute(statement.on_conflict_do_update(set_=changes, **place), list(values))


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


async def bind(
    tx: Transaction, user_id: int, told: Sequence[tuple[Channel, str]], session_id: int
) -> None:
    """Has addresses go with a browser's session."""
    values = [_named(user_id, channel, value) for channel, value in told]
    if values:
        statement = update(ADDRESSES).where(*_PLACE).values(session_id=session_id)
        await tx.execute(statement, _in_order(values))


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


async def find(
    tx: Transaction, environment_id: int, channel: Channel, value: str
) -> Address | None:
    """An address of anybody in an environment, by its name."""
    table = ADDRESSES.c
    rows = await tx.execute(
        select(*(table[name] for name in _READ)).where(
            table.environment_id == environment_id,
            table.channel == channel.value,
            table.key == key_of(value),
        )
    )
    row = rows.first()
    return _address(dict(zip(_READ, row, strict=True))) if row else None


async def note(tx: Transaction, fared: Sequence[Fared]) -> set[int]:
    """Keeps how messages fared; the people (internal keys) who have lost an address by it.

    What is known of a later message stays.
    """
    told = [each for each in fared if each.channel in GIVEN_OUT]
    await _hold(tx, [(each.channel.value, key_of(each.value)) for each in told])
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
