"""Calling the API as applications and end users do."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from inbox_app.domain.environment import Environment


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(*parts: str) -> dict[str, str]:
    """``Basic base64(a:b:c)``."""
    return {"Authorization": f"Basic {base64.b64encode(':'.join(parts).encode()).decode()}"}


def as_user(environment: Environment, user_id: str = "ada") -> dict[str, str]:
    return basic(environment.client_id, user_id)


def latin(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers that hold more than ASCII, as they travel."""
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def a_send(user_id: str = "ada", title: str = "Hello", **fields: Any) -> dict[str, Any]:
    """A body of POST /send."""
    return {"type": "greeting", "to": {"id": user_id}, "inapp": {"title": title}, **fields}


def assert_refused(answer: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
    """Checks the shape of an error; its ``error`` part."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told.keys() == {"trackingId", "error"}
    assert isinstance(told["trackingId"], str)
    error: dict[str, Any] = told["error"]
    assert error.keys() <= {"code", "message", "fix"}
    assert all(isinstance(text, str) and text for text in error.values())
    assert "Traceback" not in answer.text
    assert code in ("", error["code"])
    return error


def ok(answer: httpx.Response) -> Any:
    """The body of an answer that must be 200."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()
