"""Repository of users."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, select, update

from inbox_app.domain.preference import NOBODY_CHOSE, as_document, from_document
from inbox_app.domain.user import Profile, User
from inbox_app.storage import addresses, digests
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import Whole, crossing, halves, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.inbox import InboxStateRow
from inbox_app.storage.tables.users import UserRow

STATES, USERS = table(InboxStateRow), table(UserRow)
_PEOPLE = select(USERS, addresses.REACH)
Key = tuple[int, str]
"""Environment id and external id."""


async def find(tx: Transaction, environment_id: int, external_id: str) -> User | None:
    rows = await tx.execute(
        _PEOPLE.where(USERS.c.environment_id == environment_id, USERS.c.external_id == external_id)
    )
    row = rows.mappings().first()
    return _user(dict(row)) if row else None


async def get(tx: Transaction, user_id: int) -> User | None:
    rows = await tx.execute(_PEOPLE.where(USERS.c.id == user_id))
    row = rows.mappings().first()
    return _user(dict(row)) if row else None


async def get_many(tx: Transaction, ids: Collection[int]) -> dict[int, User]:
    rows = await tx.execute(_PEOPLE.where(USERS.c.id.in_(list(ids))))
    return {row["id"]: _user(dict(row)) for row in rows.mappings()}


async def find_many(
    tx: Transaction, keys: Collection[Key], *, to_change: bool = False
) -> dict[Key, User]:
    """The known ones among ``keys``, in one query.

    Args:
        to_change: Keeps others from changing them until the transaction ends, so that what two
            say of a user at once is both kept.
    """
    if to_change and tx.dialect.name != "sqlite":
        # By itself: a lock that had to be waited for brings the newest row, and with it what its
        # addresses were before that.
        await tx.execute(_HOLD, halves(keys))
    rows = await _FIND.rows(tx, halves(keys))
    found = ((u.environment_id, u.external_id, u) for u in map(_user, rows))
    return {(place, name): user for place, name, user in found if (place, name) in keys}


async def find_with_changes(
    tx: Transaction, keys: Collection[Key], *, to_change: bool
) -> tuple[dict[Key, User], dict[int, int] | None]:
    """Like `find_many`, with the change numbers of their inboxes (internal key) where they hold.

    In SQLite nobody else can move them on while this transaction writes; None: ask when they are
    moved on.
    """
    if tx.dialect.name != "sqlite":
        return await find_many(tx, keys, to_change=to_change), None
    rows = [row for row in await _FIND_CHANGES.rows(tx, halves(keys)) if _key(row) in keys]
    return {_key(row): _user(row) for row in rows}, {row["id"]: row["change"] or 0 for row in rows}


async def hold_still(tx: Transaction, ids: Collection[int]) -> dict[int, User]:
    """These users, whom nobody changes until the transaction ends; none that is being changed."""
    query = _PEOPLE.where(USERS.c.id.in_(list(ids))).order_by(USERS.c.id)
    rows = await tx.execute(query.with_for_update(read=True, skip_locked=True))
    return {row["id"]: _user(dict(row)) for row in rows.mappings()}


async def keep(tx: Transaction, user_id: int) -> bool:
    """Holds a person, who is not deleted until the transaction ends; whether they are there.

    Whoever stores what refers to a person does so first, before they lock anything else.
    """
    known = select(USERS.c.id).where(USERS.c.id == user_id)
    return await tx.scalar(known.with_for_update(read=True, key_share=True)) is not None


async def add_missing(tx: Transaction, users: Iterable[User]) -> None:
    """Stores new users; one that another process stored meanwhile is left as it is."""
    made = _in_order(users)
    if made:
        values = [_values(user) for user in made]
        await tx.execute(upsert(tx.dialect.name, USERS).on_conflict_do_nothing(), values)
        await _put_addresses(tx, [user for user in made if user.profile.given_out])


async def _put_addresses(tx: Transaction, made: Sequence[User]) -> None:
    stored = await get_many(tx, [user.id for user in made]) if made else {}
    await addresses.put(tx, [user for user in made if user.id in stored])


async def save(tx: Transaction, users: Iterable[User]) -> None:
    """Writes the profiles and times of known users."""
    known = _in_order(users)
    values = [{**_values(user), "key": user.id} for user in known]
    if values:
        changing: dict[str, BindParameter[Any]] = {
            n: bindparam(n) for n in values[0] if n not in _FIXED
        }
        await tx.execute(
            update(USERS).where(USERS.c.id == bindparam("key")).values(changing), values
        )
        await addresses.put(tx, known)


async def page(tx: Transaction, environment_id: int, limit: int, after: str) -> list[User]:
    """Users by external id, those after ``after`` first."""
    rows = await tx.execute(
        _PEOPLE.where(USERS.c.environment_id == environment_id, USERS.c.external_id > after)
        .order_by(USERS.c.external_id)
        .limit(limit)
    )
    return [_user(dict(row)) for row in rows.mappings()]


async def remove(tx: Transaction, user_id: int) -> None:
    """Deletes a user with everything that is theirs; from the person down, as all lock."""
    await tx.execute(delete(USERS).where(USERS.c.id == user_id))
    await digests.remove(tx, user_id)


async def touch(tx: Transaction, user_id: int, now: datetime) -> None:
    """Records that the person was here."""
    await tx.execute(update(USERS).where(USERS.c.id == user_id).values(last_seen_at=now))


_PAIR = (USERS.c.environment_id, USERS.c.external_id)
_KNOWN = _PEOPLE.where(crossing(*_PAIR))
_FIND = Whole(_KNOWN)
_CHANGE = select(STATES.c.change).where(STATES.c.user_id == USERS.c.id).scalar_subquery()
_FIND_CHANGES = Whole(_KNOWN.add_columns(_CHANGE.label("change")))
# In the order of `_in_order`; the lock lets rows that refer to the user in meanwhile.
_HOLD = select(USERS.c.id).where(crossing(*_PAIR)).order_by(*_PAIR).with_for_update(key_share=True)
_FIXED = frozenset({"id", "environment_id", "external_id", "created_at", "key"})
_PROFILE = ("email", "number", "timezone", "properties")
"""Fields of a profile that are columns of their name."""


def _key(row: Mapping[str, Any]) -> Key:
    return row["environment_id"], row["external_id"]


def _in_order(users: Iterable[User]) -> list[User]:
    """In one order everywhere, so that two processes never wait for each other in a circle."""
    return sorted(users, key=lambda user: (user.environment_id, user.external_id))


def _values(user: User) -> dict[str, Any]:
    profile = user.profile
    return {
        "id": user.id,
        "environment_id": user.environment_id,
        "external_id": user.external_id,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "last_seen_at": user.last_seen_at,
        "preferences": as_document(user.preferences) or None,
        **{name: getattr(profile, name) for name in _PROFILE},
    }


def _user(row: Mapping[str, Any]) -> User:
    settings: Mapping[str, Any] = row["settings"] or {}
    return User(
        id=row["id"],
        environment_id=row["environment_id"],
        external_id=row["external_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_seen_at=row["last_seen_at"],
        preferences=from_document(row["preferences"]) if row["preferences"] else NOBODY_CHOSE,
        profile=Profile(
            email=row["email"],
            number=row["number"],
            timezone=row["timezone"],
            properties=row["properties"],
            # It stands with what the person chose: what applications say must not replace it.
            proven=settings.get("proven"),
            **addresses.known(row["reach"]),
        ),
    )
