"""Who is asking: API keys, end-user credentials, sign-in links and sessions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Refused, Unauthenticated
from inbox_app.domain.look import tones
from inbox_app.domain.personal import Personal
from inbox_app.domain.user import Session, User
from inbox_app.domain.visit import Visit
from inbox_app.lib import ids, signing
from inbox_app.lib.user_agent import LONGEST
from inbox_app.pipeline.plan import zone_of
from inbox_app.runtime import Runtime
from inbox_app.services.views import ViewerView
from inbox_app.services.words import initials
from inbox_app.storage import environments, personal, sessions, users

SESSION_COOKIE = "inbox_session"
NAME_LENGTH = 16
LONGEST_LINK = timedelta(minutes=10)
DEMO_LINK = timedelta(hours=24)
OPEN_AGAIN = "Open your inbox from your application again."


@dataclass(frozen=True)
class Member:
    """An end user who proved to be one: the environment and the user."""

    environment: Environment
    user: User


@dataclass(frozen=True)
class Viewer:
    """The person behind a signed-in browser, until the session ends."""

    session_id: int
    user_id: int
    environment_id: int
    view: ViewerView
    until: datetime


@dataclass(frozen=True)
class SignedIn:
    """A new session: its token goes into the cookie and nowhere else.

    Attributes:
        language: What the person chose, or "".
    """

    token: str
    session: Session
    language: str = ""


async def by_api_key(rt: Runtime, secret: str) -> Environment:
    """The environment of an API key.

    Raises:
        Unauthenticated: no active key is like this.
    """
    known = rt.keys.get(secret, rt.clock.now())
    if known is not None:
        return known
    async with rt.database.read() as tx:
        found = await environments.by_key_hash(tx, signing.digest(secret), rt.sealer)
    if found is None:
        raise Unauthenticated(
            "The API key is not valid.",
            fix="Send `Authorization: Bearer <API key>`; `inbox keys create` makes a key.",
        )
    rt.keys.put(secret, found, rt.clock.now())
    return found


async def by_client(rt: Runtime, client_id: str) -> Environment:
    """The environment of a client id.

    Raises:
        Unauthenticated: there is none.
    """
    async with rt.database.read() as tx:
        found = await environments.by_client_id(tx, client_id, rt.sealer)
    if found is None:
        raise Unauthenticated(
            "The client id is not known.",
            fix="Send `Authorization: Basic base64(clientId:userId)`.",
        )
    return found


async def member(rt: Runtime, environment: Environment, user_id: str, proof: str | None) -> Member:
    """An end user from credentials of the form ``clientId:userId[:hash]``.

    Raises:
        Unauthenticated: the hash is wrong, or missing in secure mode.
    """
    if environment.secure_mode or proof is not None:
        expected = signing.end_user_hash(environment.client_secret, user_id)
        if proof is None or not signing.same(proof, expected):
            raise Unauthenticated(
                "The end-user hash is missing or wrong.",
                fix="Send base64(clientId:userId:hash), "
                "hash = base64(HMAC-SHA256(clientSecret, userId)).",
            )
    return await member_of(rt, environment, user_id)


async def member_of(rt: Runtime, environment: Environment, user_id: str) -> Member:
    """A user by the sender's id; a person nobody told anything yet has an empty inbox."""
    async with rt.database.read() as tx:
        user = await users.find(tx, environment.id, user_id)
    if user is None:
        now = rt.clock.now()
        user = User(0, environment.id, user_id, created_at=now, updated_at=now)
    return Member(environment, user)


async def sign_in_link(
    rt: Runtime, environment: Environment, user_id: str, life: timedelta = LONGEST_LINK
) -> str:
    """A link that signs a user in once, as a host application would make it."""
    token = signing.sign_in_token(
        environment.client_id,
        environment.client_secret,
        user_id,
        ids.token()[:22],
        rt.clock.now(),
        life,
    )
    return f"{rt.settings.public_url}/sign-in?token={token}"


async def sign_in(rt: Runtime, token: str, user_agent: str = "") -> SignedIn:
    """Starts a session from a sign-in link.

    Args:
        user_agent: What the browser says of itself.

    Raises:
        Unauthenticated: the link is forged, expired, or names nobody.
        Refused: the link was used before, or lives longer than allowed.
    """
    try:
        environment, claim = await _verified(rt, token)
    except signing.BadSignature as error:
        name = "server.sign_in_expired" if error.expired else "server.sign_in_invalid"
        fault = "has expired" if error.expired else "is not valid"
        raise Unauthenticated(f"This sign-in link {fault}.", fix=OPEN_AGAIN, name=name) from error
    longest = DEMO_LINK if environment.demo else LONGEST_LINK
    if claim.expires_at - claim.issued_at > longest:
        raise Refused(
            "This sign-in link lives too long.",
            fix=f"Make links that expire within {longest.total_seconds() / 60:.0f} minutes.",
            name="server.sign_in_long",
        )
    return await _start(rt, environment, claim, user_agent[:LONGEST] or None)


