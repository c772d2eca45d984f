"""Things to test with, made with sensible defaults."""

from __future__ import annotations

from typing import Any

from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import IdempotencyKey, InAppContent, Send
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import environments, sending, users
from inbox_app.storage import types
from tests.clock import START


async def make_environment(rt: Runtime, title: str = "Acme", *, demo: bool = False) -> Environment:
    return await environments.create(rt, title, demo=demo)


async def make_key(rt: Runtime, environment: Environment, name: str = "test") -> str:
    """The secret of a new API key."""
    return (await environments.create_key(rt, environment, name)).secret


async def make_user(rt: Runtime, environment: Environment, user_id: str = "", **known: Any) -> User:
    """A user who was identified; with a new id unless one is given."""
    user_id = user_id or f"user-{ids.row_id()}"
    return await users.identify(rt, environment, user_id, Profile(**known))


def make_send(
    environment: Environment,
    user_id: str = "ada",
    title: str = "Order 17 has shipped",
    *,
    key: tuple[str, str] | None = None,
    **changes: Any,
) -> Send:
    """A send of an in-app notification.

    Args:
        key: Idempotency key and hash of the body, or None.
        changes: Other fields of `Send`.
    """
    fields: dict[str, Any] = {
        "tracking_id": ids.tracking_id(),
        "environment": environment,
        "user_id": user_id,
        "profile": Profile(),
        "type_name": "order_shipped",
        "accepted_at": START,
        "channels_with_content": (Channel.INAPP_WEB,),
        "in_app": InAppContent(title),
        "idempotency": IdempotencyKey(*key) if key else None,
    }
    return Send(**fields | changes)


async def send(rt: Runtime, environment: Environment, user_id: str = "ada", **changes: Any) -> str:
    """Sends an in-app notification now; its tracking id."""
    fields: dict[str, Any] = {"accepted_at": rt.clock.now(), **changes}
    request = make_send(environment, user_id, **fields)
    return (await sending.send(rt, request)).tracking_id


async def make_type(rt: Runtime, environment: Environment, **rules: Any) -> NotificationType:
    """The type ``order_shipped`` with other rules than the usual ones."""
    fields: dict[str, Any] = {
        "id": ids.row_id(),
        "environment_id": environment.id,
        "name": "order_shipped",
        "title": "Order shipped",
        "channels": (Channel.INAPP_WEB,),
    }
    kind = NotificationType(**fields | rules)
    async with rt.database.write() as tx:
        await types.add_missing(tx, [kind], rt.clock.now())
    return kind
