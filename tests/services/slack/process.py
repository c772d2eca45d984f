"""A process for which Slack is on this machine, under its own name."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from inbox_app.bootstrap import open_runtime
from inbox_app.channels.spec import Resources, Tools
from inbox_app.config import Settings
from inbox_app.domain.delivery import Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.lib import ids
from inbox_app.lib.http import Http
from inbox_app.runtime import Runtime
from inbox_app.services import access, preference_centre, slack_connecting
from inbox_app.services.access import Viewer
from inbox_app.services.centre_views import AddressView
from inbox_app.storage import outbox
from tests.clock import SetClock
from tests.standins.certificate import Authority
from tests.standins.names import Names
from tests.standins.slack import SlackApp, SlackStandIn

REDIRECT = "http://localhost:8000/slack/connected"
"""Where Slack leads people back to, with the settings of tests."""


@asynccontextmanager
async def open_with_slack(
    settings: Settings, clock: SetClock, slack: SlackStandIn, authority: Authority
) -> AsyncGenerator[Runtime]:
    """Opens it."""
    names, trusted = Names({"slack.com": slack.port}), authority.trusted()
    http = Http(allow=["127.0.0.1"], resolver=names, tls=trusted)
    async with open_runtime(settings, clock) as rt:
        tools = Tools(http, clock.now, resources=Resources())
        yield replace(rt, tools=tools)
        await tools.close()


async def integrate(rt: Runtime, environment: Environment, **settings: str) -> Integration:
    """An environment's app, to which people can connect unless these settings say otherwise."""
    known = SlackApp()
    whole = {"client_id": known.client_id, "client_secret": known.client_secret}
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SLACK, "slack", "Slack"), {**whole, **settings}
    )
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    return made


async def sign_in(rt: Runtime, environment: Environment, user_id: str) -> Viewer:
    """Somebody signed in in a browser of their own."""
    link = await access.sign_in_link(rt, environment, user_id)
    token = (await access.sign_in(rt, link.partition("token=")[2])).token
    viewer = await access.viewer(rt, token)
    assert viewer is not None
    return viewer


async def connect(rt: Runtime, viewer: Viewer, slack: SlackStandIn) -> None:
    """Somebody connects Slack, as Ada there."""
    back = parse_qs(urlsplit(slack.agree(await slack_connecting.begin(rt, viewer))).query)
    await slack_connecting.finish(rt, viewer, {name: each[0] for name, each in back.items()})


async def address_of(rt: Runtime, viewer: Viewer) -> AddressView | None:
    """A person's Slack as their page shows it."""
    view = await preference_centre.centre(rt, viewer.user_id)
    return next((each for each in view.where if each.kind == "slack"), None)
