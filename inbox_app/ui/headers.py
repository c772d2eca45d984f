"""Security and caching headers on every answer, as ASGI middleware."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ONE_YEAR: Final = "public, max-age=31536000, immutable"
# Kept, but asked about each time: the answer is an empty 304 unless the file changed.
REVALIDATE: Final = "no-cache"
# Answers of the API hold one person's data; no cache may keep a copy.
PRIVATE: Final = "no-store"

_FIXED_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HSTS: Final = "max-age=63072000"
_HTTP_ERROR: Final = 400
_BUNDLES: Final = "/assets/"


class _InlineScripts(HTMLParser):
    """Collects the text of every script that stands in the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self._open = True
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._open = False


def script_hashes(html: str) -> set[str]:
    """The CSP source of each inline script in a page, as ``'sha256-...'``."""
    parser = _InlineScripts()
    parser.feed(html)
    parser.close()
    return {_hash_source(script) for script in parser.found if script}


def built_script_hashes(site: Path) -> set[str]:
    """The CSP sources of all inline scripts in the built site's pages."""
    pages = site.rglob("*.html")
    return {source for page in pages for source in script_hashes(page.read_text("utf-8"))}


def content_security_policy(scripts: Iterable[str]) -> str:
    """A policy that runs our own files and exactly the inline `scripts` given."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *sorted(scripts)]),
        # Emotion and React set styles from scripts; a style cannot run code.
        "style-src": "'self' 'unsafe-inline'",
        # Senders may put a remote picture into a notification.
        "img-src": "'self' data: https:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def cache_control(path: str, status: int) -> str:
    """How long an answer may be kept.

    Only the bundler writes to `_BUNDLES`, and it puts the content's hash into each name. An
    error there must not be kept: it can be a page asking for a file of the build before.
    """
    if path.startswith(_BUNDLES):
        return ONE_YEAR if status < _HTTP_ERROR else PRIVATE
    return PRIVATE if path.startswith("/api/") else REVALIDATE


class SecurityHeaders:
    """Adds the headers, except where the application has set its own.

    Args:
        app: The application to wrap.
        site: The folder with the built pages; their inline scripts are allowed, no others.
        https: Whether people reach the server over https, so that browsers may insist on it.
    """

    def __init__(self, app: ASGIApp, *, site: Path, https: bool = False) -> None:
        self._app = app
        self._policy = content_security_policy(built_script_hashes(site))
        self._headers = _FIXED_HEADERS | ({"Strict-Transport-Security": _HSTS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _complete(self, headers: MutableHeaders, path: str, status: int) -> None:
        # The policy is long and only means something on a page or a worker, not on a bundle.
        policy = {} if path.startswith(_BUNDLES) else {"Content-Security-Policy": self._policy}
        caching = {"Cache-Control": cache_control(path, status)}
        for name, value in (self._headers | policy | caching).items():
            headers.setdefault(name, value)


def _hash_source(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
