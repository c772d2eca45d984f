"""The app at Slack that people of an environment connect to, and what one of them connected."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from math import ceil

from inbox_app.channels import registry
from inbox_app.channels.adapters.slack import PROVIDER, SlackSettings
from inbox_app.channels.slack import tokens
from inbox_app.channels.slack.client import Slack
from inbox_app.channels.slack.connecting import App
from inbox_app.channels.slack.errors import ENDED, NAME, Meaning, meaning_of
from inbox_app.channels.slack.names import PAUSE
from inbox_app.channels.slack.tokens import Grant
from inbox_app.domain.address import Address
from inbox_app.domain.connected_chat import ConnectedChat
from inbox_app.domain.delivery import Integration
from inbox_app.domain.errors import (
    InboxError,
    InvalidInput,
    NotFound,
    Permanent,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
)
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.pipeline import news
from inbox_app.pipeline.renewing import Kept, fresh_secret
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, outbox, users
from inbox_app.storage.addresses import Fared
from inbox_app.storage.engine import Transaction

CALLBACK = "/slack/connected"
"""Where Slack leads people back to."""
PATIENCE = 20.0
"""Seconds that somebody waits for Slack."""


@dataclass(frozen=True)
class SlackApp:
    """The integration of an environment that people connect to."""

    integration: Integration
    settings: SlackSettings = field(repr=False)

    def at_slack(self, rt: Runtime) -> App:
        """The app as Slack knows it."""
        secret = self.settings.client_secret.get_secret_value()
        return App(self.settings.client_id, secret, redirect_uri(rt))


@dataclass(frozen=True)
class Connection:
    """What a person connected.

    Attributes:
        slack: Speaks by the token that they granted.
    """

    user: User
    address: Address
    chat: ConnectedChat
    grant: Grant = field(repr=False)
    slack: Slack = field(repr=False)


def redirect_uri(rt: Runtime) -> str:
    """The one address that Slack leads back to; operators enter it there."""
    return rt.settings.public_url + CALLBACK


async def app_of(rt: Runtime, tx: Transaction, environment_id: int) -> SlackApp | None:
    """The app of an environment; None when nobody can connect."""
    for each in await outbox.integrations(tx, environment_id, rt.sealer):
        settings = _settings(each) if each.provider == NAME and each.enabled else None
        if settings and settings.client_id and settings.client_secret.get_secret_value():
            return SlackApp(each, settings)
    return None


def _settings(integration: Integration) -> SlackSettings | None:
    try:
        found = registry.settings_of(NAME, integration.settings)
    except InvalidInput:
        return None
    return found if isinstance(found, SlackSettings) else None


def connected(user: User) -> tuple[Address, ConnectedChat] | None:
    """What a person connected by themselves."""
    for each in user.profile.reached(Channel.SLACK):
        chat = ConnectedChat.of(each)
        if chat is not None:
            return each, chat
    return None


async def connection(rt: Runtime, user_id: int) -> Connection:
    """What a person connected, by a token that works.

    Raises:
        NotFound: they have connected nothing.
        Refused: Slack has ended the connection, or nothing is set up for it any more.
        Unavailable: Slack does not answer, or asks for a pause.
    """
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        app = await app_of(rt, tx, user.environment_id) if user else None
    known = connected(user) if user else None
    if user is None or known is None:
        raise not_connected()
    if app is None:
        raise Refused(
            "Slack is not set up any more.",
            fix="Ask whoever runs this server.",
            name="why.slack_closed",
        )
    address, chat = known
    async with telling(rt, user, address):
        grant = await _grant(rt, user, address, app.settings)
    tools = replace(rt.tools, timeout=PATIENCE)
    slack = Slack(tools, grant.token, grant.speaker(rt.clock.now()))
    return Connection(user, address, chat, grant, slack)


async def _grant(rt: Runtime, user: User, address: Address, settings: SlackSettings) -> Grant:
    grant = await fresh(rt, user, address, settings)
    if grant is None or not grant.token:
        raise _ended()
    return grant


async def fresh(rt: Runtime, user: User, address: Address, settings: SlackSettings) -> Grant | None:
    """What a person granted, renewed if it is time for that; None when it cannot be read.

    Raises:
        ProviderError: it does not work any more, and cannot be renewed, or not now.
    """
    kept = Kept(user.id, address.key, opened(rt, address))
    return tokens.read(await fresh_secret(rt, kept, PROVIDER, settings))


def opened(rt: Runtime, address: Address) -> str:
    """An address's secret; "" when it has none that can be opened."""
    try:
        return rt.sealer.unseal(address.secret) if address.secret else ""
    except CannotUnseal:
        return ""


@asynccontextmanager
async def telling(rt: Runtime, user: User, address: Address) -> AsyncGenerator[None]:
    """Puts what Slack refuses into words; a token that is dead is not used any more.

    Raises:
        NotFound, Refused, Unavailable: what an error of the block means to the person.
    """
    try:
        yield
    except ProviderError as error:
        failure = error
    else:
        return
    if failure.detail.startswith(ENDED):
        await _bury(rt, user, address, failure)
    raise words_of(failure)


async def _bury(rt: Runtime, user: User, address: Address, failure: ProviderError) -> None:
    why, since = failure.detail, failure.dead_since if isinstance(failure, Permanent) else None
    fared = Fared(user.id, *address.key, rt.clock.now(), why, dead=why, dead_since=since)
    async with rt.database.write() as tx:
        lost = await addresses.note(tx, [fared])
    await news.move_on(rt, lost)


def words_of(error: ProviderError) -> InboxError:
    """What an error of Slack's means to a person."""
    if error.detail.startswith(ENDED):
        return _ended()
    if isinstance(error, RateLimited):
        seconds = ceil(error.retry_after or PAUSE)
        fix = f"Try again in {seconds} seconds."
        return Unavailable("Slack asks for a pause.", fix=fix, name="why.slack_busy", n=seconds)
    match meaning_of(error.status):
        case Meaning.RIGHTS:
            said, fix = "The app at Slack may not do this.", "Tell whoever runs this server."
            return Refused(said, fix=fix, name="why.slack_rights")
        case Meaning.GONE:
            said, fix = "That place is gone.", "Choose another one."
            return NotFound(said, fix=fix, name="why.slack_place_gone")
        case Meaning.CLOSED:
            said, fix = "The app may not join this channel.", "Invite it there, and choose again."
            return Refused(said, fix=fix, name="why.slack_not_joined")
        case _:
            said, fix = "Slack does not answer.", "Try again in a minute."
            return Unavailable(said, fix=fix, name="why.slack_silent")


def not_connected() -> NotFound:
    """What is said to somebody who has no Slack to do something with."""
    said, fix = "Slack is not connected.", "Load the page again."
    return NotFound(said, fix=fix, name="why.slack_not_connected")


def _ended() -> Refused:
    said, fix = "Slack has ended the connection.", "Connect Slack again."
    return Refused(said, fix=fix, name="why.slack_ended")
