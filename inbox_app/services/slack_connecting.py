"""Connecting Slack, and ending that: what a person does, by OAuth 2.0 (RFC 6749, 4.1).

The state that Slack hands back is sealed, names the session it was made in, and is taken once
(docs/decisions/0026). A code is exchanged only for whoever is signed in by that session.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from inbox_app.channels.foreign import number, parsed, text
from inbox_app.channels.slack import connecting, tokens
from inbox_app.channels.slack.errors import Meaning, meaning_of
from inbox_app.channels.slack.tokens import Grant
from inbox_app.domain.address import Address
from inbox_app.domain.connected_chat import ConnectedChat
from inbox_app.domain.errors import (
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Refused,
    Transient,
    Unavailable,
)
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.lib import ids
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.runtime import Runtime
from inbox_app.services import slack_app
from inbox_app.services.access import Viewer
from inbox_app.services.holding import held
from inbox_app.services.slack_app import SlackApp
from inbox_app.storage import addresses, chats, environments, inbox, outbox, users
from inbox_app.storage.engine import Transaction

LIFE = timedelta(minutes=10)
"""How long somebody has for Slack's page."""
PURPOSE = "slack"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _State:
    """What a state says.

    Attributes:
        session: The session that it was made in.
        app: The integration whose app Slack was asked for.
        once: Its name, by which it is taken once.
    """

    session: int
    app: int
    once: str
    until: datetime


async def is_offered(rt: Runtime, environment_id: int) -> bool:
    """Whether people of an environment can connect Slack."""
    async with rt.database.read() as tx:
        return await slack_app.app_of(rt, tx, environment_id) is not None


async def begin(rt: Runtime, viewer: Viewer) -> str:
    """Where at Slack the person says yes.

    Raises:
        NotFound: nothing is set up for it.
    """
    async with rt.database.read() as tx:
        app = await slack_app.app_of(rt, tx, viewer.environment_id)
    if app is None:
        raise _closed()
    said = {
        "for": PURPOSE,
        "session": str(viewer.session_id),
        "app": str(app.integration.id),
        "once": ids.token("slack_"),
        "until": int((rt.clock.now() + LIFE).timestamp()),
    }
    return app.at_slack(rt).authorize_url(rt.sealer.seal(json.dumps(said)))


async def finish(rt: Runtime, viewer: Viewer, query: Mapping[str, str]) -> None:
    """Takes what Slack led the person back with; from then on messages go to them there.

    Args:
        query: ``state`` with ``code``, or with ``error``.

    Raises:
        InvalidInput: the state is missing, not ours, or too old; or there is no code.
        Refused: it was made in another session, or used before; or the person said no.
        NotFound: nothing is set up for it any more.
        Unavailable: Slack did not exchange the code.
    """
    app = await _taken(rt, viewer, query.get("state", ""))
    if query.get("error") == "access_denied":
        raise Refused("You did not connect Slack.", name="server.slack_denied")
    code = query.get("code", "")
    if not code:
        log.warning("Slack led somebody back without a code.")
        raise InvalidInput("Slack did not agree.", name="server.slack_refused")
    try:
        tools = replace(rt.tools, timeout=slack_app.PATIENCE)
        granted = await connecting.exchange(app.at_slack(rt), code, tools)
    except ProviderError as error:
        failure = error
    else:
        await _leave_another(rt, viewer.user_id, granted)
        await _keep(rt, viewer.user_id, granted)
        return
    log.warning("A code of Slack was not exchanged: %s", failure.message)
    passing = isinstance(failure, Transient | OutcomeUnknown)
    if passing and meaning_of(failure.status) is not Meaning.RIGHTS:
        raise Unavailable("Slack does not answer.", name="server.slack_busy")
    raise Unavailable("Slack refused.", name="server.slack_refused")


async def _taken(rt: Runtime, viewer: Viewer, sealed: str) -> SlackApp:
    """The app that a state was made for; the state is used up."""
    if not sealed:
        raise InvalidInput("The way back from Slack is incomplete.", name="server.slack_no_state")
    state, now = _read(rt, sealed), rt.clock.now()
    if state is None:
        raise InvalidInput("This server did not ask for that.", name="server.slack_wrong_state")
    if state.session != viewer.session_id:
        raise Refused("Somebody else began this.", name="server.slack_other_session")
    if state.until < now:
        raise InvalidInput("That took too long.", name="server.slack_late")
    async with rt.database.write() as tx:
        once = (viewer.environment_id, state.once, state.until)
        if not await environments.use_token(tx, *once):
            raise Refused("This was used before.", name="server.slack_used")
        app = await slack_app.app_of(rt, tx, viewer.environment_id)
    if app is None or app.integration.id != state.app:
        raise _closed()
    return app


