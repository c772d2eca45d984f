"""What a database needs before it is of use: a first environment."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import demo, environments

TITLE = "Inbox"


@dataclass(frozen=True)
class FirstEnvironment:
    """An environment just made, with its API key, which is never shown again."""

    environment: Environment
    api_key: str


async def ensure(rt: Runtime) -> FirstEnvironment | None:
    """Seeds the demo or, when that is switched off, makes an empty environment; both only once."""
    if rt.settings.demo:
        await demo.ensure(rt)
        return None
    # Secure, because every user of it can read the client id in the links they sign in with.
    environment, secret = environments.new(TITLE, secure=True), environments.new_secret()
    made = await environments.create_first(rt, environment, "first", secret)
    return FirstEnvironment(environment, secret) if made else None
