"""Templates over HTTP: every channel's shape, as the vendor's SDK must find it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from tests.api.calls import assert_refused, ok
from tests.databases import BOTH as DATABASES

CONTENT: dict[Channel, dict[str, Any]] = {
    Channel.EMAIL: {"subject": "Hi {{name}}", "html": "<p>Hi</p>"},
    Channel.INAPP_WEB: {"title": "Hi {{name}}", "redirectURL": "/hi"},
    Channel.SMS: {"text": "Hi"},
    Channel.CALL: {"text": "Hi"},
    Channel.PUSH: {"title": "Hi", "message": "There"},
    Channel.WEB_PUSH: {"title": "Hi", "message": "There", "icon": "/i.png"},
    Channel.SLACK: {"text": "Hi", "blocks": [{"type": "divider"}], "username": "hub"},
}
FORM = {"title": "Hi {{name}}", "redirectURL": "/hi", "imageURL": ""}
FULL: dict[Channel, dict[str, Any]] = {
    **CONTENT,
    Channel.EMAIL: {
        **CONTENT[Channel.EMAIL],
        **dict.fromkeys(("previewText", "internal", "senderName", "senderEmail"), ""),
    },
    Channel.INAPP_WEB: {**FORM, "instant": FORM, "batch": dict.fromkeys(FORM, "")},
}
MODES = ("instant", "hourly", "daily", "weekly", "monthly")


@pytest.fixture(params=DATABASES)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def application(application: httpx.AsyncClient) -> httpx.AsyncClient:
    """Calls with the API key; there is a type ``a/b``."""
    body: dict[str, Any] = {"notificationId": "a/b", "title": "A", "channels": []}
    ok(await application.post("/api/types", json=body))
    return application


def at(channel: Channel | str, *rest: str) -> str:
    return "/".join(["/api/notifications/a%2Fb", channel, "templates", *rest])


def head(environment: Environment, channel: Channel, *default: str) -> dict[str, Any]:
    return {
        "envId": environment.client_id,
        "notificationId": "a/b",
        "templateId": "first",
        "channel": channel,
        "default": bool(default),
        "isDefaultFor": {mode: mode in default for mode in MODES},
    }


@pytest.mark.parametrize("channel", Channel)
async def test_a_template_is_answered_in_its_channels_shape(
    application: httpx.AsyncClient, environment: Environment, channel: Channel
):
    asked = {"templateId": "first", **CONTENT[channel]}
    made = ok(await application.post(at(channel), json=asked))
    assert made == head(environment, channel, "instant")
    full = {**made, **FULL[channel]}
    assert ok(await application.get(at(channel))) == [full]
    assert ok(await application.get(at(channel, "first"))) == full
    # What is answered can be sent back.
    assert ok(await application.patch(at(channel, "first"), json=full)) == made
    assert ok(await application.get(at(channel, "first"))) == full
    deleted = await application.delete(at(channel, "first"))
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_refused(await application.get(at(channel, "first")), 404)
    assert ok(await application.get(at(channel))) == []


async def test_a_type_names_its_templates(application: httpx.AsyncClient):
    for name in ("one", "two"):
        ok(await application.post(at("SMS"), json={"templateId": name, "text": "Hi"}))
    ok(await application.post(at("CALL"), json={"templateId": "one", "text": "Hi"}))
    (found,) = ok(await application.get("/api/types/a%2Fb"))
    assert found["templates"] == [
        {"channel": "CALL", "templateIds": ["one"]},
        {"channel": "SMS", "templateIds": ["one", "two"]},
    ]


async def test_a_default_is_chosen_and_a_migration_changes_nothing(
    application: httpx.AsyncClient, environment: Environment
):
    ok(await application.post(at("SMS"), json={"templateId": "first", "text": "Hi"}))
    wanted = {"templateId": "first", "modes": ["daily", "weekly"]}
    chosen = ok(await application.patch(at("SMS", "default-selection"), json=wanted))
    assert chosen == head(environment, Channel.SMS, "instant", "daily", "weekly")
    for _ in range(2):
        assert ok(await application.post(at("SMS", "first", "migrate"))) == chosen


async def test_fields_of_other_channels_are_dropped(application: httpx.AsyncClient):
    every: dict[str, Any] = {}
    for content in CONTENT.values():
        every |= content
    ok(await application.post(at("SMS"), json={"templateId": "first", "what": 1, **every}))
    found = ok(await application.get(at("SMS", "first")))
    assert found.keys() & every.keys() == {"text"}


async def test_the_inbox_has_a_form_of_its_own_for_several(application: httpx.AsyncClient):
    batch = {"title": "{{count}} more", "redirectURL": "", "imageURL": "", "body": "Look"}
    instant = {"imageURL": "/i.png", "html": "<p>Hi</p>"}
    asked = {"templateId": "first", "title": "Hi", "instant": instant, "batch": batch}
    ok(await application.post(at("INAPP_WEB"), json=asked))
    found = ok(await application.get(at("INAPP_WEB", "first")))
    assert found["instant"] == {"title": "Hi", "redirectURL": "", **instant}
    assert found["batch"] == batch
    assert (found["title"], found["imageURL"]) == ("Hi", "/i.png")


@pytest.mark.parametrize(
    ("channel", "body", "status", "said"),
    [
        ("SMS", {}, 400, "templateId: Field required"),
        ("SMS", {"templateId": "default-selection"}, 400, "meaning of its own"),
        ("SMS", {"templateId": "x", "text": "{{ name"}, 400, "message: Liquid cannot take"),
        ("EMAIL", {"templateId": "x", "subject": 5}, 400, "subject: "),
        ("EMAIL", {"templateId": "x", "subject": "s" * 2_001}, 400, "subject: "),
        ("EMAIL", {"templateId": "x", "html": "a\0b"}, 400, "NUL"),
        ("VOICE", {"templateId": "x"}, 400, "channel: "),
    ],
)
async def test_what_cannot_be_saved_is_named(
    application: httpx.AsyncClient, channel: str, body: dict[str, Any], status: int, said: str
):
    answer = await application.post(at(channel), json=body)
    assert said in assert_refused(answer, status)["message"]


async def test_what_is_not_there_is_not_found(application: httpx.AsyncClient):
    for path in (at("SMS", "none"), "/api/notifications/none/SMS/templates"):
        assert_refused(await application.get(path), 404)
    selection = {"templateId": "none", "modes": ["instant"]}
    assert_refused(await application.patch(at("SMS", "default-selection"), json=selection), 404)
    assert_refused(await application.patch(at("SMS", "none"), json={}), 404)
    assert_refused(await application.delete(at("SMS", "none")), 404)
    assert_refused(await application.post(at("SMS", "none", "migrate")), 404)


async def test_a_template_is_there_once(application: httpx.AsyncClient):
    body = {"templateId": "first", "text": "Hi"}
    ok(await application.post(at("SMS"), json=body))
    assert_refused(await application.post(at("SMS"), json=body), 409)


async def test_an_empty_mode_list_is_refused(application: httpx.AsyncClient):
    body: dict[str, Any] = {"templateId": "first", "modes": []}
    assert_refused(await application.patch(at("SMS", "default-selection"), json=body), 400)
