"""Bad input: the right status, one shape, nothing stored, nothing leaked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.applications import Starlette

from inbox_app.api.app import build
from inbox_app.api.errors import STATUS, status_of
from inbox_app.api.requests import MAX_BODY
from inbox_app.domain import errors
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.storage.engine import Database
from tests.api.calls import a_send, as_user, assert_refused, bearer, latin, ok
from tests.databases import BOTH

TABLES = ("users", "notification_types", "notifications", "inbox_items", "replies", "decisions")
SECRET = "s3cr3t-value"


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    """What one database swallows the other may choke on."""
    return request.param


async def stored(rt: Runtime) -> list[int]:
    async with rt.database.read() as tx:
        rows = [await tx.scalar(text(f"SELECT COUNT(*) FROM {table}")) for table in TABLES]
    return [count or 0 for count in rows]


def with_field(path: str, value: Any) -> dict[str, Any]:
    """A send of which one field is changed; ``a.b`` is the field b of a."""
    body = a_send()
    *parents, last = path.split(".")
    inner = body
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = value
    return body


Call = tuple[str, str, bytes]
"""Method, path and body."""

BODY_READERS = [
    ("POST", "/api/send"),
    ("POST", "/api/users/ada"),
    ("PATCH", "/api/user/inapp?userId=ada"),
]

NOT_JSON = [
    b"",
    b"hello",
    b'{"type": "x", "to": {"id": ',
    b"[]",
    b"17",
    b"null",
    b'"type"',
    b'{"type": "\xff", "to": {"id": "ada"}}',
    b'{"x": "\xff", "type": "x", "to": {"id": "ada"}}',
    '{"type": "x", "to": {"id": "ada"}}'.encode("utf-16"),
    b'\xef\xbb\xbf{"type": "x", "to": {"id": "ada"}}',
    b'{"type": "\\ud800", "to": {"id": "ada"}}',
    b'{"type": "a\0b", "to": {"id": "ada"}}',
    b'{"x": ' + b"[" * 100_000,
    b'{"x": ' + b'{"y": ' * 50_000,
    b"{'type': 'x'}",
    b'{"type": "x", "to": {"id": "ada"},}',
    b'{"type": "x", "to": {"id": "ada"}} {}',
    b"type=x&to=ada",
]

WRONG_FIELDS: dict[str, list[Any]] = {
    "type": [None, 17, "", [], {}, "x" * 257, "a\0b", True],
    "to": [None, "ada", [], {}, 17],
    "to.id": [None, 17, "", "x" * 257, "a\0b", [], {}, True, 1.5],
    "to.email": [17, "x" * 321, []],
    "to.timezone": ["Mars/Phobos", "", "../../etc/passwd", "a\0b", 17],
    "to.pushTokens": ["x", [{}], [{"type": "SMS", "token": "t"}], [None]],
    "to.webPushTokens": [{}, [{"sub": {"endpoint": "x"}}]],
    "to.slackToken": ["x", {}, {"ok": "yes"}],
    "to.properties": [
        *("x", {"a": []}, {"a": None}, {"a": "x" * 321}, {"x" * 321: 1}),
        {str(n): n for n in range(101)},
    ],
    "inapp": ["x", [], {}, 17],
    "inapp.title": [None, 17, "", " ", "x" * 1_001, "a\0b", []],
    "inapp.url": [17, "javascript:alert(1)", "//x", "/" * 2_049, "x"],
    "inapp.image": [[], "data:image/png;base64,AA", "https://"],
    "inapp.body": [17, "x" * 50_001, "{{a}}" * 9_000 + "x" * 6_000],
    "inapp.actions": [
        *("x", [{}], [{"label": ""}], [{"label": "x"}] * 3),
        [{"label": "x", "url": "javascript:alert(1)"}],
    ],
    "inapp.replies": ["perhaps"],
    "parameters": [
        *(None, "x", [], {str(n): n for n in range(501)}),
        *({"a": "b\0c"}, {"b\0c": {"deep": ["\0"]}}),
    ],
    "parameters.inapp": [{"actions": "x"}, {"body": 17}],
    "replace": [None, [], {"a": 1}, "x"],
    "forceChannels": ["EMAIL", ["FAX"], [None], {}],
    "schedule": ["tomorrow", 17],
    "templateId": [17, ""],
    "subNotificationId": [17, "", "x" * 257],
    "email": [{}, {"subject": "x"}, {"subject": 1, "html": "x"}],
    "slack": [{}, "x"],
    "options": ["x", []],
    "options.email": ["x", [], 17],
    "options.email.attachments": [
        *("x", {}, ["x"], [None], [{}], [{"filename": "a.txt"}], [{"url": "https://a.example"}]),
        *([{"filename": "", "content": ""}], [{"filename": 17, "content": ""}]),
        [{"filename": "a.txt", "content": 17}],
    ],
    "options.email.ccAddresses": ["ada@acme.example", [17], {}],
    "options.email.bccAddresses": [[None]],
    "options.email.replyToAddresses": ["x"],
    "options.email.fromAddress": [17, []],
    "options.email.openTracking": ["yes", 1],
    **{f"options.{name}": ["x", []] for name in ("apn", "fcm", "push", "sms")},
}

IMPOSSIBLE_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "-1e999", "1" * 400 + ".5"]


# Many cases to a test: what takes long is a new database for each.


async def assert_all_refused(client: httpx.AsyncClient, rt: Runtime, calls: Iterable[Call]) -> None:
    """Checks that each call is answered with 400 in the one shape, and that nothing was kept."""
    accepted: list[str] = []
    for method, path, content in calls:
        answer = await client.request(method, path, content=content)
        if answer.status_code != 400:
            accepted.append(f"{answer.status_code} {path} {content[:80]!r} {answer.text[:80]}")
            continue
        assert_refused(answer, 400, "INVALID_INPUT")
        assert len(answer.content) < 2_000
    assert accepted == []
    assert await stored(rt) == [0] * len(TABLES)


async def test_what_is_not_json_is_refused(application: httpx.AsyncClient, runtime: Runtime):
    await assert_all_refused(
        application,
        runtime,
        [
            (method, path, body)
            for method, path in BODY_READERS
            for body in NOT_JSON
            if body or "users" not in path
        ],
    )


async def test_a_field_of_the_wrong_kind_is_refused(
    application: httpx.AsyncClient, runtime: Runtime
):
    bodies = [
        json.dumps(with_field(path, value)).encode()
        for path, values in WRONG_FIELDS.items()
        for value in values
    ]
    await assert_all_refused(application, runtime, [("POST", "/api/send", b) for b in bodies])


async def test_a_number_no_json_holds_is_refused(application: httpx.AsyncClient, runtime: Runtime):
    bodies = [
        body.replace("NUMBER", number).encode()
        for number in IMPOSSIBLE_NUMBERS
        for body in (
            '{"type": "x", "to": {"id": "ada"}, "parameters": {"a": [NUMBER]}}',
            '{"type": "x", "to": {"id": "ada", "properties": {"a": NUMBER}}}',
            '{"type": "x", "to": {"id": "ada"}, "options": {"apn": {"badge": NUMBER}}}',
        )
    ]
    await assert_all_refused(application, runtime, [("POST", "/api/send", b) for b in bodies])


async def test_what_is_only_unusual_is_kept_as_it_is(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    unusual: list[Any] = [
        2**63,
        -(2**70),
        10**300,
        10**4_000,
        0.1,
        "\U0001f600",
        "\u2028",
        None,
        {},
    ]
    for value in unusual:
        body = a_send(parameters={"a": value, "deep": [[[[[value]]]]]})
        sent = ok(await application.post("/api/send", json=body))
        items = ok(await ada.get("/api/user/inapp"))["notifications"]
        (item,) = [each for each in items if each["id"] == sent["trackingId"]]
        assert item["parameters"] == body["parameters"]


async def test_what_lies_deep_is_kept_or_refused(
    client: httpx.AsyncClient, environment: Environment, api_key: str
):
    for depth in (50, 100, 150, 180, 190, 199, 200, 250):
        raw = json.dumps(a_send(parameters={"a": 0})).replace("0}", "[" * depth + "]" * depth + "}")
        answer = await client.post("/api/send", content=raw, headers=bearer(api_key))
        assert answer.status_code in {200, 400}, answer.text
    ok(await client.get("/api/user/inapp", headers=as_user(environment)))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "title", "type", "a"]), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ["type", "to", "inapp", "parameters", "email", "slack", "replace", "options", "user"]


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=5))
async def test_no_body_breaks_the_server(
    client: httpx.AsyncClient, environment: Environment, api_key: str, body: dict[str, Any]
):
    raw = json.dumps(body)
    answer = await client.post("/api/send", content=raw, headers=bearer(api_key))
    if answer.status_code != 200:
        assert_refused(answer, 400, "INVALID_INPUT")
        return
    user_id = (body.get("to") or body["user"])["id"]
    ok(await client.get("/api/user/inapp", headers=as_user(environment, user_id)))


# Size


async def test_a_body_that_says_it_is_large_is_refused_before_it_is_read(
    client: httpx.AsyncClient, api_key: str
):
    async def never() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    headers = bearer(api_key) | {"Content-Length": str(10_000_000)}
    answer = await client.post("/api/send", content=never(), headers=headers)
    assert_refused(answer, 413, "TOO_LARGE")


@pytest.mark.parametrize(("method", "path"), BODY_READERS)
async def test_a_large_body_in_chunks_is_refused_as_soon_as_it_is_too_large(
    application: httpx.AsyncClient, runtime: Runtime, method: str, path: str
):
    given = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 10_000_000:
            given += 65_536
            yield b"x" * 65_536

    answer = await application.request(method, path, content=chunks())
    assert_refused(answer, 413, "TOO_LARGE")
    assert given <= MAX_BODY + 2 * 65_536
    assert await stored(runtime) == [0] * len(TABLES)


async def test_a_length_that_is_no_number_does_not_matter(client: httpx.AsyncClient, api_key: str):
    for length in ("x", "-1", "1e9", "\u00b2"):
        headers = latin(bearer(api_key) | {"Content-Length": length})
        content = json.dumps(a_send()).encode()
        ok(await client.request("POST", "/api/send", content=content, headers=headers))


async def test_a_body_of_almost_the_limit_is_read(client: httpx.AsyncClient, api_key: str):
    body = a_send(email={"subject": "x", "html": "x" * 2_000_000}, x="y" * 3_000_000)
    ok(await client.post("/api/send", json=body, headers=bearer(api_key)))


# Bodies that are not expected


async def test_a_get_may_say_it_has_json_and_have_no_body(
    client: httpx.AsyncClient, environment: Environment, api_key: str
):
    for content in (b"", b"nonsense"):
        for path in ("users", "users/ada", "users/account-metadata", "user/inapp?userId=ada"):
            headers = bearer(api_key) | {"Content-Type": "application/json"}
            ok(await client.request("GET", f"/api/{path}", content=content, headers=headers))
    headers = bearer(api_key) | {"Content-Type": "application/json"}
    assert_refused(await client.delete("/api/users/ada", headers=headers), 404)


async def test_the_content_type_of_a_body_does_not_matter(application: httpx.AsyncClient):
    content = json.dumps(a_send()).encode()
    for content_type in ("text/plain", "application/xml", "", "\xff", "a/b; c"):
        headers = latin({"Content-Type": content_type})
        ok(await application.post("/api/send", content=content, headers=headers))


# Paths


async def test_a_path_that_does_not_exist_is_told_in_the_same_shape(
    application: httpx.AsyncClient,
):
    for path in ("/api/nothing", "/api/", "/api/users/a/b", "/api/send/x"):
        assert_refused(await application.get(path), 404, "NOT_FOUND")


async def test_a_method_that_does_not_exist_is_told_with_those_that_do(
    application: httpx.AsyncClient,
):
    for method, path in (
        ("PUT", "/api/send"),
        ("GET", "/api/send"),
        ("DELETE", "/api/user/inapp"),
        ("PATCH", "/api/users/ada"),
    ):
        answer = await application.request(method, path)
        assert_refused(answer, 405)
        assert answer.headers["allow"]


async def test_no_path_breaks_the_server(application: httpx.AsyncClient):
    for path in (
        *("users/%00", "users/a%00b", "users?nextToken=%00", "user/inapp?userId=%00"),
        *("users/%FF", "users/%E9", "users/%", "users/%zz", "users?nextToken=%FF%FE"),
        "user/inapp?userId=%FF",
        "user/inapp?userId=ada&before=MTcvAA",
        "user/inapp?userId=" + "x" * 5_000,
        "users?envId=%00",
    ):
        for method in ("GET", "DELETE", "POST", "PATCH"):
            answer = await application.request(method, f"/api/{path}")
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert_refused(answer, answer.status_code)


# What must not be told


async def test_an_error_does_not_repeat_what_was_sent(client: httpx.AsyncClient, api_key: str):
    bodies: list[Any] = [
        {"type": [SECRET], "to": {"id": "ada"}},
        {"type": "x", "to": SECRET},
        {"type": "x", "to": {"id": "ada", "slackToken": {"ok": SECRET}}},
        with_field("inapp.title", {"x": SECRET}),
        with_field("to.timezone", SECRET),
        with_field("forceChannels", [SECRET]),
        SECRET,
    ]
    for body in bodies:
        answer = await client.post("/api/send", json=body, headers=bearer(api_key))
        assert_refused(answer, 400)
        assert SECRET not in answer.text


class Broken:
    """A runtime of which every part is missing."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"the {name} is broken: {SECRET}")


