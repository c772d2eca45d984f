"""What an operator's mistake, or one browser's push service, costs everybody else's devices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inbox_app.channels.spec import Resources, Tools
from inbox_app.domain.delivery import DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, integrations, outgoing, users
from inbox_app.services.integrations import IntegrationChange
from tests.channels.browsers import Subscriber
from tests.channels.examples import apns, fcm, web_push
from tests.channels.world import World, open_world
from tests.clock import SetClock
from tests.factories import send
from tests.standins.certificate import Authority
from tests.standins.http import Respond
from tests.standins.http2 import reason
from tests.standins.keys import service_account
from tests.standins.names import Names

CONTENT = {"title": "Order 7", "message": "It is on its way"}
FIREFOX = "https://updates.push.services.mozilla.com/wpush/v2/"
WINDOWS = "wns.notify.windows.com"


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    hosts = (*fcm.EXAMPLE.hosts, *apns.EXAMPLE.hosts, *web_push.EXAMPLE.hosts, WINDOWS)
    async with open_world(authority, tuple(sorted({*hosts}))) as world:
        world.named.usual = Respond(201)
        yield world


@pytest.fixture
async def rt(
    runtime: Runtime, clock: SetClock, authority: Authority, world: World
) -> AsyncIterator[Runtime]:
    """A runtime for which the services are on this machine, and Microsoft's are nowhere."""
    trusted, allow = authority.trusted(), ["127.0.0.1"]
    known = ("*.googleapis.com", "*.mozilla.com", "*.apple.com")
    http = Http(allow=allow, resolver=Names(dict.fromkeys(known, world.named.port)), tls=trusted)
    http2 = Http2(allow=allow, resolver=Names({"*": world.named2.port}), tls=trusted)
    tools = Tools(http=http, now=clock.now, resources=Resources(http2))
    yield replace(runtime, tools=tools)
    await tools.close()


async def add(
    rt: Runtime,
    environment: Environment,
    provider: str,
    settings: Mapping[str, Any],
    channel: Channel = Channel.PUSH,
) -> None:
    change: IntegrationChange = {"settings": settings}
    await integrations.add(rt, environment, channel, provider, change)


async def drain(rt: Runtime) -> None:
    while await delivering.work(rt):
        pass


async def push(
    rt: Runtime, environment: Environment, clock: SetClock, user: str, token: Mapping[str, Any]
) -> str:
    tracking_id = await send(
        *(rt, environment, user),
        channels_with_content=(Channel.PUSH,),
        in_app=None,
        content={Channel.PUSH: CONTENT},
        profile=Profile(push_tokens=(token,)),
    )
    # What a device says of itself after it was found dead counts more.
    clock.advance(seconds=1)
    await drain(rt)
    return tracking_id


async def browse(rt: Runtime, environment: Environment, user: str, endpoint: str) -> str:
    tracking_id = await send(
        *(rt, environment, user),
        channels_with_content=(Channel.WEB_PUSH,),
        in_app=None,
        content={Channel.WEB_PUSH: CONTENT},
        profile=Profile(web_push_tokens=(Subscriber(endpoint).token,)),
    )
    await drain(rt)
    return tracking_id


async def becomes(rt: Runtime, environment: Environment, tracking_id: str) -> DeliveryStatus:
    [delivery] = (await outgoing.story(rt, environment, tracking_id)).deliveries
    return delivery.status


async def devices(rt: Runtime, environment: Environment, user_id: str) -> list[str]:
    """Those that are still used."""
    user = await users.find(rt, environment, user_id)
    assert user is not None
    return [each.value for each in user.profile.given_out if not each.disabled]


async def problems(rt: Runtime, environment: Environment) -> list[bool]:
    return [bool(each.problem) for each in await integrations.every(rt, environment)]


MISMATCH = reason(
    403,
    error={
        "message": "SenderId mismatch",
        "status": "PERMISSION_DENIED",
        "details": [{"errorCode": "SENDER_ID_MISMATCH"}],
    },
)


async def test_a_broadcast_with_the_wrong_project_costs_no_device(
    rt: Runtime, environment: Environment, world: World, clock: SetClock
):
    world.named.usual, world.named2.usual = fcm.GIVEN, MISMATCH
    await add(rt, environment, "fcm", {"service_account": service_account()})
    for number in range(6):
        token = {"type": "FCM", "token": f"device {number}"}
        lost = await push(rt, environment, clock, f"user{number}", token)
        assert await becomes(rt, environment, lost) is DeliveryStatus.FAILED
        assert await devices(rt, environment, f"user{number}") == [f"device {number}"]
    assert await problems(rt, environment) == [True]


async def test_the_next_project_takes_what_is_not_the_firsts(
    rt: Runtime, environment: Environment, world: World, clock: SetClock
):
    world.named.usual, world.named2.usual = fcm.GIVEN, fcm.EXAMPLE.yes
    world.named2.script(MISMATCH)
    for project in ("shop-1f2e", "bank-7"):
        await add(rt, environment, "fcm", {"service_account": service_account(project_id=project)})
    sent = await push(rt, environment, clock, "ada", {"type": "FCM", "token": "device"})
    assert await becomes(rt, environment, sent) is DeliveryStatus.SENT
    assert [each.path.split("/")[3] for each in world.named2.requests] == ["shop-1f2e", "bank-7"]
    assert await devices(rt, environment, "ada") == ["device"]
    assert await problems(rt, environment) == [True, False]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("DeviceTokenNotForTopic", {}),
        ("BadDeviceToken", {}),
        ("BadDeviceToken", {"environment": "production"}),
    ],
)
async def test_only_a_token_that_is_surely_bad_is_given_up(
    rt: Runtime,
    environment: Environment,
    world: World,
    clock: SetClock,
    word: str,
    said: Mapping[str, str],
):
    world.named2.usual = reason(400, reason=word)
    for _ in range(2):
        await add(rt, environment, "apns", apns.EXAMPLE.settings(0))
    await push(rt, environment, clock, "ada", {"type": "APN", "token": apns.TOKEN, **said})
    # Of a token that may live the other integration is asked as well.
    assert len(world.named2.requests) == (1 if said else 2)
    assert await devices(rt, environment, "ada") == ([] if said else [apns.TOKEN])


async def test_push_services_that_are_nowhere_stop_no_other_browsers(
    rt: Runtime, environment: Environment, world: World
):
    await add(rt, environment, "web_push", web_push.EXAMPLE.settings(0), Channel.WEB_PUSH)
    for number in range(10):
        nowhere = f"https://x{number}.notify.windows.com/w/?token=1"
        lost = await browse(rt, environment, f"mallory{number}", nowhere)
        assert await becomes(rt, environment, lost) is DeliveryStatus.PENDING
    good = await browse(rt, environment, "ada", f"{FIREFOX}a")
    assert await becomes(rt, environment, good) is DeliveryStatus.SENT


async def test_a_push_service_that_is_down_is_left_alone_and_the_others_are_not(
    rt: Runtime, environment: Environment, world: World, clock: SetClock
):
    await add(rt, environment, "web_push", web_push.EXAMPLE.settings(0), Channel.WEB_PUSH)
    down = f"https://{WINDOWS}/w/?token="
    waiting = [await browse(rt, environment, f"user{n}", f"{down}{n}") for n in range(7)]
    tries = [(await outgoing.story(rt, environment, each)).attempts for each in waiting]
    assert [len(each) for each in tries] == [1] * 5 + [0] * 2
    good = await browse(rt, environment, "ada", f"{FIREFOX}a")
    assert await becomes(rt, environment, good) is DeliveryStatus.SENT
