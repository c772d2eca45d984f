"""Paths as the SDK sends them."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from inbox_app.api.requests import WholeSegments
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
