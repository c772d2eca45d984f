"""People who are held while something of theirs changes."""

from __future__ import annotations

from inbox_app.domain.errors import NotFound
from inbox_app.domain.user import User
from inbox_app.storage import users
from inbox_app.storage.engine import Transaction


async def held(tx: Transaction, user_id: int) -> User:
    """The person, whom nobody else changes until the transaction ends.

    Raises:
        NotFound: there is no such person any more.
    """
    user = await users.get(tx, user_id)
    key = (user.environment_id, user.external_id) if user else (0, "")
    held = (await users.find_many(tx, [key], to_change=True)).get(key)
    if held is None:
        raise NotFound("There is no such person any more.")
    return held
