"""The demo environment: seeded on the first start, so that there is something to look at."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_app.domain.environment import ApiKey, Environment
from inbox_app.domain.item_state import Mark, StateChange
from inbox_app.domain.notification import Action, InAppContent, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids, signing
from inbox_app.runtime import Runtime
from inbox_app.services import access, environments, inbox, sending
from inbox_app.services.demo_data import TITLE, USERS, WEEK, DemoItem, DemoUser
from inbox_app.services.inbox import NewReply
from inbox_app.storage import environments as stored

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
    """Seeds the demo environment unless there is one; whether it did."""
    if any(environment.demo for environment in await environments.every(rt)):
        return False
    environment = await environments.create(rt, TITLE, demo=True)
    await _store_key(rt, environment)
    now = rt.clock.now()
    for user in USERS:
        for item in reversed(WEEK[user.id]):
            await _seed(rt, environment, user, item, now)
    return True


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


async def _store_key(rt: Runtime, environment: Environment) -> None:
    secret = demo_key(environment)
    hint = secret[-environments.HINT_LENGTH :]
    key = ApiKey(ids.row_id(), environment.id, "demo", hint, created_at=rt.clock.now())
    async with rt.database.write() as tx:
        await stored.add_key(tx, key, signing.digest(secret))


async def _seed(
    rt: Runtime, environment: Environment, user: DemoUser, item: DemoItem, now: datetime
) -> None:
    at = now - timedelta(hours=item.hours)
    accepted = await sending.send(rt, _send(environment, user, item, at))
    if item.done == NOT_SEEN and not item.replies:
        return
    member = await access.member_of(rt, environment, user.id)
    after = at + REACTION
    replies = [
        NewReply(text, after + timedelta(minutes=place), author or None)
        for place, (author, text) in enumerate(item.replies)
    ]
    await inbox.report(rt, member.user.id, [accepted.tracking_id], _change(item, after), replies)


def _send(environment: Environment, user: DemoUser, item: DemoItem, at: datetime) -> Send:
    return Send(
        tracking_id=ids.tracking_id(),
        environment=environment,
        user_id=user.id,
        profile=Profile(email=user.email, timezone=user.timezone, properties={"name": user.name}),
        type_name=item.type,
        accepted_at=at,
        channels_with_content=(Channel.INAPP_WEB,),
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
