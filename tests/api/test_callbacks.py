"""``/callbacks/{provider}/{integration}``, before and after it is known who calls."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from inbox_app.api.requests import MAX_BODY
from tests.api.calls import ok
from tests.standins.twilio import FORM, HEADER, signed

TOKEN = "t0ken"
TWILIO = {"account_sid": f"AC{17:032x}", "auth_token": TOKEN, "from_number": "+15005550006"}
PUBLIC = "http://localhost:8000"


async def added(application: httpx.AsyncClient, provider: str, settings: dict[str, Any]) -> str:
    """Where the provider of a new integration reports."""
    body = {"channel": "SMS", "provider": provider, "settings": settings}
    answer = ok(await application.post("/api/integrations", json=body))
    return f"/callbacks/{provider}/{answer['id']}"


@pytest.fixture
async def twilio(application: httpx.AsyncClient) -> str:
    return await added(application, "twilio", TWILIO)


def refused(answer: httpx.Response, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert TOKEN not in answer.text
    return error["message"]


async def test_an_integration_nobody_made_is_not_there(application: httpx.AsyncClient):
    for key in ("1", "0", "-1", "x", "1.0", "\u0663", "9" * 19, "9" * 5_000):
        refused(await application.post(f"/callbacks/twilio/{key}"), 404, "NOT_FOUND")
    refused(await application.post("/callbacks/pigeon/1"), 404, "NOT_FOUND")
    for path in ("/callbacks/twilio", "/callbacks/twilio/", "/callbacks/twilio/1/2"):
        assert (await application.post(path)).status_code == 404


async def test_an_integration_is_called_by_its_own_provider(
    twilio: str, application: httpx.AsyncClient
):
    other = twilio.replace("twilio", "http_sms")
    assert "no such integration" in refused(await application.post(other), 404, "NOT_FOUND")


async def test_a_provider_that_reports_nothing_is_told_so(application: httpx.AsyncClient):
    path = await added(application, "http_sms", {"url": "https://sms.example/"})
    assert "reports nothing" in refused(await application.post(path), 404, "NOT_FOUND")


async def test_a_body_that_is_too_large_is_not_read(twilio: str, application: httpx.AsyncClient):
    async def chunks():
        for _ in range(6):
            yield b"x" * (MAX_BODY // 5)

    for content in (b"x" * (MAX_BODY + 1), chunks()):
        refused(await application.post(twilio, content=content), 413, "TOO_LARGE")


async def test_nobody_speaks_for_a_provider(twilio: str, application: httpx.AsyncClient):
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    # The key of an application, which the client sends along, proves nothing here.
    for headers in ({}, {HEADER: "x"}, {HEADER: signed(PUBLIC + twilio, fields, "other")}):
        answer = await application.post(twilio, data=fields, headers=headers)
        refused(answer, 401, "UNAUTHORIZED")
    refused(await application.get(twilio, params=fields), 401, "UNAUTHORIZED")
    assert (await application.put(twilio, data=fields)).status_code == 405


async def test_what_is_proven_and_makes_no_sense_is_refused(
    twilio: str, application: httpx.AsyncClient
):
    headers = {HEADER: signed(PUBLIC + twilio, {}, TOKEN), "Content-Type": FORM}
    answer = await application.post(twilio, content=b"", headers=headers)
    refused(answer, 400, "INVALID_INPUT")


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_proven_report_is_answered_as_the_provider_wants(
    method: str, twilio: str, application: httpx.AsyncClient
):
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    query = "?delivery=17" if method == "POST" else f"?{httpx.QueryParams(fields)}"
    form = fields if method == "POST" else {}
    headers = {HEADER: signed(PUBLIC + twilio + query, form, TOKEN)}
    answer = await application.request(method, twilio + query, data=form, headers=headers)
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
