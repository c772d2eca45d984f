"""Web push in a person's own browser: it subscribes, reports what it showed, and is signed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import links
from inbox_app.runtime import Runtime
from inbox_app.services import browser_push, delivering, housekeeping, outgoing, users
from inbox_app.services.centre_where import key_of
from inbox_app.services.outgoing import Story
from inbox_app.storage import outbox, sessions
from tests.api.test_visits import HERE, browser, link
from tests.channels.browsers import Subscriber
from tests.channels.examples import examples
from tests.channels.world import World, open_world, runtime_in
from tests.clock import SetClock
from tests.factories import ids, make_user, send
from tests.standins.certificate import Authority
from tests.standins.http import Do

__all__ = ["browser"]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
WEB_PUSH = examples()["web_push"]
IN_APP = InAppContent(
    "May {{who}} go?", actions=(Action("Yes, {{who}}"), Action("Look", "https://acme.example"))
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    async with open_world(authority, WEB_PUSH.hosts) as world:
        world.named.usual = WEB_PUSH.yes
        yield world


@pytest.fixture
async def runtime(
    settings: Settings, clock: SetClock, authority: Authority, world: World
) -> AsyncIterator[Runtime]:
    """A runtime for which the push services are on this machine."""
    async with runtime_in(world, authority, settings, clock) as rt:
        yield rt


@pytest.fixture
async def integration(runtime: Runtime, environment: Environment) -> Integration:
    place = (ids.row_id(), environment.id, Channel.WEB_PUSH, "web_push", "Web push")
    made = Integration(*place, WEB_PUSH.settings(0))
    async with runtime.database.write() as tx:
        await outbox.put_integration(tx, made, runtime.sealer, runtime.clock.now())
    return made


async def subscribed(
    client: httpx.AsyncClient, subscriber: Subscriber, **more: Any
) -> httpx.Response:
    headers = HERE | {"User-Agent": FIREFOX}
    return await client.put("/push/subscription", json=subscriber.token | more, headers=headers)


async def endpoints(rt: Runtime, environment: Environment, user_id: str = "ada") -> tuple[str, ...]:
    user = await users.find(rt, environment, user_id)
    return user.profile.addresses(Channel.WEB_PUSH) if user else ()


async def pushed(rt: Runtime, environment: Environment, **more: Any) -> str:
    """A notification in the inbox and by web push; its tracking id."""
    content = {Channel.WEB_PUSH: {"title": "May Ben go?", "message": "He asks"}}
    tracking_id = await send(
        *(rt, environment),
        channels_with_content=(Channel.INAPP_WEB, Channel.WEB_PUSH),
        in_app=IN_APP,
        content=content,
        parameters={"who": "Ben"},
        **more,
    )
    while await delivering.work(rt):
        pass
    return tracking_id


async def told(rt: Runtime, environment: Environment, tracking_id: str) -> Story:
    return await outgoing.story(rt, environment, tracking_id)


async def test_a_browser_subscribes_and_is_reached(
    runtime: Runtime,
    environment: Environment,
    integration: Integration,
    browser: httpx.AsyncClient,
    world: World,
):
    offer = (await browser.get("/push/offer", headers=HERE)).json()
    assert len(offer["key"]) == 87
    subscriber = Subscriber(made_with=offer["key"])
    answer = await subscribed(browser, subscriber)
    assert answer.status_code == 200
    assert answer.json()["key"].startswith("browser-")
    tracking_id = await pushed(runtime, environment)
    body = subscriber.read(world.named.requests[-1])
    shown = body["notification"]
    assert (shown["title"], shown["tag"]) == ("May Ben go?", tracking_id)
    root = runtime.settings.public_url
    assert shown["actions"] == [
        {
            "action": "press-1",
            "title": "Yes, Ben",
            "navigate": f"{root}/inbox/?id={tracking_id}",
        },
        {"action": "go-2", "title": "Look", "navigate": f"{root}/go/{tracking_id}/2"},
    ]


async def test_what_became_of_a_push_is_told_once(
    runtime: Runtime,
    environment: Environment,
    integration: Integration,
    browser: httpx.AsyncClient,
    world: World,
):
    subscriber = Subscriber()
    await subscribed(browser, subscriber)
    tracking_id = await pushed(runtime, environment)
    told_of = subscriber.read(world.named.requests[-1])["notification"]["data"]
    assert told_of.pop("trackingId") == tracking_id

    async def report(became: str, **more: Any) -> httpx.Response:
        # Nobody has to be signed in: the push itself is the proof.
        browser.cookies.clear()
        said = {**told_of, "became": became, **more}
        return await browser.post("/push/reports", json=said, headers=HERE)

    assert [e.status for e in (await told(runtime, environment, tracking_id)).deliveries][-1] is (
        DeliveryStatus.SENT
    )
    for became in ("shown", "dismissed", "opened", "shown"):
        assert (await report(became)).status_code == 204
    assert (await report("pressed", number=1)).status_code == 204
    story = await told(runtime, environment, tracking_id)
    assert story.deliveries[-1].status is DeliveryStatus.DELIVERED
    said = [each.sentence for each in story.events if each.channel is Channel.WEB_PUSH]
    assert said == [
        "Sent by Web push.",
        "The browser showed it.",
        "Web push was put away.",
        "Web push was opened.",
        "They pressed button 1 in Web push.",
    ]
    assert story.item is not None
    assert story.item.state.actioned1 is not None
    assert (await report("pressed", number=0)).status_code == 400
    assert (await report("eaten")).status_code == 400


async def test_a_browser_may_be_quicker_than_what_is_written_down(
    runtime: Runtime,
    environment: Environment,
    integration: Integration,
    browser: httpx.AsyncClient,
    world: World,
):
    subscriber = Subscriber()
    await subscribed(browser, subscriber)
    # The push service answers late: the browser shows the push meanwhile.
    world.named.script(Do.STALL)
    sending = asyncio.create_task(pushed(runtime, environment))
    await world.named.arrived(1)
    said = subscriber.read(world.named.requests[-1])["notification"]["data"]
    body = {"token": said["token"], "through": said["through"], "became": "shown"}
    assert (await browser.post("/push/reports", json=body, headers=HERE)).status_code == 204
    world.named.release()
    story = await told(runtime, environment, await sending)
    assert story.deliveries[-1].status is DeliveryStatus.DELIVERED


async def test_a_browser_that_is_theirs_no_more_answers_nothing(
    runtime: Runtime,
    environment: Environment,
    integration: Integration,
    browser: httpx.AsyncClient,
    world: World,
):
    subscriber = Subscriber()
    key = (await subscribed(browser, subscriber)).json()["key"]
    tracking_id = await pushed(runtime, environment)
    said = subscriber.read(world.named.requests[-1])["notification"]["data"]
    said |= {"became": "pressed", "number": 1}
    # A lost one: what it has shown is still on its screen.
    await browser_push.revoke(runtime, (await found(runtime, environment)).id, key)
    assert (await browser.post("/push/reports", json=said, headers=HERE)).status_code == 403
    story = await told(runtime, environment, tracking_id)
    assert story.item is not None
    assert story.item.state.actioned1 is None
    assert "pressed" not in "".join(each.sentence for each in story.events)
    said |= {"became": "dismissed"}
    assert (await browser.post("/push/reports", json=said, headers=HERE)).status_code == 204


async def test_what_was_no_push_is_not_reported_of(
    runtime: Runtime, environment: Environment, integration: Integration, client: httpx.AsyncClient
):
    place = (ids.row_id(), environment.id, Channel.EMAIL, "smtp", "Mail")
    async with runtime.database.write() as tx:
        await outbox.put_integration(
            tx, Integration(*place, {}), runtime.sealer, runtime.clock.now()
        )
    await make_user(runtime, environment, "ada", email="ada@example.org")
    tracking_id = await send(
        *(runtime, environment),
        channels_with_content=(Channel.INAPP_WEB, Channel.EMAIL),
        in_app=IN_APP,
        content={Channel.EMAIL: {"subject": "May Ben go?", "html": "<p>He asks</p>"}},
        parameters={"who": "Ben"},
    )
    [mail] = (await told(runtime, environment, tracking_id)).deliveries[-1:]
    # Whoever gets a copy of an e-mail reads this in the address that answers go to.
    token = links.reply_token(runtime.sealer, links.ReplyLink(mail.id))
    for through in (place[0], integration.id):
        said = {"token": token, "through": str(through), "became": "pressed", "number": 1}
        assert (await client.post("/push/reports", json=said, headers=HERE)).status_code == 404
    story = await told(runtime, environment, tracking_id)
    assert story.item is not None
    assert story.item.state.actioned1 is None


async def test_reports_need_the_token_of_a_push(client: httpx.AsyncClient):
    for token in ("", "x" * 60, "é"):
        said = {"token": token, "through": "1", "became": "shown"}
        answer = await client.post("/push/reports", json=said, headers=HERE)
        assert answer.status_code == 401


async def test_a_browser_that_signs_out_is_told_nothing_any_more(
    runtime: Runtime,
    environment: Environment,
    browser: httpx.AsyncClient,
):
    here, elsewhere = Subscriber(), Subscriber("https://fcm.googleapis.com/fcm/send/abc")
    await subscribed(browser, elsewhere)
    await browser.get(await link(runtime, environment))
    await subscribed(browser, here)
    # The first session was ended by the second, which began in the same browser.
    assert await endpoints(runtime, environment) == (here.endpoint,)
    # What an application tells of the person meanwhile keeps it with its session.
    await users.identify(
        runtime, environment, "ada", replace((await found(runtime, environment)).profile)
    )
    await browser.post("/sign-out", headers=HERE)
    assert await endpoints(runtime, environment) == ()


async def found(rt: Runtime, environment: Environment) -> Any:
    user = await users.find(rt, environment, "ada")
    assert user is not None
    return user


async def test_a_session_that_ends_by_time_ends_its_browser(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient, clock: SetClock
):
    await subscribed(browser, Subscriber())
    clock.advance(days=31)
    await housekeeping.tidy(runtime)
    assert await endpoints(runtime, environment) == ()


async def test_a_browser_is_the_persons_who_is_signed_in(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient
):
    await subscribed(browser, Subscriber())
    await browser.get(await link(runtime, environment, "ben"))
    await subscribed(browser, Subscriber())
    assert await endpoints(runtime, environment) == ()
    assert len(await endpoints(runtime, environment, "ben")) == 1


async def test_a_new_subscription_takes_the_place_of_the_old_one(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient
):
    old, new = Subscriber(), Subscriber("https://fcm.googleapis.com/fcm/send/new")
    await subscribed(browser, old)
    await subscribed(browser, new, replaces=old.endpoint)
    assert await endpoints(runtime, environment) == (new.endpoint,)
    gone = {"endpoint": new.endpoint}
    for _ in range(2):
        answer = await browser.request("DELETE", "/push/subscription", json=gone, headers=HERE)
        assert answer.status_code == 204
    assert await endpoints(runtime, environment) == ()


async def test_a_person_takes_a_browser_or_a_phone_back_from_anywhere(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient
):
    key = (await subscribed(browser, Subscriber())).json()["key"]
    phone = {"type": "FCM", "token": "a", "device": {"device_id": "pixel"}}
    user = await make_user(runtime, environment, "ada", push_tokens=(phone,))
    for each in (key, key_of("device", "a")):
        await browser_push.revoke(runtime, user.id, each)
        with pytest.raises(NotFound):
            await browser_push.revoke(runtime, user.id, each)
    left = await users.find(runtime, environment, "ada")
    assert left is not None
    assert left.profile.given_out == ()


async def test_a_browser_that_was_taken_back_does_not_return_by_itself(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient
):
    old, new = Subscriber(), Subscriber("https://fcm.googleapis.com/fcm/send/new")
    await subscribed(browser, old)
    renewed = {"replaces": old.endpoint, "renewed": True}
    for _ in range(2):
        assert (await subscribed(browser, new, **renewed)).status_code == 200
    assert await endpoints(runtime, environment) == (new.endpoint,)
    key = key_of("browser", new.endpoint)
    await browser_push.revoke(runtime, (await found(runtime, environment)).id, key)
    for replaced in (new.endpoint, ""):
        answer = await subscribed(browser, old, replaces=replaced, renewed=True)
        assert answer.status_code == 403
    assert await endpoints(runtime, environment) == ()


async def test_a_browser_whose_session_has_just_ended_is_not_reached(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient
):
    # This process takes the session for granted for some seconds; another one has ended it.
    assert (await browser.get("/push/offer", headers=HERE)).status_code == 200
    async with runtime.database.write() as tx:
        await sessions.remove_all(tx, (await found(runtime, environment)).id)
    assert (await subscribed(browser, Subscriber())).status_code == 401
    assert await endpoints(runtime, environment) == ()


async def test_a_browser_that_another_persons_device_became_outlives_the_session(
    runtime: Runtime, environment: Environment, browser: httpx.AsyncClient
):
    subscriber = Subscriber()
    await subscribed(browser, subscriber)
    profile = Profile(web_push_tokens=(subscriber.token,))
    await users.identify(runtime, environment, "ben", profile)
    await browser.post("/sign-out", headers=HERE)
    assert await endpoints(runtime, environment, "ben") == (subscriber.endpoint,)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sub": {"endpoint": "https://fcm.googleapis.com/a", "keys": {"p256dh": "p"}}},
        {"sub": {"endpoint": "x" * 3000, "keys": {"p256dh": "p", "auth": "a"}}},
        {"sub": {"endpoint": "a\0", "keys": {"p256dh": "p", "auth": "a"}}},
    ],
)
async def test_what_is_no_subscription_is_refused(
    body: Mapping[str, Any], browser: httpx.AsyncClient
):
    answer = await browser.put("/push/subscription", json=body, headers=HERE)
    assert answer.status_code == 400


async def test_nobody_else_subscribes(client: httpx.AsyncClient, browser: httpx.AsyncClient):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for method, path in (("GET", "/push/offer"), ("PUT", "/push/subscription")):
        answer = await browser.request(method, path, json=Subscriber().token, headers=foreign)
        assert answer.status_code == 403
    client.cookies.clear()
    assert (await client.get("/push/offer", headers=HERE)).status_code == 401
    assert (await subscribed(client, Subscriber())).status_code == 401


async def test_without_an_integration_it_is_not_offered(browser: httpx.AsyncClient):
    assert (await browser.get("/push/offer", headers=HERE)).json()["key"] == ""
