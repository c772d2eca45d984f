"""The vendor's current SDK against a real server process, unmodified."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from pingram import Pingram
from pingram.exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from pingram.models.post_user_request import PostUserRequest
from pingram.models.sender_post_body import SenderPostBody
from pingram.models.user import User

from tests.api.calls import basic, bearer
from tests.servers import ApiProcess

pytestmark = pytest.mark.sdk


def body(user_id: str, title: str = "Hello", **fields: Any) -> SenderPostBody:
    made = SenderPostBody.from_dict(
        {"type": "greeting", "to": {"id": user_id}, "inapp": {"title": title}, **fields}
    )
    assert made is not None
    return made


def known(fields: dict[str, Any]) -> PostUserRequest:
    made = PostUserRequest.from_dict(fields)
    assert made is not None
    return made


async def inbox_of(server: ApiProcess, user_id: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(headers=bearer(server.api_key)) as client:
        answer = await client.get(f"{server.url}/api/user/inapp", params={"userId": user_id})
    return answer.raise_for_status().json()["notifications"]


async def test_what_is_sent_is_in_the_inbox(pingram: Pingram, server: ApiProcess):
    sent = await pingram.send(
        body(
            "sender", "Hi {{name}}", parameters={"name": "Ada"}, email={"subject": "s", "html": "h"}
        )
    )
    (item,) = await inbox_of(server, "sender")
    assert (item["id"], item["title"]) == (sent.tracking_id, "Hi Ada")
    assert sent.messages == ["EMAIL: There is no address of yours for E-mail."]


async def test_many_clients_at_once_lose_and_repeat_nothing(server: ApiProcess):
    async def one(number: int) -> list[str]:
        async with Pingram(api_key=server.api_key, base_url=f"{server.url}/api") as client:
            return [(await client.send(body(f"crowd-{number % 4}"))).tracking_id for _ in range(5)]

    sent = [each for group in await asyncio.gather(*map(one, range(20))) for each in group]
    async with httpx.AsyncClient(headers=bearer(server.api_key)) as client:
        found = [
            item["id"]
            for number in range(4)
            for item in (
                await client.get(
                    f"{server.url}/api/user/inapp",
                    params={"userId": f"crowd-{number}", "count": 99},
                )
            ).json()["notifications"]
        ]
    assert sorted(found) == sorted(sent)


async def test_a_user_is_identified_merged_read_and_deleted(pingram: Pingram):
    fields = {
        "email": "ada@acme.example",
        "timezone": "Europe/Berlin",
        "properties": {"plan": "pro"},
    }
    made = await pingram.user.user_identify("identified", known(fields))
    assert (made.id, made.email) == ("identified", "ada@acme.example")
    assert made.last_seen_time
    await pingram.user.user_identify("identified", known({"number": "+1"}))
    found = await pingram.user.user_get_user("identified")
    assert (found.email, found.number, found.timezone) == (
        "ada@acme.example",
        "+1",
        "Europe/Berlin",
    )
    deleted = await pingram.users.users_delete_user("identified")
    assert deleted.message
    assert await pingram.user.user_get_user("identified") == User(id="identified")


@pytest.mark.parametrize("user_id", ["a/b", "é@acme.example", "100%", "a,b;c=d", "a b+c"])
async def test_ids_survive_the_sdks_own_encoding(pingram: Pingram, user_id: str):
    await pingram.user.user_identify(user_id, known({"number": "+1"}))
    assert (await pingram.user.user_get_user(user_id)).number == "+1"
    await pingram.users.users_delete_user(user_id)


async def test_tokens_survive_there_and_back(pingram: Pingram):
    fields = {
        "pushTokens": [{"type": "FCM", "token": "t", "device": {"device_id": "d"}}],
        "webPushTokens": [
            {"sub": {"endpoint": "https://push.example", "keys": {"p256dh": "p", "auth": "a"}}}
        ],
        "slackToken": {"ok": True, "access_token": "xoxb-secret"},
    }
    await pingram.user.user_identify("tokens", known(fields))
    found = await pingram.user.user_get_user("tokens")
    assert found.push_tokens
    assert found.web_push_tokens
    assert found.slack_token
    assert found.push_tokens[0].device.device_id == "d"
    assert found.web_push_tokens[0].sub.keys.auth == "a"
    assert found.slack_token.access_token is None


async def test_users_are_listed_page_by_page(pingram: Pingram):
    names = [f"listed {number}" for number in range(5)]
    for name in names:
        await pingram.user.user_identify(name, PostUserRequest())
    found: list[str] = []
    token = ""
    while True:
        page = await pingram.users.users_list_users(limit=2, next_token=token)
        found += [user.id for user in page.users]
        if not page.has_more:
            break
        assert page.last_evaluated_key
        token = page.last_evaluated_key
    assert [each for each in found if each.startswith("listed")] == names
    assert len(found) == len(set(found))


async def test_account_metadata_is_read(pingram: Pingram):
    found = (await pingram.user.user_get_account_metadata()).user_account_metadata
    assert not found.has_web_push_enabled
    assert (found.logo, found.environment_vapid_public_key) == ("", "")


async def test_a_base_url_with_a_slash_at_its_end_works(server: ApiProcess):
    async with Pingram(api_key=server.api_key, base_url=f"{server.url}/api/") as client:
        assert (await client.send(body("slash"))).tracking_id


# Errors


async def test_a_bad_request_says_what_is_wrong(pingram: Pingram):
    with pytest.raises(BadRequestException) as refused:
        await pingram.send(SenderPostBody(type="greeting"))
    assert "to: Field required" in str(refused.value)
    assert refused.value.data
    assert refused.value.data.error.code == "INVALID_INPUT"


async def test_a_wrong_key_says_so(server: ApiProcess):
    async with Pingram(api_key="pingram_sk_wrong", base_url=f"{server.url}/api") as client:
        with pytest.raises(UnauthorizedException, match="The API key is not valid"):
            await client.send(body("ada"))


async def test_an_unknown_user_to_delete_says_so(pingram: Pingram):
    with pytest.raises(NotFoundException, match="There is no user 'nobody'"):
        await pingram.users.users_delete_user("nobody")


async def test_an_end_user_may_not_list_users(pingram: Pingram, server: ApiProcess):
    login = basic(server.client_id, "ada")["Authorization"]
    auth = {"type": "basic", "in": "header", "key": "Authorization", "value": login}
    with pytest.raises(ForbiddenException, match="needs an API key"):
        await pingram.users.users_list_users(limit=1, next_token="", _request_auth=auth)
