"""Paths as the SDK sends them, and what a body is looked at closely for."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from inbox_app.api.requests import SUSPECT, WholeSegments
from tests.api.calls import a_send, ok


async def routed(raw_path: str) -> str:
    """The path an app behind `WholeSegments` sees."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])

    async def nothing(*_: object) -> None:
        pytest.fail("nobody reads or answers")

    scope = {"type": "http", "path": "as the server decoded it", "raw_path": raw_path.encode()}
    await WholeSegments(app)(scope, nothing, nothing)  # pyright: ignore[reportArgumentType]
    return seen[0]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/api/users/a%2Fb", "/api/users/a%2Fb"),
        ("/api/users/a%252Fb", "/api/users/a%252Fb"),
        ("/api/users/a%20b", "/api/users/a b"),
        ("/api/users/%C3%A9", "/api/users/é"),
        ("/api/users/100%25", "/api/users/100%25"),
        ("/api//send", "/api/send"),
        ("//api///users//ada", "/api/users/ada"),
        ("/api/users//", "/api/users/"),
        ("/api/users/%zz", "/api/users/%25zz"),
    ],
)
async def test_segments_stay_whole_and_double_slashes_count_once(raw: str, path: str):
    assert await routed(raw) == path


async def test_a_plain_path_is_left_as_the_server_decoded_it():
    assert await routed("/api/users/ada?x=%2F") == "as the server decoded it"


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126)))
async def test_no_path_breaks_it(path: str):
    assert await routed(f"/{path}")


async def test_a_base_url_with_a_slash_at_its_end_works(application: httpx.AsyncClient):
    ok(await application.post("/api//send", json=a_send()))
    ok(await application.get("/api//users//ada"))
    ok(await application.get("/api//user/inapp?userId=ada"))


PLAIN = re.compile(rb"\\u0000|NaN|Infinity|\d[eE]\+?\d\d|\d{300}")
PIECES = [rb"\u", b"0000", b"000", b"NaN", b"Na", b"Infinity", b"nfinity", b"1", b"e", b"E+", b"12"]


@given(st.lists(st.sampled_from(PIECES)).map(b"".join))
@example(b"1" * 299)
@example(b"1" * 300)
def test_all_that_may_be_unstorable_is_suspect(body: bytes):
    assert bool(SUSPECT.search(body)) is bool(PLAIN.search(body))
