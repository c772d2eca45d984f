"""Tokens that end are renewed in time, by one worker alone, and nothing is lost by that."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inbox_app.bootstrap import open_runtime
from inbox_app.channels import registry
from inbox_app.channels.spec import Resources, Tools
from inbox_app.config import Settings
from inbox_app.domain.address import Address
from inbox_app.domain.delivery import Attempt, Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import ProviderError, RateLimited
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.lib.http import Http
from inbox_app.pipeline import renewing
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing, users
from inbox_app.storage import addresses, outbox
from inbox_app.storage import users as people
from tests.channels.parcels import CANARY, make_parcel
from tests.clock import SetClock
from tests.factories import make_user, send
from tests.standins.certificate import Authority
from tests.standins.http import Do, Respond
from tests.standins.names import Names
from tests.standins.slack import SlackStandIn

PLACE = (Channel.SLACK, "C0ADA")
SETTINGS = {"client_id": "1.2", "client_secret": CANARY}


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def slack(authority: Authority) -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(tls=authority.server("slack.com")) as server:
        yield server


@pytest.fixture
async def tools(slack: SlackStandIn, authority: Authority, clock: SetClock) -> AsyncIterator[Tools]:
    names, trusted = Names({"slack.com": slack.port}), authority.trusted()
    http = Http(allow=["127.0.0.1"], resolver=names, tls=trusted)
    made = Tools(http, clock.now, resources=Resources())
    yield made
    await made.close()


@pytest.fixture
async def worker(runtime: Runtime, tools: Tools) -> Runtime:
    """One process that delivers."""
    return replace(runtime, tools=tools)


@pytest.fixture
async def other(settings: Settings, clock: SetClock, tools: Tools) -> AsyncIterator[Runtime]:
    """Another process on the same database."""
    async with open_runtime(settings, clock) as rt:
        yield replace(rt, tools=tools)


@pytest.fixture
async def integrated(runtime: Runtime, environment: Environment) -> Environment:
    """An environment whose app people connect to Slack."""
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SLACK, "slack", "Slack"), {**SETTINGS}
    )
    async with runtime.database.write() as tx:
        await outbox.put_integration(tx, made, runtime.sealer, runtime.clock.now())
    return environment


def granted(rt: Runtime, hours: float, **changes: Any) -> dict[str, Any]:
    """What a person granted, with a token that ends in so many hours."""
    ends = (rt.clock.now() + timedelta(hours=hours)).timestamp()
    return {
        "ok": True,
        "access_token": "xoxe.xoxb-0",
        "refresh_token": "xoxe-1-0",
        "expires_in": 43200,
        "expires_at": ends,
        "authed_user": {"id": "U0ADA"},
        **changes,
    }


async def connect(rt: Runtime, environment: Environment, slack: SlackStandIn, hours: float) -> None:
    """Ada connects Slack; her token ends in so many hours."""
    told = granted(rt, hours)
    slack.unused.add(told["refresh_token"])
    if hours > 0:
        slack.valid.add(told["access_token"])
    token = rt.sealer.seal(json.dumps(told))
    await make_user(rt, environment, "ada", slack_channel=PLACE[1], slack_token=token)


async def write(rt: Runtime, environment: Environment, text: str = "Hello") -> str:
    return await send(
        *(rt, environment),
        channels_with_content=(Channel.SLACK,),
        in_app=None,
        content={Channel.SLACK: {"text": text}},
    )


async def drain(rt: Runtime) -> None:
    while await delivering.work(rt):
        pass


async def the_chat(rt: Runtime, environment: Environment) -> Address:
    user = await users.find(rt, environment, "ada")
    assert user is not None
    [address] = user.profile.reached(Channel.SLACK)
    return address


async def the_token(rt: Runtime, environment: Environment) -> dict[str, Any]:
    secret = (await the_chat(rt, environment)).secret
    return json.loads(rt.sealer.unseal(secret or ""))


async def last(
    rt: Runtime, environment: Environment, tracking_id: str
) -> tuple[Delivery, list[Attempt]]:
    story = await outgoing.story(rt, environment, tracking_id)
    [delivery] = story.deliveries
    return delivery, [each for each in story.attempts if each.delivery_id == delivery.id]


async def asked(rt: Runtime, environment: Environment) -> str | ProviderError:
    """The token that a worker comes to write with, for what it has read of Ada by now."""
    user = await users.find(rt, environment, "ada")
    assert user is not None
    [address] = user.profile.reached(Channel.SLACK)
    parcel = make_parcel(
        Channel.SLACK, to=address.value, secret=rt.sealer.unseal(address.secret or "")
    )
    now = rt.clock.now()
    delivery = Delivery(
        *(1, environment.id, user.id, 1, "trk_1", Channel.SLACK, address.value),
        *(DeliveryStatus.SENDING, now, now, now),
    )
    provider = registry.providers()["slack"]
    settings = registry.settings_of("slack", SETTINGS)
    try:
        fresh = await renewing.fresh(rt, delivery, parcel, provider, settings)
    except ProviderError as error:
        return error
    return json.loads(fresh.secret)["access_token"]


async def test_a_token_is_left_alone_as_long_as_it_lasts(
    worker: Runtime, integrated: Environment, slack: SlackStandIn
):
    await connect(worker, integrated, slack, 3)
    before = await the_chat(worker, integrated)
    await write(worker, integrated)
    await drain(worker)
    assert [each.token for each in slack.posts] == ["xoxe.xoxb-0"]
    assert slack.refreshed == []
    assert (await the_chat(worker, integrated)).secret == before.secret


async def test_a_token_is_renewed_before_it_ends_and_kept(
    worker: Runtime, integrated: Environment, slack: SlackStandIn, clock: SetClock
):
    await connect(worker, integrated, slack, 1)
    for text in ("one", "two"):
        await write(worker, integrated, text)
        await drain(worker)
    assert [(each.token, each.channel, each.text) for each in slack.posts] == [
        ("xoxe.xoxb-1", "C0ADA", "one"),
        ("xoxe.xoxb-1", "C0ADA", "two"),
    ]
    assert slack.refreshed == ["xoxe-1-0"]
    ends = clock.now().timestamp() + 43200
    new = {"access_token": "xoxe.xoxb-1", "refresh_token": "xoxe-1-1", "token_type": "bot"}
    assert await the_token(worker, integrated) == granted(worker, 1, expires_at=int(ends), **new)
    # And again, with the refresh token that came with it.
    clock.advance(hours=11)
    await write(worker, integrated, "three")
    await drain(worker)
    assert slack.posts[-1].token == "xoxe.xoxb-2"
    assert slack.refreshed == ["xoxe-1-0", "xoxe-1-1"]


@pytest.mark.parametrize("hours", [1, -1])
async def test_of_many_who_find_it_due_at_once_one_renews(
    hours: int,
    worker: Runtime,
    other: Runtime,
    integrated: Environment,
    slack: SlackStandIn,
):
    await connect(worker, integrated, slack, hours)
    found = await asyncio.gather(*(asked(rt, integrated) for rt in [worker, other] * 6))
    # A refresh token that is wanted twice would be refused.
    assert slack.refreshed == ["xoxe-1-0"]
    assert "xoxe.xoxb-1" in found
    for each in found:
        if isinstance(each, ProviderError):
            assert isinstance(each, RateLimited)
            assert (hours, each.status, each.retry_after) == (-1, "renewing", renewing.WAIT)
        else:
            assert each in slack.valid
    assert (await the_token(other, integrated))["refresh_token"] in slack.unused


async def test_while_one_renews_the_other_writes_by_what_still_works(
    worker: Runtime, other: Runtime, integrated: Environment, slack: SlackStandIn
):
    await connect(worker, integrated, slack, 1)
    slack.script(Do.STALL)
    await write(worker, integrated, "first")
    renews = asyncio.create_task(drain(worker))
    await slack.arrived(1)
    await write(other, integrated, "second")
    await drain(other)
    assert [(each.text, each.token) for each in slack.posts] == [("second", "xoxe.xoxb-0")]
    slack.release()
    await renews
    assert (slack.posts[-1].text, slack.posts[-1].token) == ("first", "xoxe.xoxb-1")
    assert slack.refreshed == ["xoxe-1-0"]


async def test_what_has_ended_is_waited_for_in_the_queue(
    worker: Runtime,
    other: Runtime,
    integrated: Environment,
    slack: SlackStandIn,
    clock: SetClock,
):
    await connect(worker, integrated, slack, -1)
    slack.script(Do.STALL)
    await write(worker, integrated, "first")
    renews = asyncio.create_task(drain(worker))
    await slack.arrived(1)
    # No transaction is open meanwhile: others write, to the person who is renewed as well.
    await make_user(other, integrated, "ada", number="+34600000001")
    waiting = await write(other, integrated, "second")
    await drain(other)
    delivery, [attempt] = await last(other, integrated, waiting)
    assert (delivery.status, attempt.code) == (DeliveryStatus.PENDING, "renewing")
    assert delivery.due_at >= clock.now() + timedelta(seconds=renewing.WAIT)
    slack.release()
    await renews
    clock.advance(minutes=1)
    await drain(other)
    assert [(each.text, each.token) for each in slack.posts] == [
        ("first", "xoxe.xoxb-1"),
        ("second", "xoxe.xoxb-1"),
    ]
    assert slack.refreshed == ["xoxe-1-0"]


async def test_what_does_not_succeed_is_not_tried_with_every_message(
    worker: Runtime, integrated: Environment, slack: SlackStandIn, clock: SetClock
):
    await connect(worker, integrated, slack, 1)
    slack.script(Respond(500))
    for _ in range(3):
        await write(worker, integrated)
        await drain(worker)
    assert [each.token for each in slack.posts] == ["xoxe.xoxb-0"] * 3
    assert slack.refreshed == []
    clock.advance(minutes=6)
    await write(worker, integrated)
    await drain(worker)
    assert slack.posts[-1].token == "xoxe.xoxb-1"


async def test_a_token_that_nobody_renews_any_more_is_dead_once_it_has_ended(
    worker: Runtime, integrated: Environment, slack: SlackStandIn, clock: SetClock
):
    await connect(worker, integrated, slack, 1)
    slack.unused.clear()
    await write(worker, integrated)
    await drain(worker)
    assert [each.token for each in slack.posts] == ["xoxe.xoxb-0"]
    assert not (await the_chat(worker, integrated)).disabled
    clock.advance(hours=2)
    tracking_id = await write(worker, integrated)
    await drain(worker)
    delivery, [attempt] = await last(worker, integrated, tracking_id)
    assert (delivery.status, attempt.code) == (DeliveryStatus.FAILED, "invalid_refresh_token")
    address = await the_chat(worker, integrated)
    assert address.disabled
    assert "connect Slack again" in address.standing.disabled_reason
    assert CANARY not in f"{delivery} {attempt} {address.standing}"


async def test_who_connects_anew_while_the_old_token_fails_stays(
    worker: Runtime,
    other: Runtime,
    integrated: Environment,
    slack: SlackStandIn,
    clock: SetClock,
):
    await connect(worker, integrated, slack, 12)
    slack.script(Do.STALL)
    slack.revoked.add("xoxe.xoxb-0")
    await write(worker, integrated)
    writes = asyncio.create_task(drain(worker))
    await slack.arrived(1)
    clock.advance(seconds=5)
    told = granted(other, 12, access_token="xoxe.xoxb-new")
    sealed = other.sealer.seal(json.dumps(told))
    await make_user(other, integrated, "ada", slack_channel=PLACE[1], slack_token=sealed)
    clock.advance(seconds=5)
    slack.release()
    await writes
    assert not (await the_chat(other, integrated)).disabled


async def test_a_line_that_breaks_while_renewing_leaves_no_message_in_doubt(
    worker: Runtime, integrated: Environment, slack: SlackStandIn, clock: SetClock
):
    await connect(worker, integrated, slack, -1)
    slack.script(Do.CUT_AFTER_READING)
    tracking_id = await write(worker, integrated)
    await drain(worker)
    delivery, [attempt] = await last(worker, integrated, tracking_id)
    assert (delivery.status, attempt.code) == (DeliveryStatus.PENDING, "interrupted")
    clock.advance(minutes=1)
    await drain(worker)
    assert [each.token for each in slack.posts] == ["xoxe.xoxb-1"]


async def test_a_worker_that_died_is_followed_by_another(
    worker: Runtime, other: Runtime, integrated: Environment, slack: SlackStandIn, clock: SetClock
):
    await connect(worker, integrated, slack, -1)
    user = await users.find(worker, integrated, "ada")
    assert user is not None
    async with worker.database.write() as tx:
        now = clock.now()
        assert await addresses.claim(tx, user.id, PLACE, now, now + renewing.CLAIMED)
    assert isinstance(await asked(other, integrated), RateLimited)
    clock.advance(seconds=renewing.CLAIMED.total_seconds())
    assert await asked(other, integrated) == "xoxe.xoxb-1"


async def test_what_the_person_tells_meanwhile_stays(
    worker: Runtime, other: Runtime, integrated: Environment, slack: SlackStandIn
):
    await connect(worker, integrated, slack, -1)
    slack.script(Do.STALL)
    renews = asyncio.create_task(asked(worker, integrated))
    await slack.arrived(1)
    told = granted(other, 12, access_token="xoxe.xoxb-new", refresh_token="xoxe-1-new")
    sealed = other.sealer.seal(json.dumps(told))
    await make_user(other, integrated, "ada", slack_token=sealed)
    slack.release()
    assert await renews == "xoxe.xoxb-1"
    assert await the_token(other, integrated) == told


async def test_a_new_token_follows_its_person_to_another_channel(
    worker: Runtime, other: Runtime, integrated: Environment, slack: SlackStandIn
):
    await connect(worker, integrated, slack, -1)
    slack.script(Do.STALL)
    renews = asyncio.create_task(asked(worker, integrated))
    await slack.arrived(1)
    await make_user(other, integrated, "ada", slack_channel="C0OTHER")
    slack.release()
    await renews
    address = await the_chat(other, integrated)
    assert address.value == "C0OTHER"
    assert (await the_token(other, integrated))["access_token"] == "xoxe.xoxb-1"


async def test_who_changes_something_else_does_not_bring_the_used_token_back(
    worker: Runtime, other: Runtime, integrated: Environment, slack: SlackStandIn
):
    await connect(worker, integrated, slack, -1)
    # Read before, written after the renewal, as another process may.
    read = await users.find(other, integrated, "ada")
    assert read is not None
    assert await asked(worker, integrated) == "xoxe.xoxb-1"
    device = {"type": "FCM", "token": "t", "device": {"device_id": "d"}}
    changed = replace(read, profile=read.profile.merged(Profile(push_tokens=(device,))))
    async with other.database.write() as tx:
        await people.save(tx, [changed])
    assert (await the_token(other, integrated))["access_token"] == "xoxe.xoxb-1"
    found = await users.find(other, integrated, "ada")
    assert found is not None
    assert found.profile.addresses(Channel.PUSH) == ("t",)


async def test_an_address_that_is_gone_is_not_renewed(
    worker: Runtime, integrated: Environment, slack: SlackStandIn, clock: SetClock
):
    await connect(worker, integrated, slack, -1)
    user = await users.find(worker, integrated, "ada")
    assert user is not None
    await users.remove(worker, integrated, "ada")
    async with worker.database.write() as tx:
        now = clock.now()
        assert await addresses.claim(tx, user.id, PLACE, now, now + renewing.CLAIMED) is None
    assert slack.refreshed == []
