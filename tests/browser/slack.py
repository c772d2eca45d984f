"""Slack as a browser and the server meet it, and the app that people connect to."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.sync_api import Page, Route

from tests.browser.host import Host
from tests.browser.server import Server
from tests.standins.certificate import Authority
from tests.standins.proxy import ProxyStandIn
from tests.standins.slack import SlackApp, SlackStandIn, signed

SECRET = "signing-s3cret"


class SlackWorkspace:
    """Slack on this machine, and a server with an app there.

    Attributes:
        slack: What Slack does and was asked.
        server: Reaches it under its own name.
    """

    def __init__(self, slack: SlackStandIn, server: Server, portal: BlockingPortal) -> None:
        self.slack, self.server = slack, server
        self._portal = portal
        self._callback = ""

    def integrate(self, host: Host) -> None:
        """Lets people connect to the app."""
        app = SlackApp(redirect_uri=f"{self.server.url}/slack/connected")
        self.slack.app = app
        settings = {
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "signing_secret": SECRET,
        }
        made = host.post(
            "/integrations", {"channel": "SLACK", "provider": "slack", "settings": settings}
        )
        self._callback = f"{self.server.url}/callbacks/slack/{made['id']}"

    def shown_in(self, page: Page) -> None:
        """Has a browser meet Slack's page."""

        def show(route: Route) -> None:
            body = self.slack.authorize(route.request.url)
            head = "<!doctype html><html lang=en><title>Slack</title>"
            route.fulfill(
                content_type="text/html; charset=utf-8", body=f"{head}<main>{body}</main>"
            )

        page.context.route("https://slack.com/**", show)

    def wait_for(self, method: str) -> None:
        """Waits until a method of the Web API was asked for."""
        while not self.slack.asked(method):
            self._portal.call(self.slack.arrived, len(self.slack.requests) + 1)

    def replies(self, text: str) -> None:
        """Somebody in Slack answers the newest message in its thread."""
        channel = self.slack.posts[-1].channel.replace("U0", "D0")
        event: dict[str, Any] = {"type": "message", "user": "U0ADA", "text": text}
        event |= {"channel": channel, "ts": "1503436000.000100"}
        event |= {"thread_ts": self.slack.posts[-1].ts}
        whole = {"type": "event_callback", "event_id": f"Ev{text}", "event": event}
        body = json.dumps(whole).encode()
        headers = {"Content-Type": "application/json", **signed(SECRET, body, time.time())}
        httpx.post(self._callback, content=body, headers=headers).raise_for_status()


@contextmanager
def slack_workspace(folder: Path) -> Generator[SlackWorkspace]:
    """Starts both; the server goes out through a proxy that leads to Slack wherever it wants to."""
    authority = Authority(folder)
    slack = SlackStandIn(tls=authority.server("slack.com"))
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(slack),
        portal.wrap_async_context_manager(ProxyStandIn(slack.port)) as proxy,
    ):
        out = {"INBOX_PROXY": proxy.url, "SSL_CERT_FILE": str(authority.path)}
        server = Server(folder / "data", out)
        server.start()
        try:
            yield SlackWorkspace(slack, server, portal)
        finally:
            server.stop()
