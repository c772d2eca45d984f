"""Repository of what belongs to a person wherever they sign in.

It stands on the user, but apart from what senders say of the person: accepting a send never
writes it.
"""

from __future__ import annotations

from sqlalchemy import select, update

from inbox_app.domain.personal import NOTHING_CHOSEN, Personal, as_document, from_document
from inbox_app.storage.engine import Transaction
from inbox_app.storage.users import USERS


async def get(tx: Transaction, user_id: int, *, to_change: bool = False) -> Personal:
    """A person's settings.

    Args:
        to_change: Keeps others from changing them until the transaction ends.
    """
    query = select(USERS.c.settings).where(USERS.c.id == user_id)
    if to_change:
        query = query.with_for_update(key_share=True)
    document = (await tx.execute(query)).scalar_one_or_none()
    return from_document(document) if document else NOTHING_CHOSEN


async def save(tx: Transaction, user_id: int, personal: Personal) -> None:
    document = as_document(personal) or None
    await tx.execute(update(USERS).where(USERS.c.id == user_id).values(settings=document))


async def leaving(tx: Transaction) -> list[int]:
    """People (internal keys) whose account is being deleted, or was when that broke off."""
    query = select(USERS.c.id).where(USERS.c.settings["leaving"].as_boolean())
    return list((await tx.execute(query)).scalars())