def _read(rt: Runtime, sealed: str) -> _State | None:
    try:
        said = parsed(rt.sealer.unseal(sealed))
    except (CannotUnseal, ValueError):
        return None
    session, app = ids.read(text(said, "session")), ids.read(text(said, "app"))
    until = number(said, "until")
    if text(said, "for") != PURPOSE or session is None or app is None or until is None:
        return None
    return _State(session, app, text(said, "once"), datetime.fromtimestamp(until, UTC))


def _closed() -> NotFound:
    return NotFound("Slack cannot be connected here.", name="server.slack_closed")


async def _keep(rt: Runtime, user_id: int, granted: str) -> None:
    """Stores a grant; messages go where they went before in its workspace, else to the person."""
    now, grant = rt.clock.now(), tokens.read(granted)
    assert grant  # noqa: S101 - it was read when it came
    async with rt.database.write() as tx:
        user = await held(tx, user_id)
        before = slack_app.connected(user)
        chat, value = ConnectedChat(grant.app_id, grant.team_id, grant.team), ""
        if before and before[1].team_id == grant.team_id:
            value, chat = before[0].value, replace(chat, place=before[1].place)
        profile = replace(
            user.profile,
            slack_channel=value or None,
            slack_token=rt.sealer.seal(granted),
            slack_connected=chat.as_details(),
        )
        await users.save(tx, [replace(user, profile=profile, updated_at=now)])
        await addresses.revive(tx, user.id, [(Channel.SLACK, value)], now)
        reached = await inbox.advance(tx, {user.id: ONE_STEP})
    await tell(rt, reached)


async def disconnect(rt: Runtime, user_id: int) -> bool:
    """Forgets a person's Slack, and ends the token as far as nobody else speaks by it.

    Returns:
        Whether Slack knows; else the token may still work.

    Raises:
        NotFound: they have connected nothing.
    """
    user, known = await _connected(rt, user_id)
    if user is None or known is None:
        raise slack_app.not_connected()
    ended = await _end(rt, user, known[0])
    await _forget(rt, user_id)
    return ended


async def _leave_another(rt: Runtime, user_id: int, granted: str) -> None:
    """Ends what a person connected before, unless it is the same app in the same workspace."""
    user, known = await _connected(rt, user_id)
    grant = tokens.read(granted)
    if user is None or known is None or grant is None:
        return
    address, chat = known
    if (chat.app_id, chat.team_id) != (grant.app_id, grant.team_id):
        await _end(rt, user, address)


async def _connected(
    rt: Runtime, user_id: int
) -> tuple[User | None, tuple[Address, ConnectedChat] | None]:
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
    return user, slack_app.connected(user) if user else None


async def _end(rt: Runtime, user: User, address: Address) -> bool:
    """Ends a token as far as nobody else speaks by it; False when it may still work."""
    grant = tokens.read(slack_app.opened(rt, address))
    if grant is None:
        return True
    async with rt.database.read() as tx:
        if await _is_needed(rt, tx, user, grant):
            return True
        app = await slack_app.app_of(rt, tx, user.environment_id)
    try:
        if app is not None:
            # By one that is over nothing is ended, least of all the refresh token beside it.
            grant = await slack_app.fresh(rt, user, address, app.settings) or grant
        await connecting.revoke(grant, replace(rt.tools, timeout=slack_app.PATIENCE))
    except ProviderError as error:
        if meaning_of(error.status) is Meaning.REVOKED:
            return True
        log.warning("A token of Slack could not be revoked: %s", error.message)
        return False
    return True


async def _is_needed(rt: Runtime, tx: Transaction, user: User, grant: Grant) -> bool:
    """Whether others speak by the app in that workspace: Slack would end it for them, too."""
    known = await outbox.every_integration(tx, rt.sealer)
    # Whoever installs an app in a workspace gets the token that is there already.
    operator = any(each.settings.get("bot_token") == grant.token for each in known)
    return operator or await chats.is_shared(tx, user.id, grant.app_id, grant.team_id)


async def _forget(rt: Runtime, user_id: int) -> None:
    nothing = {"slack_channel": None, "slack_token": None, "slack_connected": None}
    async with rt.database.write() as tx:
        user = await held(tx, user_id)
        profile = replace(user.profile, **nothing)
        await users.save(tx, [replace(user, profile=profile, updated_at=rt.clock.now())])
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
    await tell(rt, reached)
