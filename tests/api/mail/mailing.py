"""E-mails as their readers have them: sent over a server, with links that can be followed."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import httpx

from inbox_app.domain.delivery import Integration
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from inbox_app.storage import outbox, types
from tests.api.calls import ok
from tests.standins.smtp import SmtpStandIn

EVERY = ChannelOptions(offered=frozenset(DeliveryOption))
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Mail:
    """One e-mail that arrived."""

    def __init__(self, message: EmailMessage) -> None:
        self.message = message

    def part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @property
    def unsubscribe(self) -> str:
        """The path of the link in the header."""
        return path_of(str(self.message["List-Unsubscribe"])[1:-1])

    @property
    def targets(self) -> list[str]:
        """Where its links and pictures lead, in order."""
        return _Targets(self.part("html")).found

    @property
    def pixels(self) -> list[str]:
        return [path_of(each) for each in self.targets if "/o/" in each]

    @property
    def clicks(self) -> list[str]:
        return [path_of(each) for each in self.targets if "/c/" in each]


class _Targets(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


def path_of(url: str) -> str:
    """The link without the server's name, which is another one in tests."""
    return re.sub(r"^http://localhost:\d+", "", url)


class Post:
    """An environment whose e-mail goes to a server."""

    def __init__(
        self, rt: Runtime, environment: Environment, api: httpx.AsyncClient, server: SmtpStandIn
    ) -> None:
        self.rt = rt
        self.environment = environment
        self.api = api
        self.server = server

    async def send(self, **fields: Any) -> str:
        """Sends an e-mail to ada; the tracking id."""
        body: dict[str, Any] = {
            "type": "order_shipped",
            "to": {"id": "ada", "email": "ada@acme.example"},
            "email": {"subject": "Order 17", "html": "<p>It has shipped</p>"},
        }
        return ok(await self.api.post("/api/send", json=body | fields))["trackingId"]

    async def drain(self) -> None:
        while await delivering.work(self.rt):
            pass

    async def latest(self) -> Mail:
        """The last e-mail that arrived, after all that is due has gone."""
        await self.drain()
        return Mail(self.server.messages[-1].parsed)

    async def mail(self, **fields: Any) -> Mail:
        """The e-mail of a new send."""
        await self.send(**fields)
        return await self.latest()

    async def make_type(self, name: str = "order_shipped", **rules: Any) -> NotificationType:
        """A type of which ada can choose everything, unless the rules say otherwise."""
        usual: dict[str, Any] = {"options": {Channel.EMAIL: EVERY}}
        title = name.replace("_", " ").capitalize()
        kind = NotificationType(
            *(ids.row_id(), self.environment.id, name, title, (Channel.EMAIL,)), **usual | rules
        )
        async with self.rt.database.write() as tx:
            await types.add_missing(tx, [kind], self.rt.clock.now())
        return kind

    async def change_type(self, kind: NotificationType, **rules: Any) -> None:
        async with self.rt.database.write() as tx:
            await types.save(tx, replace(kind, **rules))

    async def choose(self, change: dict[str, Any]) -> dict[str, Any]:
        """Changes what ada chose; all she chose then."""
        return ok(await self.api.patch("/api/users/ada/preferences", json=change))

    async def chosen(self) -> dict[str, Any]:
        return ok(await self.api.get("/api/users/ada/preferences"))

    async def events(self, tracking_id: str, what: str) -> list[dict[str, Any]]:
        """What the timeline tells of one kind."""
        story = ok(await self.api.get(f"/api/notifications/{tracking_id}/timeline"))
        return [each for each in story["timeline"] if each["what"] == what]

    async def decision(self) -> str:
        """The rule that would decide about the next e-mail to ada."""
        body = {
            "type": "order_shipped",
            "to": {"id": "ada"},
            "email": {"subject": "s", "html": "h"},
        }
        dry = ok(await self.api.post("/api/send?dryRun=true", json=body))
        (decided,) = [each for each in dry["decisions"] if each["channel"] == "EMAIL"]
        return decided["rule"]


@asynccontextmanager
async def posting(
    rt: Runtime, environment: Environment, api: httpx.AsyncClient
) -> AsyncGenerator[Post]:
    with SmtpStandIn() as server:
        settings = {
            "host": server.host,
            "port": server.port,
            "security": "none",
            "from_address": "hub@acme.example",
        }
        made = Integration(*(ids.row_id(), environment.id, Channel.EMAIL, "smtp", "mail"), settings)
        async with rt.database.write() as tx:
            await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
        yield Post(rt, environment, api, server)
