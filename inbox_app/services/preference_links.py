"""Links that open a person's preference centre without signing in, and nothing else.

The key in the address is all the authority there is: whoever answers a request with one keeps the
address from other sites (`Referrer-Policy: no-referrer`), caches and logs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound, Refused
from inbox_app.domain.feed import from_micros
from inbox_app.domain.user import User
from inbox_app.lib import links
from inbox_app.lib.signing import BadSignature
from inbox_app.pipeline import mail_links
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.runtime import Runtime
from inbox_app.services import access
from inbox_app.services.views import ViewerView
from inbox_app.storage import environments, inbox, personal, revoked_links, users
from inbox_app.storage.engine import Transaction

LIFE = timedelta(days=30)
COOKIE = "inbox_preferences"
"""Holds the key once the address has been left; no other page's requests carry it."""
COOKIE_LIFE = timedelta(hours=4)
NEW_LINK = "Open the link in a newer e-mail, or sign in."


@dataclass(frozen=True)
class MadeLink:
    """A link, and when it stops working."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Visitor:
    """Whom a link lets in, to their preferences and nowhere else."""

    user_id: int
    view: ViewerView


async def make(rt: Runtime, environment: Environment, user_id: str) -> MadeLink:
    """A link for a user, by the sender's id.

    Raises:
        NotFound: there is no such user.
    """
    async with rt.database.read() as tx:
        user = await _known(tx, environment, user_id)
    now = rt.clock.now()
    return MadeLink(mail_links.preferences_link(rt, user.id, now), now + LIFE)


async def revoke(rt: Runtime, environment: Environment, user_id: str) -> None:
    """Ends every link that was made for a user until now, and what is open by one.

    Raises:
        NotFound: there is no such user.
    """
    async with rt.database.write() as tx:
        user = await _known(tx, environment, user_id)
        await revoked_links.revoke(tx, user.id, rt.clock.now())
        reached = await inbox.advance(tx, {user.id: ONE_STEP})
    await tell(rt, reached)


async def resolve(rt: Runtime, token: str) -> User:
    """Whose preferences a link opens.

    Raises:
        NotFound: it is no link of ours, or the person is no more.
        Refused: it has expired or was revoked.
    """
    try:
        link = links.read_preference(rt.sealer, token)
        made_at = from_micros(link.made_at)
    except (BadSignature, ValueError) as error:
        raise NotFound(
            "This link is not complete.",
            fix="Copy all of it, or open it in the e-mail again.",
            name="server.link_stale",
        ) from error
    async with rt.database.read() as tx:
        user = await users.get(tx, link.user_id)
        refused = await refusal(rt, tx, link.user_id, made_at)
    if user is None:
        raise NotFound("This link is about somebody who is no more.", name="server.link_stale")
    if refused:
        raise Refused(refused, fix=NEW_LINK, name="server.link_over")
    return user


async def visitor(rt: Runtime, token: str) -> Visitor | None:
    """Whom a link lets in; None when it does not work, or not any more."""
    if not token:
        return None
    try:
        user = await resolve(rt, token)
    except (NotFound, Refused):
        return None
    async with rt.database.read() as tx:
        environment = await environments.by_id(tx, user.environment_id, rt.sealer)
        own = await personal.get(tx, user.id)
    if environment is None:
        return None
    # Single keys lead to pages that a link does not open.
    view = replace(access.view_of(user, environment, own), shortcuts=False)
    return Visitor(user.id, view)


async def refusal(rt: Runtime, tx: Transaction, user_id: int, made_at: datetime) -> str:
    """Why a link that was made then does not work any more; "" when it does."""
    if rt.clock.now() - made_at >= LIFE:
        return "This link has expired."
    until = await revoked_links.revoked_until(tx, user_id)
    return "This link was revoked." if until and made_at <= until else ""


async def _known(tx: Transaction, environment: Environment, user_id: str) -> User:
    user = await users.find(tx, environment.id, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id!r} in this environment.")
    return user
