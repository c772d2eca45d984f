"""The push services of Firefox and Chromium, played on this machine.

with PushService(Authority(folder)) as service:
    ...  # a browser that knows `service` subscribes, an application server pushes
    service.wait_for_ack(endpoint)

An application server reaches it under the services' own names, with `service.proxy` as its outgoing
proxy; it must trust the authority.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self

from aiohttp import web

from tests.push import autopush, gcm
from tests.push.aside import Aside
from tests.push.autopush import Autopush
from tests.push.front import Front
from tests.push.gcm import Gcm
from tests.push.lines import Lines
from tests.push.mcs import Mcs
from tests.push.ports import HERE, answering, listening
from tests.push.store import Ending, Message, Post, Store, Subscription, Verdict
from tests.standins.certificate import Authority
from tests.standins.proxy import ProxyStandIn

HOSTS: Final = (
    # A certificate must be for a name; Chromium's push channel has this one.
    *("localhost", autopush.HOST, gcm.HOST),
    *("fcm.googleapis.com", "web.push.apple.com", "*.push.apple.com", "*.notify.windows.com"),
)


@dataclass(frozen=True)
class Places:
    """Where browsers find the parts of the stand-in.

    Attributes:
        autopush: For Firefox, a WebSocket.
        checkin, registration, mcs: For Chromium.
        fingerprint: Of the certificate of `mcs`, as Chromium takes it.
    """

    autopush: str
    checkin: str
    registration: str
    mcs: str
    fingerprint: str


class PushService:
    """Takes pushes, checks them as the real services do, and brings them to real browsers.

    Every method that waits gives up after `PATIENCE` seconds with an `AssertionError`.

    Attributes:
        proxy: URL of the proxy by which application servers reach it, under any of `HOSTS`.
        places: For the browsers.
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._store = Store()
        self._lines = Lines(self._store)
        self._aside = Aside("push service")

    def __enter__(self) -> Self:
        self._aside.__enter__()
        tls = self._authority.server(*HOSTS)
        port = self._aside.open(answering(Front(self._lines).app(), tls))
        self.proxy = self._aside.open(ProxyStandIn(port)).url
        self.places = self._open_places(tls)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._aside.__exit__()

    def clear(self) -> None:
        """Forgets everything, for the next test; browsers that are open lose what they have."""
        self._store.clear()

    # What happened

    def endpoints(self) -> list[str]:
        """Of the subscriptions that have not ended, the oldest first."""
        return [each.endpoint for each in self._store.subscriptions.values() if not each.ended]

    def posts(self) -> list[Post]:
        """All requests of application servers, and what they were answered."""
        return list(self._store.posts)

    def accepted(self, endpoint: str) -> list[Message]:
        """The messages that were accepted for an endpoint."""
        subscription = self._of(endpoint)
        return [each for each in self._store.accepted if each.subscription is subscription]

    # Waiting for it

    def wait_for_endpoint(self, *known: str) -> str:
        """The first endpoint that is none of these."""
        return self._store.once(
            lambda: next((each for each in self.endpoints() if each not in known), None),
            f"endpoint besides {known}",
        )

    def wait_for_post(self, number: int = 1) -> Post:
        """So many requests of application servers came; the last of them."""
        return self._store.once(
            lambda: self.posts()[number - 1 :][:1], f"request number {number} in {self.posts()}"
        )[0]

    def wait_for_ack(
        self, endpoint: str, number: int = 1, verdict: Verdict = Verdict.DELIVERED
    ) -> Message:
        """The browser said this of so many messages for an endpoint; the last of them."""

        def judged() -> Sequence[Message]:
            return [each for each in self.accepted(endpoint) if verdict in each.verdicts]

        return self._store.once(
            lambda: judged()[number - 1 :][:1], f"message number {number} that is {verdict.name}"
        )[0]

    def wait_for_end(self, endpoint: str) -> Ending:
        """A subscription ended; why."""
        return self._store.once(lambda: self._of(endpoint).ended, f"end of {endpoint}")

    # Making things happen

    def fail(self, endpoint: str, status: int = 500, retry_after: int | None = None) -> None:
        """Every POST to this endpoint gets this answer, with so many seconds in `Retry-After`."""
        self._of(endpoint).forced = HTTPStatus(status), retry_after

    def mend(self, endpoint: str) -> None:
        """The end of `fail`."""
        self._of(endpoint).forced = None

    def gone(self, endpoint: str) -> None:
        """The service ends a subscription without a word to the browser: 410 from now on."""
        self._store.end(self._of(endpoint), Ending.BY_SERVICE)

    def forget_clients(self) -> None:
        """No Firefox is known any more: each is told so, and drops its subscriptions."""
        forgotten = set(self._store.clients)
        self._store.clients.clear()
        for each in self._store.subscriptions.values():
            if each.client in forgotten:
                self._store.end(each, Ending.BY_SERVICE)
        self._aside.run(self._lines.hang_up(forgotten))

    def refuse_browsers(self) -> None:
        """No browser can subscribe any more: `pushManager.subscribe()` fails in both."""
        self._store.refusing = True

    def age(self, seconds: float) -> None:
        """Lets so much time pass for the messages that wait: their TTL may end."""
        self._store.aged += seconds

    def _of(self, endpoint: str) -> Subscription:
        return self._store.subscriptions[endpoint.rpartition("/")[2]]

    def _open_places(self, tls: ssl.SSLContext) -> Places:
        app = web.Application()
        app.router.add_get("/", Autopush(self._lines).serve)
        Gcm(self._store).add_to(app)
        place = f"{HERE}:{self._aside.open(answering(app))}"
        mcs = self._aside.open(listening(Mcs(self._lines).serve, tls))
        return Places(
            autopush=f"ws://{place}/",
            checkin=f"http://{place}{gcm.CHECKIN}",
            registration=f"http://{place}{gcm.REGISTRATION}",
            mcs=f"https://localhost:{mcs}",
            fingerprint=self._authority.fingerprint(HOSTS[0]),
        )
