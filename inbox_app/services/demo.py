"""The demo environment: seeded on the first start, so that there is something to look at."""

from __future__ import annotations

import asyncio
import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_app.domain.environment import Environment
from inbox_app.domain.item_state import Mark, StateChange
from inbox_app.domain.notification import Action, IdempotencyKey, InAppContent, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import access, demo_types, environments, inbox, sending, users
from inbox_app.services.demo_data import TITLE, USERS, WEEK, DemoItem, DemoUser
from inbox_app.services.inbox import NewReply

MARKS = {
    "o": Mark.OPENED,
    "c": Mark.CLICKED,
    "a": Mark.ARCHIVED,
    "1": Mark.ACTIONED1,
    "2": Mark.ACTIONED2,
}
NOT_SEEN = "new"
REACTION = timedelta(minutes=4)
"""How long after it arrived the person did something with an item."""


@dataclass(frozen=True)
class DemoAccess:
    """What one needs to try the server out: everything `inbox demo --json` prints."""

    environment: Environment
    api_key: str
    links: dict[str, str]


async def ensure(rt: Runtime) -> bool:
    """Makes and fills the demo environment if there is no environment; whether it made it.

    One that a crash left empty is filled at the next start.
    """
    environment = environments.new(TITLE, demo=True)
    made = await environments.create_first(rt, environment, "demo", demo_key(environment))
    stored = [each for each in await environments.every(rt) if each.demo]
    if stored and await _is_empty(rt, stored[0]):
        await demo_types.make(rt, stored[0])
        await _fill(rt, stored[0])
    return made


async def _is_empty(rt: Runtime, environment: Environment) -> bool:
    """Whether nobody was ever sent anything; who the types were made with may be there."""
    known = (await users.page(rt, environment, 2, "")).users
    reached = [(await inbox.state(rt, user.id)).change for user in known]
    return not any(reached)


async def open_access(rt: Runtime) -> DemoAccess | None:
    """Key and fresh sign-in links of the demo environment, None when there is none."""
    found = [environment for environment in await environments.every(rt) if environment.demo]
    if not found:
        return None
    links = {
        user.id: await access.sign_in_link(rt, found[0], user.id, access.DEMO_LINK)
        for user in USERS
    }
    return DemoAccess(found[0], demo_key(found[0]), links)


def demo_key(environment: Environment) -> str:
    """The demo's API key. Derived, because only hashes of keys are stored and it is shown again."""
    code = hmac.digest(environment.client_secret.encode(), b"demo api key", "sha256")
    return environments.KEY_PREFIX + base64.urlsafe_b64encode(code).decode().rstrip("=")


async def _fill(rt: Runtime, environment: Environment) -> None:
    """Sends the whole week at once, which is one transaction, then lets the people react."""
    now = rt.clock.now()
    week = [(user, item) for user in USERS for item in reversed(WEEK[user.id])]
    accepted = await asyncio.gather(
        *(
            sending.send(rt, _send(environment, user, item, now - timedelta(hours=item.hours)))
            for user, item in week
        )
    )
    for (user, item), answer in zip(week, accepted, strict=True):
        await _react(rt, environment, user, item, answer.tracking_id, now)


async def _react(
    rt: Runtime,
    environment: Environment,
    user: DemoUser,
    item: DemoItem,
    tracking_id: str,
    now: datetime,
) -> None:
    if item.done == NOT_SEEN and not item.replies:
        return
    member = await access.member_of(rt, environment, user.id)
    after = now - timedelta(hours=item.hours) + REACTION
    replies = [
        NewReply(text, after + timedelta(minutes=place), author or None)
        for place, (author, text) in enumerate(item.replies)
    ]
    await inbox.report(rt, member.user.id, [tracking_id], _change(item, after), replies)


def _send(environment: Environment, user: DemoUser, item: DemoItem, at: datetime) -> Send:
    return Send(
        tracking_id=ids.tracking_id(),
        environment=environment,
        user_id=user.id,
        profile=Profile(email=user.email, timezone=user.timezone, properties={"name": user.name}),
        type_name=item.type,
        accepted_at=at,
        # Two servers that start together fill one demo between them.
        idempotency=IdempotencyKey(f"demo {user.id} {item.hours} {item.type}", "demo"),
        channels_with_content=(Channel.INAPP_WEB,),
        parameters={"title": item.title, "body": item.body},
        in_app=InAppContent(
            title=item.title,
            body=item.body,
            html=item.html,
            url=item.url,
            actions=tuple(Action(label) for label in item.actions),
        ),
    )


def _change(item: DemoItem, at: datetime) -> StateChange:
    if item.done == NOT_SEEN:
        return StateChange()
    return StateChange({Mark.SEEN: at, **{MARKS[letter]: at for letter in item.done}})
