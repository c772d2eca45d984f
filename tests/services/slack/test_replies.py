"""Slack from end to end: a message goes out, and what people do with it there is done here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import text

from inbox_app.domain.connected_chat import ConnectedChat
from inbox_app.domain.delivery import DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, environments, outgoing, slack_connecting
from inbox_app.services import users as people_of
from inbox_app.services.access import Viewer
from inbox_app.services.centre_views import ENDED
from inbox_app.services.outgoing import Story
from inbox_app.storage import outbox, users
from tests.clock import SetClock
from tests.factories import send
from tests.services.slack.process import address_of, sign_in
from tests.standins.slack import SlackStandIn, signed

SECRET = "signing-s3cret"
BOT = "xoxb-bot"
ANSWERS = frozenset({EventKind.REPLIED, EventKind.PRESSED})
BUTTONS = [
    {
        "type": "button",
        "action_id": f"action{number}",
        "text": {"type": "plain_text", "text": label},
    }
    for number, label in enumerate(["Approve", "Decline"], 1)
]


@pytest.fixture
async def slack(slack: SlackStandIn) -> SlackStandIn:
    slack.valid.add(BOT)
    return slack


@pytest.fixture
async def integration(runtime: Runtime, environment: Environment) -> Integration:
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SLACK, "slack", "Slack"),
        {"bot_token": BOT, "signing_secret": SECRET},
    )
    async with runtime.database.write() as tx:
        await outbox.put_integration(tx, made, runtime.sealer, runtime.clock.now())
    return made


@dataclass(frozen=True)
class Asking:
    """Sends notifications that ask Ada something, in her inbox and in Slack."""

    runtime: Runtime
    environment: Environment

    async def ask(self, channel: str, **known: Any) -> str:
        """Asks in a place of Slack; the tracking id."""
        actions = (Action("Approve", ""), Action("Decline", ""))
        tracking_id = await send(
            *(self.runtime, self.environment),
            channels_with_content=(Channel.INAPP_WEB, Channel.SLACK),
            in_app=InAppContent("May Ben go?", actions=actions, replies=True),
            content={
                Channel.SLACK: {
                    "text": "May Ben go?",
                    "blocks": [{"type": "actions", "elements": BUTTONS}],
                }
            },
            profile=Profile(slack_channel=channel, **known),
        )
        while await delivering.work(self.runtime):
            pass
        return tracking_id


@pytest.fixture
def asking(runtime: Runtime, environment: Environment, integration: Integration) -> Asking:
    return Asking(runtime, environment)


@pytest.fixture
async def sent(asking: Asking, slack: SlackStandIn) -> str:
    """A notification that asks Ada something by a direct message; its tracking id."""
    tracking_id = await asking.ask("D0ADA")
    assert [(each.token, each.channel) for each in slack.posts] == [(BOT, "D0ADA")]
    return tracking_id


async def told(rt: Runtime, environment: Environment, tracking_id: str) -> Story:
    return await outgoing.story(rt, environment, tracking_id)


async def kinds(rt: Runtime, environment: Environment, tracking_id: str) -> list[EventKind]:
    events = (await told(rt, environment, tracking_id)).events
    return [each.kind for each in events if each.kind in ANSWERS]


async def kept(rt: Runtime) -> int:
    async with rt.database.read() as tx:
        return (await tx.execute(text("SELECT count(*) FROM receipts"))).scalar_one()


class Reporting:
    """Slack as it calls this server."""

    def __init__(self, client: httpx.AsyncClient, integration: Integration, clock: SetClock):
        self._client, self._clock = client, clock
        self._path = f"/callbacks/slack/{integration.id}"

    async def event(
        self, name: str = "Ev1", *, secret: str = SECRET, **changes: Any
    ) -> httpx.Response:
        event = {"type": "message", "channel": "D0ADA", "user": "U0ADA", "ts": "1503436000.000100"}
        whole = {"type": "event_callback", "event_id": name, "event": {**event, **changes}}
        return await self._post(json.dumps(whole).encode(), "application/json", secret)

    async def press(
        self, name: str, ts: str, channel: str = "D0ADA", user: str = "U0ADA"
    ) -> httpx.Response:
        told: Mapping[str, Any] = {
            "type": "block_actions",
            "user": {"id": user},
            "trigger_id": f"1.2.{name}{user}",
            "channel": {"id": channel},
            "message": {"ts": ts},
            "actions": [{"action_id": name, "action_ts": "1503436001.000000"}],
        }
        body = urlencode({"payload": json.dumps(told)}).encode()
        return await self._post(body, "application/x-www-form-urlencoded", SECRET)

    async def removed(self, app: str, team: str, at: datetime) -> httpx.Response:
        told = {"type": "event_callback", "event_id": "EvGone", "event_time": int(at.timestamp())}
        whole = {**told, "team_id": team, "api_app_id": app, "event": {"type": "app_uninstalled"}}
        return await self._post(json.dumps(whole).encode(), "application/json", SECRET)

    async def _post(self, body: bytes, kind: str, secret: str) -> httpx.Response:
        headers = signed(secret, body, self._clock.now().timestamp())
        everything = {**headers, "Content-Type": kind}
        return await self._client.post(self._path, content=body, headers=everything)


async def connected(rt: Runtime, environment: Environment, name: str, team: str) -> Viewer:
    """Somebody signed in who has connected the app in a workspace."""
    viewer = await sign_in(rt, environment, name)
    token = rt.sealer.seal(json.dumps({"access_token": "xoxb-1", "authed_user": {"id": "U1"}}))
    chat = ConnectedChat("A0HUB", team, "Acme").as_details()
    profile = Profile(slack_token=token, slack_connected=chat)
    await people_of.identify(rt, environment, name, profile)
    return viewer


@pytest.fixture
def slack_calls(client: httpx.AsyncClient, integration: Integration, clock: SetClock) -> Reporting:
    return Reporting(client, integration, clock)


async def test_a_reply_in_slack_is_a_reply_in_the_inbox_once(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    sent: str,
    slack_calls: Reporting,
):
    for _ in range(3):
        answer = await slack_calls.event(text="Yes, &amp; soon", thread_ts=slack.posts[0].ts)
        assert (answer.status_code, answer.text) == (200, "")
    story = await told(runtime, environment, sent)
    assert [(each.message, each.from_user) for each in story.replies] == [("Yes, & soon", True)]
    assert story.deliveries[-1].status is DeliveryStatus.DELIVERED
    assert await kinds(runtime, environment, sent) == [EventKind.REPLIED]


async def test_a_button_in_slack_is_the_button_in_the_inbox_once(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    sent: str,
    slack_calls: Reporting,
):
    for _ in range(2):
        answer = await slack_calls.press("action2", slack.posts[0].ts)
        assert answer.status_code == 200
    story = await told(runtime, environment, sent)
    assert story.item is not None
    assert story.item.state.actioned2 is not None
    assert story.item.state.actioned1 is None
    assert await kinds(runtime, environment, sent) == [EventKind.PRESSED]


async def test_only_ada_answers_for_ada_where_others_write_as_well(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    asking: Asking,
    slack_calls: Reporting,
):
    grant = {"ok": True, "access_token": "xoxb-team", "authed_user": {"id": "U0ADA"}}
    slack.valid.add("xoxb-team")
    sealed = runtime.sealer.seal(json.dumps(grant))
    tracking_id = await asking.ask("C0TEAM", slack_token=sealed)
    place: dict[str, str] = {"channel": "C0TEAM", "user": "U0BEN"}
    await slack_calls.event("Ev1", text="I am Ada", thread_ts=slack.posts[0].ts, **place)
    await slack_calls.press("action1", slack.posts[0].ts, **place)
    story = await told(runtime, environment, tracking_id)
    assert story.item is not None
    assert (story.replies, story.item.state.actioned1) == ([], None)
    said = [each.sentence for each in story.events if each.kind in ANSWERS]
    assert said == ["U0BEN answered in Slack: I am Ada", "U0BEN pressed button 1 in Slack."]
    place["user"] = "U0ADA"
    await slack_calls.event("Ev2", text="No", thread_ts=slack.posts[0].ts, **place)
    await slack_calls.press("action2", slack.posts[0].ts, **place)
    story = await told(runtime, environment, tracking_id)
    assert story.item is not None
    assert [each.message for each in story.replies] == ["No"]
    assert (story.item.state.actioned1, story.item.state.actioned2 is None) == (None, False)


async def test_where_nobody_knows_who_ada_is_nobody_answers_for_her(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    asking: Asking,
    slack_calls: Reporting,
):
    tracking_id = await asking.ask("C0TEAM")
    said = {"channel": "C0TEAM", "text": "Yes", "thread_ts": slack.posts[0].ts}
    assert (await slack_calls.event(**said)).status_code == 200
    assert (await told(runtime, environment, tracking_id)).replies == []
    assert await kinds(runtime, environment, tracking_id) == [EventKind.REPLIED]


async def test_what_is_forged_does_nothing(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    sent: str,
    slack_calls: Reporting,
):
    answer = await slack_calls.event(secret="guessed", text="No", thread_ts=slack.posts[0].ts)
    assert answer.status_code == 401
    assert (await told(runtime, environment, sent)).replies == []
    assert await kept(runtime) == 0


async def test_what_people_say_in_other_threads_is_not_kept(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    sent: str,
    slack_calls: Reporting,
):
    assert (await slack_calls.event(text="private", thread_ts="1.000001")).status_code == 200
    assert (await slack_calls.event(text="private")).status_code == 200
    elsewhere = {"channel": "C0OTHER", "text": "private", "thread_ts": slack.posts[0].ts}
    assert (await slack_calls.event(**elsewhere)).status_code == 200
    assert (await slack_calls.press("action1", "1.000001")).status_code == 200
    assert (await told(runtime, environment, sent)).replies == []
    assert await kept(runtime) == 0


async def test_slack_finds_out_that_somebody_is_here(
    integration: Integration, client: httpx.AsyncClient, clock: SetClock
):
    body = b'{"type": "url_verification", "challenge": "3eZbrw1a"}'
    headers = signed(SECRET, body, clock.now().timestamp())
    path = f"/callbacks/slack/{integration.id}"
    answer = await client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.text) == (200, "3eZbrw1a")
    assert answer.headers["content-type"].startswith("text/plain")


async def ask_through_ben(rt: Runtime, asking: Asking) -> str:
    """Asks Ada, who has connected Slack and chosen Ben's direct messages."""
    token = rt.sealer.seal(json.dumps({"authed_user": {"id": "U0ADA"}}))
    chosen = ConnectedChat("A0HUB", "T0ACME", "Acme", "ben").as_details()
    return await asking.ask("U0BEN", slack_token=token, slack_connected=chosen)


