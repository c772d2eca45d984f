"""The vendor's SDK sets up types and templates, and lets suppressed users be reached again."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pingram import Pingram
from pingram.exceptions import BadRequestException, ConflictException, NotFoundException
from pingram.models.notification_create_request import NotificationCreateRequest
from pingram.models.notification_patch_request import NotificationPatchRequest
from pingram.models.post_user_request import PostUserRequest
from pingram.models.sender_post_body import SenderPostBody
from pingram.models.set_default_template_request import SetDefaultTemplateRequest
from pingram.models.template_patch_request import TemplatePatchRequest
from pingram.models.template_post_request import TemplatePostRequest

from tests.api.calls import bearer
from tests.servers import ApiProcess

pytestmark = pytest.mark.sdk

OPTIONS: dict[str, Any] = {
    "EMAIL": {
        "defaultDeliveryOption": "daily",
        "off": {"enabled": True},
        "daily": {"enabled": True, "hour": "8"},
        "weekly": {"enabled": True, "hour": "09:30", "day": "friday"},
        "monthly": {"enabled": True, "hour": "10", "date": "last"},
    },
    "INAPP_WEB": {
        "defaultDeliveryOption": "instant",
        "instant": {"enabled": True, "batching": True, "batchingKey": "order"},
    },
}
TEMPLATES: dict[str, dict[str, Any]] = {
    "EMAIL": {"subject": "Hi", "html": "<p>Hi</p>"},
    "INAPP_WEB": {
        "instant": {"title": "Hi {{name}}", "redirectURL": "/", "imageURL": ""},
        "batch": {"title": "{{count}}", "redirectURL": "/", "imageURL": ""},
    },
    "SMS": {"text": "Hi"},
    "CALL": {"text": "Hi"},
    "PUSH": {"title": "Hi", "message": "There"},
    "WEB_PUSH": {"title": "Hi", "message": "There", "icon": "/i.png", "url": "/"},
    "SLACK": {"text": "Hi", "blocks": [{"type": "divider"}]},
}


async def make_type(pingram: Pingram, name: str, **fields: Any) -> Any:
    asked = NotificationCreateRequest.from_dict(
        {"notificationId": name, "title": "Order", "channels": ["EMAIL", "INAPP_WEB"], **fields}
    )
    assert asked is not None
    return await pingram.types.types_create_notification_type(asked)


async def make_template(pingram: Pingram, name: str, channel: str, **fields: Any) -> Any:
    asked = TemplatePostRequest.from_dict({"templateId": "first", **TEMPLATES[channel], **fields})
    assert asked is not None
    return await pingram.templates.templates_create_template(name, channel, asked)


def content(full: Any) -> dict[str, Any]:
    """What the SDK made of a template: it knows the channel by the fields."""
    return full.actual_instance.to_dict()


async def test_a_type_is_made_listed_read_changed_and_deleted(pingram: Pingram):
    made = await make_type(pingram, "kept/apart", options=OPTIONS)
    assert (made.notification_id, made.enabled) == ("kept/apart", True)
    assert made.options.email.weekly.day == "friday"
    assert made.options.email.monthly.var_date == "last"
    assert made.options.inapp_web.instant.batching_key == "order"
    listed = [each.to_dict() for each in await pingram.types.types_list_notification_types()]
    assert made.to_dict() in listed
    (found,) = await pingram.types.types_get_notification_type("kept/apart")
    assert found.to_dict() == made.to_dict()
    change = NotificationPatchRequest.from_dict(
        {
            "enabled": False,
            "retention": 30,
            "deduplication": {"duration": 60},
            "throttling": {
                "max": 2,
                "period": 1,
                "unit": "days",
                "forever": False,
                "scope": ["userId", "notificationId"],
            },
        }
    )
    assert change is not None
    changed = await pingram.types.types_update_notification_type("kept/apart", change)
    assert (changed.enabled, changed.retention, changed.title) == (False, 30, "Order")
    assert changed.deduplication
    assert changed.deduplication.duration == 60
    assert changed.throttling
    assert changed.throttling.scope == ["userId", "notificationId"]
    assert changed.options == made.options
    lifted = NotificationPatchRequest.from_dict({"throttling": None})
    assert lifted is not None
    left = await pingram.types.types_update_notification_type("kept/apart", lifted)
    assert left.throttling is None
    await pingram.types.types_delete_notification_type("kept/apart")
    with pytest.raises(NotFoundException):
        await pingram.types.types_get_notification_type("kept/apart")
    names = [t.notification_id for t in await pingram.types.types_list_notification_types()]
    assert "kept/apart" not in names


async def test_a_type_is_made_once(pingram: Pingram):
    await make_type(pingram, "once")
    with pytest.raises(ConflictException, match="already"):
        await make_type(pingram, "once")


@pytest.mark.parametrize("channel", TEMPLATES)
async def test_a_template_of_each_channel_is_made_read_and_deleted(pingram: Pingram, channel: str):
    name = f"templates-{channel}"
    await make_type(pingram, name)
    made = await make_template(pingram, name, channel)
    assert (made.template_id, made.channel, made.default) == ("first", channel, True)
    (listed,) = await pingram.templates.templates_list_templates(name, channel)
    found = content(listed)
    # The SDK takes what has a text for an SMS, and what has a title and a message for a push.
    lost = {"SLACK": {"blocks"}, "WEB_PUSH": {"icon", "url"}}.get(channel, set[str]())
    kept = {key: value for key, value in TEMPLATES[channel].items() if key not in lost}
    assert found | kept == found
    one = await pingram.templates.templates_get_template(name, channel, "first")
    assert content(one.actual_instance) == found
    change = TemplatePatchRequest.from_dict(TEMPLATES[channel])
    assert change is not None
    same = await pingram.templates.templates_update_template(name, channel, "first", change)
    assert same == made
    (kind,) = await pingram.types.types_get_notification_type(name)
    assert kind.to_dict()["templates"] == [{"channel": channel, "templateIds": ["first"]}]
    await pingram.templates.templates_delete_template(name, channel, "first")
    with pytest.raises(NotFoundException):
        await pingram.templates.templates_get_template(name, channel, "first")
    assert await pingram.templates.templates_list_templates(name, channel) == []


async def test_a_default_is_chosen(pingram: Pingram):
    await make_type(pingram, "defaults")
    for template in ("first", "second"):
        await make_template(pingram, "defaults", "SMS", templateId=template)
    asked = SetDefaultTemplateRequest.from_dict({"templateId": "second", "modes": ["instant"]})
    assert asked is not None
    chosen = await pingram.templates.templates_set_default_template("defaults", "SMS", asked)
    assert chosen.is_default_for
    assert chosen.is_default_for["instant"]
    first = await pingram.templates.templates_get_template("defaults", "SMS", "first")
    assert content(first.actual_instance)["default"] is False


async def test_a_template_is_migrated(pingram: Pingram, server: ApiProcess):
    """The current SDK has no such call any more; this is what older ones send."""
    await make_type(pingram, "migrated")
    await make_template(pingram, "migrated", "SMS")
    path = "notifications/migrated/SMS/templates/first/migrate"
    async with httpx.AsyncClient(headers=bearer(server.api_key)) as client:
        answer = await client.post(
            f"{server.url}/api/{path}", headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 200
    assert answer.json()["templateId"] == "first"


async def test_wrong_liquid_is_refused(pingram: Pingram):
    await make_type(pingram, "liquid")
    with pytest.raises(BadRequestException, match="subject: Liquid cannot take"):
        await make_template(pingram, "liquid", "EMAIL", subject="{{ name")


async def test_a_send_by_its_template_is_in_the_inbox(pingram: Pingram, server: ApiProcess):
    await make_type(pingram, "rendered")
    await make_template(pingram, "rendered", "INAPP_WEB")
    body = SenderPostBody.from_dict(
        {
            "type": "rendered",
            "to": {"id": "reader"},
            "templateId": "first",
            "forceChannels": ["INAPP_WEB"],
            "parameters": {"name": "Ada"},
        }
    )
    assert body is not None
    await pingram.send(body)
    async with httpx.AsyncClient(headers=bearer(server.api_key)) as client:
        answer = await client.get(f"{server.url}/api/user/inapp", params={"userId": "reader"})
    assert [item["title"] for item in answer.json()["notifications"]] == ["Hi Ada"]


async def test_a_suppression_is_lifted(pingram: Pingram):
    known = PostUserRequest.from_dict({"email": "ada@acme.example"})
    assert known is not None
    await pingram.user.user_identify("suppressed", known)
    lifted = await pingram.users.users_remove_user_from_suppression("suppressed", "EMAIL")
    assert lifted.user.id == "suppressed"
    assert lifted.user.email == "ada@acme.example"
