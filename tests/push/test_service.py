"""The stand-in judges pushes as push services do, and keeps them for browsers that are away."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from inbox_app.channels.webpush.vapid import Key, new_key
from tests.push import protobuf
from tests.push.aside import Watched
from tests.push.protobuf import Fixed64
from tests.push.service import PushService
from tests.push.store import Ending, Verdict
from tests.standins.certificate import Authority

PRIVATE = new_key()
PUBLIC = Key.of(PRIVATE).public
BODY = b"x" * 100
Frame = Mapping[str, Any]


class Browser:
    """What Firefox says to its push service."""

    def __init__(self, line: ClientConnection, uaid: str | None) -> None:
        self._line = line
        self.uaid = self.ask("hello", use_webpush=True, **({"uaid": uaid} if uaid else {}))["uaid"]

    def tell(self, kind: str, **fields: Any) -> None:
        self._line.send(json.dumps({"messageType": kind, **fields}))

    def ask(self, kind: str, **fields: Any) -> Frame:
        self.tell(kind, **fields)
        return self.hear()

    def hear(self) -> Frame:
        return json.loads(self._line.recv(10))

    def subscribe(self, channel: str = "channel-1") -> str:
        return self.ask("register", channelID=channel, key=f"{PUBLIC}=")["pushEndpoint"]


@contextmanager
def online(service: PushService, uaid: str | None = None) -> Generator[Browser]:
    """A browser that is connected; a new one when it has no name."""
    protocols = [Subprotocol("push-notification")]
    with connect(service.places.autopush, subprotocols=protocols, proxy=None) as line:
        yield Browser(line, uaid)


@pytest.fixture(scope="module")
def client(running_service: PushService, authority: Authority) -> Iterator[httpx.Client]:
    """An application server that goes out by the proxy."""
    with httpx.Client(proxy=running_service.proxy, verify=authority.trusted()) as made:
        yield made


def signed(endpoint: str, private: str = PRIVATE, **claims: Any) -> dict[str, str]:
    """The headers of a push that is as it should be, but for these claims."""
    parts = urlsplit(endpoint)
    usual = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": "mailto:ops@acme.example",
        "exp": int(time.time()) + 3600,
    }
    header: dict[str, str] = Vapid02.from_raw(private.encode()).sign(usual | claims)
    return {"TTL": "60", "Content-Encoding": "aes128gcm", **header}


def post(client: httpx.Client, endpoint: str, **headers: str) -> httpx.Response:
    return client.post(endpoint, headers=signed(endpoint) | headers, content=BODY)


def test_what_it_accepts_it_delivers(service: PushService, client: httpx.Client):
    with online(service) as browser:
        endpoint = browser.subscribe()
        assert service.endpoints() == [endpoint]
        answer = post(client, endpoint, Urgency="high")
        assert (answer.status_code, answer.headers["TTL"]) == (201, "60")
        frame = browser.hear()
        assert (frame["channelID"], frame["headers"]) == ("channel-1", {"encoding": "aes128gcm"})
        assert answer.headers["Location"].endswith(frame["version"])
        [message] = service.accepted(endpoint)
        assert message.body == BODY
        updates = [{"channelID": "channel-1", "version": frame["version"], "code": 101}]
        browser.tell("ack", updates=updates)
        assert service.wait_for_ack(endpoint, verdict=Verdict.UNDECRYPTED) is message
    told = service.wait_for_post()
    assert (told.endpoint, told.status, told.headers["urgency"]) == (endpoint, 201, "high")


NOW = int(time.time())
WRONG: list[tuple[dict[str, str], dict[str, Any], int]] = [
    ({"TTL": ""}, {}, 400),
    ({"TTL": "soon"}, {}, 400),
    ({"Topic": "t" * 33}, {}, 400),
    ({"Content-Encoding": "aesgcm"}, {}, 400),
    ({"Authorization": ""}, {}, 401),
    ({"Authorization": "vapid t=a.b.c,k=abc"}, {}, 401),
    ({}, {"aud": "https://fcm.googleapis.com"}, 401),
    ({}, {"exp": NOW - 10}, 401),
    ({}, {"exp": NOW + 25 * 3600}, 401),
    ({}, {"private": new_key()}, 403),
]


@pytest.mark.parametrize(("headers", "claims", "status"), WRONG)
def test_what_is_wrong_is_refused(
    service: PushService,
    client: httpx.Client,
    headers: dict[str, str],
    claims: dict[str, Any],
    status: int,
):
    with online(service) as browser:
        endpoint = browser.subscribe()
    answer = client.post(endpoint, headers=signed(endpoint, **claims) | headers, content=BODY)
    assert answer.status_code == status
    assert answer.text
    assert service.accepted(endpoint) == []


def test_the_body_may_have_4096_bytes(service: PushService, client: httpx.Client):
    with online(service) as browser:
        endpoint = browser.subscribe()
    sizes = {4096: 201, 4097: 413}
    for size, status in sizes.items():
        answer = client.post(endpoint, headers=signed(endpoint), content=b"x" * size)
        assert answer.status_code == status


def test_only_subscriptions_that_live_are_served(service: PushService, client: httpx.Client):
    with online(service) as browser:
        mine, other = browser.subscribe(), browser.subscribe("channel-2")
        assert post(client, mine + "0").status_code == 404
        browser.ask("unregister", channelID="channel-1", code=Ending.PERMISSION)
        assert service.wait_for_end(mine) is Ending.PERMISSION
    service.gone(other)
    assert [post(client, each).status_code for each in (mine, other)] == [410, 410]


def test_a_test_may_force_answers(service: PushService, client: httpx.Client):
    with online(service) as browser:
        endpoint = browser.subscribe()
    service.fail(endpoint, 429, retry_after=7)
    answer = post(client, endpoint)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    service.mend(endpoint)
    assert post(client, endpoint).status_code == 201


def test_a_browser_that_is_away_gets_the_last_of_a_topic_and_nothing_that_expired(
    service: PushService, client: httpx.Client
):
    with online(service) as browser:
        endpoint, uaid = browser.subscribe(), browser.uaid
    for headers in ({"TTL": "0"}, {"TTL": "1"}, {}, {}, {"Topic": "t"}, {"Topic": "t"}):
        assert post(client, endpoint, **headers).status_code == 201
    service.age(2)
    with online(service, uaid) as browser:
        assert browser.uaid == uaid
        known = [each.id for each in service.accepted(endpoint)]
        assert [browser.hear()["version"] for _ in range(3)] == [*known[2:4], known[5]]
        # It would hear of a message before the answer to this.
        assert browser.ask("unregister", channelID="channel-1")["messageType"] == "unregister"


def test_a_browser_that_is_forgotten_is_another(service: PushService, client: httpx.Client):
    with online(service) as browser:
        endpoint, uaid = browser.subscribe(), browser.uaid
        service.forget_clients()
        assert service.wait_for_end(endpoint) is Ending.BY_SERVICE
    with online(service, uaid) as browser:
        assert browser.uaid != uaid


def test_what_does_not_come_is_named():
    with pytest.raises(AssertionError, match=r"After 0\.01 seconds: no sign of life"):
        Watched().once(list[str], "sign of life", patience=0.01)


VALUES = st.one_of(
    st.integers(0, 2**63), st.binary(), st.builds(Fixed64, st.integers(0, 2**64 - 1))
)


@given(st.lists(st.tuples(st.integers(1, 2**20), VALUES)))
def test_what_is_written_is_read(fields: list[tuple[int, protobuf.Value]]):
    read = protobuf.decoded(protobuf.encoded(*fields))
    for number, values in read.items():
        assert values == [
            value.value if isinstance(value, Fixed64) else value
            for name, value in fields
            if name == number
        ]
    assert sum(map(len, read.values())) == len(fields)
