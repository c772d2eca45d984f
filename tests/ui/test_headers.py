"""Security and caching headers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from inbox_app.ui.headers import SecurityHeaders, content_security_policy, script_hashes

# echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
ALERT = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that says what it was asked to, and sets a header of its own on /own."""
    own = {"Cache-Control": "max-age=5"} if scope["path"] == "/own" else None
    status = 404 if scope["path"].endswith("missing.js") else 200
    await PlainTextResponse("", status, own)(scope, receive, send)


async def get(site: Path, path: str, *, https: bool = False) -> httpx.Headers:
    app = SecurityHeaders(answer, site=site, https=https)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as client:
        return (await client.get(path)).headers


def test_inline_scripts_are_hashed_as_the_browser_does():
    assert script_hashes("<script>alert(1)</script>") == {ALERT}


@pytest.mark.parametrize(
    "html",
    [
        '<script src="/assets/root.js"></script>',
        "<p>alert(1)</p>",
        "<!-- <script>alert(1)</script> -->",
        "<script></script>",
    ],
)
def test_nothing_else_is_hashed(html: str):
    assert script_hashes(html) == set()


def test_a_script_is_hashed_byte_for_byte():
    script = "\n let a = '&amp;<b>é';\n"
    assert script_hashes(f"<script>{script}</script>") != script_hashes(
        f"<script>{script.strip()}</script>"
    )
    assert len(script_hashes(f"<script>{script}</script>")) == 1


def test_the_policy_never_allows_eval_or_any_inline_script():
    rules = dict(rule.split(" ", 1) for rule in content_security_policy({ALERT}).split("; "))
    assert rules["script-src"] == f"'self' {ALERT}"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["object-src"] == "'none'"


async def test_pages_of_the_site_decide_which_scripts_run(tmp_path: Path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "index.html").write_text("<script>alert(1)</script>", "utf-8")
    headers = await get(tmp_path, "/inbox/")
    assert ALERT in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/inbox/", "no-cache"),
        ("/sw.js", "no-cache"),
        ("/assets/root-abc.js", "public, max-age=31536000, immutable"),
        ("/assets/missing.js", "no-store"),
        ("/api/notifications", "no-store"),
        ("/own", "max-age=5"),
    ],
)
async def test_how_long_answers_may_be_kept(tmp_path: Path, path: str, caching: str):
    assert (await get(tmp_path, path))["cache-control"] == caching


@pytest.mark.parametrize("https", [True, False])
async def test_browsers_are_held_to_https_only_where_it_is_used(tmp_path: Path, https: bool):
    assert ("strict-transport-security" in await get(tmp_path, "/", https=https)) == https
