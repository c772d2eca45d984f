"""Files that go with a message: given, or fetched through the guard."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.mail.attachments import MOST_BYTES, Attachment, attachments, safe_name
from inbox_app.channels.spec import Tools
from inbox_app.domain.errors import ProviderError, Transient, UnsupportedContent
from inbox_app.lib.http import Http
from tests.standins.http import Action, Do, HttpStandIn, Respond


async def fetched(tools: Tools, *given: Mapping[str, Any]) -> list[Attachment]:
    return await attachments(given, "smtp", tools.http, 0.5)


async def test_a_file_can_be_given(tools: Tools):
    content = base64.b64encode(b"a,b").decode()
    assert await fetched(tools, {"filename": "a.csv", "content": content}) == [
        Attachment("a.csv", "text/csv", b"a,b")
    ]


@pytest.mark.parametrize("content", ["%%%", "é", None, 5, "YQ"])
async def test_what_is_not_base64_is_refused(content: object, tools: Tools):
    with pytest.raises(UnsupportedContent):
        await fetched(tools, {"filename": "a.csv", "content": content})


async def test_a_file_can_be_fetched(http_server: HttpStandIn, tools: Tools):
    http_server.script(Respond(headers={"Content-Type": "image/png; x=y"}, body=b"\x89PNG"))
    [one] = await fetched(tools, {"filename": "a.bin", "url": http_server.url("/a")})
    assert (one.content_type, one.content) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd"]
)
async def test_a_private_address_is_refused(url: str, tools: Tools):
    with pytest.raises(UnsupportedContent) as caught:
        await fetched(tools, {"filename": "x", "url": url})
    assert caught.value.status == "blocked"


async def test_this_machine_is_private_too(http_server: HttpStandIn):
    strict = Http()
    with pytest.raises(UnsupportedContent):
        await attachments([{"filename": "x", "url": http_server.url()}], "smtp", strict, 1)
    await strict.close()
    assert http_server.connections == 0


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Respond(404), UnsupportedContent),
        (Respond(302, {"Location": "/"}), UnsupportedContent),
        (Respond(503), Transient),
        (Do.STALL, Transient),
        (Do.CUT_AFTER_READING, Transient),
        (Respond(body=b"half" * 9, then=Do.CUT_AFTER_READING), Transient),
    ],
)
async def test_what_cannot_be_fetched_says_whether_it_is_for_good(
    action: Action, kind: type[ProviderError], http_server: HttpStandIn, tools: Tools
):
    http_server.usual = action
    with pytest.raises(ProviderError) as caught:
        await fetched(tools, {"filename": "x", "url": http_server.url("/?token=s3cret")})
    assert type(caught.value) is kind
    assert "s3cret" not in str(caught.value)


async def test_all_files_together_have_a_limit(http_server: HttpStandIn, tools: Tools):
    http_server.usual = Respond(body=b"x" * (MOST_BYTES // 2 + 1))
    one = {"filename": "x", "url": http_server.url()}
    assert len(await fetched(tools, one)) == 1
    with pytest.raises(UnsupportedContent):
        await fetched(tools, one, one)
    content = base64.b64encode(b"x" * (MOST_BYTES + 1)).decode()
    with pytest.raises(UnsupportedContent):
        await fetched(tools, {"filename": "x", "content": content})


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        (r"C:\temp\a.txt", "a.txt"),
        ('a"; filename="b.exe', "a__ filename=_b.exe"),
        ("a\r\nX: y.txt", "a X_ y.txt"),
        ("", "attachment"),
        ("..", "attachment"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str):
    assert safe_name(name) == safe


@given(st.text())
def test_every_name_becomes_safe(name: str):
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert safe.isprintable()
    assert not set(safe) & set('/\\<>:"|?*;')