async def test_whom_the_person_had_it_sent_to_does_not_answer_for_them(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    asking: Asking,
    slack_calls: Reporting,
):
    """Ada connected Slack and chose Ben: what he writes in his conversation is not hers."""
    sent = await ask_through_ben(runtime, asking)
    thread = slack.posts[0].ts
    ben = {"channel": "D0BEN", "user": "U0BEN", "thread_ts": thread}
    assert (await slack_calls.event(text="Not mine", **ben)).status_code == 200
    assert (await slack_calls.press("action1", thread, "D0BEN", "U0BEN")).status_code == 200
    story = await told(runtime, environment, sent)
    assert story.replies == []
    assert story.item is not None
    assert story.item.state.actioned1 is None


async def test_nor_after_the_person_has_disconnected_slack(
    runtime: Runtime,
    environment: Environment,
    slack: SlackStandIn,
    asking: Asking,
    slack_calls: Reporting,
):
    """The app is still in the workspace when others there use it."""
    sent = await ask_through_ben(runtime, asking)
    async with runtime.database.read() as tx:
        ada = await users.find(tx, environment.id, "ada")
    assert ada is not None
    assert await slack_connecting.disconnect(runtime, ada.id)
    ben = {"channel": "D0BEN", "user": "U0BEN", "thread_ts": slack.posts[0].ts}
    assert (await slack_calls.event(text="Not mine", **ben)).status_code == 200
    story = await told(runtime, environment, sent)
    assert story.replies == []
    assert await kinds(runtime, environment, sent) == [EventKind.REPLIED]


async def test_when_the_app_is_removed_from_a_workspace_its_people_are_asked_to_connect_again(
    runtime: Runtime,
    environment: Environment,
    slack_calls: Reporting,
    clock: SetClock,
):
    """Nobody else, and not those who have connected it since."""
    elsewhere = await environments.create(runtime, "Elsewhere")
    places = [
        *((environment, "ada", "T0ACME"), (environment, "eve", "T0OTHER")),
        (elsewhere, "ada", "T0ACME"),
    ]
    people = [await connected(runtime, *place) for place in places]
    clock.advance(minutes=1)
    removed = clock.now()
    clock.advance(minutes=1)
    people.append(await connected(runtime, environment, "ben", "T0ACME"))
    with runtime.hub.subscribe(people[0].user_id, people[0].session_id) as subscription:
        assert (await slack_calls.removed("A0HUB", "T0ACME", removed)).status_code == 200
        assert await subscription.wait(5) is not None
    found = [await address_of(runtime, each) for each in people]
    assert [each.reason for each in found if each] == [ENDED, "", "", ""]
