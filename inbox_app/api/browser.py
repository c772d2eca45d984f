"""What plain routes ask of a request that a person's browser sends."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from starlette.requests import Request

from inbox_app.runtime import Runtime
from inbox_app.services import access


def runtime_of(request: Request) -> Runtime:
    """The process's runtime."""
    return cast("Runtime", request.app.state.runtime())


def session_token(request: Request) -> str:
    """The session's token, or ""."""
    return request.cookies.get(access.SESSION_COOKIE, "")


def is_same_origin(request: Request) -> bool:
    """Whether a page of this server sent the request (Fetch Metadata, else the Origin header)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