async def viewer(rt: Runtime, token: str) -> Viewer | None:
    """The person behind a session cookie, or None; at most a few seconds old."""
    if not token:
        return None
    now = rt.clock.now()
    key = signing.digest(token)
    visit = rt.visits.get(key, now)
    if visit is None:
        visit = await _visit(rt, key)
        if visit is None:
            return None
        rt.visits.put(key, visit, now)
    return Viewer(
        visit.session.id,
        visit.user.id,
        visit.environment.id,
        replace(
            view_of(visit.user, visit.environment, visit.personal),
            session=_name_of("session", visit.session.id),
            person=_name_of("person", visit.user.id),
        ),
        visit.session.expires_at,
    )


def _name_of(kind: str, row_id: int) -> str:
    """What a browser knows something by: it tells one from another, and no more."""
    return signing.digest(f"{kind} {row_id}")[:NAME_LENGTH]


async def sign_out(rt: Runtime, token: str) -> None:
    """Ends a session in every tab; an unknown token is no error."""
    key = signing.digest(token)
    async with rt.database.write() as tx:
        session = await sessions.by_hash(tx, key, rt.clock.now())
        if session is None:
            return
        await sessions.remove(tx, session.id)
    rt.visits.forget(key)
    await rt.hub.end_session(session.user_id, session.id)


async def _verified(rt: Runtime, token: str) -> tuple[Environment, signing.SignInClaim]:
    """The environment that signed a token, and what the token says.

    Raises:
        BadSignature: no environment of this server signed it, or it is too late.
    """
    issuer = signing.sign_in_issuer(token)
    async with rt.database.read() as tx:
        environment = await environments.by_client_id(tx, issuer, rt.sealer)
    if environment is None:
        raise signing.BadSignature("The sign-in token names no environment.")
    return environment, signing.read_sign_in(token, environment.client_secret, rt.clock.now())


async def _visit(rt: Runtime, token_hash: str) -> Visit | None:
    async with rt.database.read() as tx:
        session = await sessions.by_hash(tx, token_hash, rt.clock.now())
        user = await users.get(tx, session.user_id) if session else None
        place = await environments.by_id(tx, user.environment_id, rt.sealer) if user else None
        if session is None or user is None or place is None:
            return None
        visit = Visit(session, user, place, await personal.get(tx, user.id))
    if session.is_stale(rt.clock.now()):
        async with rt.database.write() as tx:
            await sessions.note_use(tx, session.id, rt.clock.now())
    return visit


async def _start(
    rt: Runtime, environment: Environment, claim: signing.SignInClaim, user_agent: str | None
) -> SignedIn:
    now, token = rt.clock.now(), ids.token()
    async with rt.database.write() as tx:
        if not await environments.use_token(
            tx, environment.id, claim.token_id, claim.expires_at + signing.LEEWAY
        ):
            raise Refused(
                "This sign-in link was used before.", fix=OPEN_AGAIN, name="server.sign_in_used"
            )
        user = User(ids.row_id(), environment.id, claim.user_id, now, now)
        await users.add_missing(tx, [user])
        user = await users.find(tx, environment.id, claim.user_id) or user
        await users.touch(tx, user.id, now)
        ends = now + timedelta(days=rt.settings.session_days)
        session = Session(ids.row_id(), user.id, now, ends, user_agent, now)
        await sessions.add(tx, session, signing.digest(token))
        language = (await personal.get(tx, user.id)).language
    return SignedIn(token, session, language or "")


def view_of(user: User, environment: Environment, own: Personal) -> ViewerView:
    """A person as pages of theirs know them."""
    return ViewerView(
        name=user.display_name,
        initials=initials(user.display_name),
        brand=environment.title,
        demo=environment.demo,
        logo=environment.look.logo,
        look=tones(environment.look),
        language=own.language or "",
        zone=str(zone_of(user)) if user.preferences.zone or user.profile.timezone else "",
        shortcuts=own.shortcuts,
        key_of=own.all_keys,
    )