async def test_a_mistake_of_the_server_is_told_without_its_cause(
    caplog: pytest.LogCaptureFixture,
):
    app: Starlette = build(Broken)  # pyright: ignore[reportArgumentType]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as client:
        answer = await client.get("/api/users", headers=bearer("x"))
    error = assert_refused(answer, 500, "INTERNAL")
    assert SECRET not in answer.text
    assert answer.json()["trackingId"] in error["fix"]
    assert answer.json()["trackingId"] in caplog.text
    assert SECRET in caplog.text


def made(kind: type[errors.InboxError]) -> errors.InboxError:
    if issubclass(kind, errors.ProviderError):
        return kind("smtp", "It went wrong.")
    return kind("It went wrong.")


def test_every_error_of_the_domain_has_a_status():
    def tree(kind: type[errors.InboxError]) -> list[type[errors.InboxError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in tree(child))]

    kinds = tree(errors.InboxError)[1:]
    assert len(kinds) >= len(STATUS)
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert 400 <= status_of(made(kind)) < 600


async def test_a_database_out_of_reach_says_to_come_back(runtime: Runtime):
    gone = replace(runtime, database=Database("postgresql+asyncpg://nobody@/none?host=/nowhere"))
    transport = httpx.ASGITransport(build(lambda: gone))
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as client:
        answer = await client.get("/api/users", headers=bearer("x"))
    assert_refused(answer, 503, "UNAVAILABLE")
    assert answer.headers["retry-after"]
    assert "nobody" not in answer.text
