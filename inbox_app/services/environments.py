"""Environments and their API keys."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_app.domain import look
from inbox_app.domain.environment import ApiKey, Environment
from inbox_app.domain.errors import NotFound
from inbox_app.lib import ids, signing
from inbox_app.runtime import Runtime
from inbox_app.services import integrations
from inbox_app.storage import environments, outbox
from inbox_app.storage.engine import Transaction

KEY_PREFIX = "pingram_sk_"
HINT_LENGTH = 4


@dataclass(frozen=True)
class NewKey:
    """A key just made; the only time its secret is known."""

    key: ApiKey
    secret: str


async def create(rt: Runtime, title: str, *, demo: bool = False) -> Environment:
    """Makes an environment with its client id and secret."""
    environment = new(title, demo=demo)
    async with rt.database.write() as tx:
        await environments.add(tx, environment, rt.sealer, rt.clock.now())
    return environment


async def create_first(rt: Runtime, environment: Environment, key_name: str, secret: str) -> bool:
    """Stores an environment with an API key unless there is one already; whether it did.

    It has web push, which needs no account, and the sandbox for everything else.

    Servers that start together on a new database make one environment between them, and none is
    ever without a key.
    """
    async with rt.database.write() as tx:
        await environments.lock(tx)
        if await environments.all_of_them(tx, rt.sealer):
            return False
        await environments.add(tx, environment, rt.sealer, rt.clock.now())
        push = integrations.web_push(rt, environment)
        await outbox.put_integration(tx, push, rt.sealer, rt.clock.now())
        await _add_key(tx, rt, environment, key_name, secret)
    return True


def new(title: str, *, demo: bool = False, secure: bool = False) -> Environment:
    """An environment that is not stored yet."""
    return Environment(
        id=ids.row_id(),
        client_id=ids.token("client_")[:29],
        client_secret=ids.token("secret_"),
        title=title,
        secure_mode=secure,
        demo=demo,
    )


def new_secret() -> str:
    """The secret of an API key that is not stored yet."""
    return ids.token(KEY_PREFIX)


async def every(rt: Runtime) -> list[Environment]:
    """All environments, oldest first."""
    async with rt.database.read() as tx:
        return await environments.all_of_them(tx, rt.sealer)


async def named(rt: Runtime, client_id: str | None) -> Environment:
    """The environment with a client id, or the oldest one when none is given.

    Raises:
        NotFound: there is no such environment.
    """
    for environment in await every(rt):
        if client_id in (None, environment.client_id):
            return environment
    raise NotFound(
        f"There is no environment {client_id!r}." if client_id else "There is no environment yet.",
        fix="`inbox keys list` shows the environments; `inbox run` makes the first one.",
    )


async def set_secure_mode(rt: Runtime, environment: Environment, secure: bool) -> None:
    """Whether end-user credentials must carry a hash from now on."""
    async with rt.database.write() as tx:
        await environments.set_secure_mode(tx, environment.id, secure)


async def set_look(rt: Runtime, environment: Environment, logo: str, accent: str) -> None:
    """How its pages look from now on; running servers show it within seconds.

    Raises:
        InvalidInput: the accent is no colour or the logo no https address.
    """
    chosen = look.checked(logo, accent)
    async with rt.database.write() as tx:
        await environments.set_look(tx, environment.id, chosen)
    rt.visits.forget_where(lambda visit: visit.environment.id == environment.id)


async def create_key(rt: Runtime, environment: Environment, name: str) -> NewKey:
    """Makes an API key. Only a hash is stored."""
    secret = new_secret()
    async with rt.database.write() as tx:
        return NewKey(await _add_key(tx, rt, environment, name, secret), secret)


async def keys(rt: Runtime, environment: Environment) -> list[ApiKey]:
    """The keys of an environment, oldest first."""
    async with rt.database.read() as tx:
        return await environments.keys(tx, environment.id)


async def revoke_key(rt: Runtime, key_id: int) -> None:
    """Ends a key.

    Raises:
        NotFound: there is no such key, or it has ended before.
    """
    async with rt.database.write() as tx:
        if not await environments.revoke_key(tx, key_id, rt.clock.now()):
            raise NotFound(f"There is no active key {key_id}.", fix="`inbox keys list` shows them.")


async def _add_key(
    tx: Transaction, rt: Runtime, environment: Environment, name: str, secret: str
) -> ApiKey:
    key = ApiKey(
        ids.row_id(), environment.id, name, secret[-HINT_LENGTH:], created_at=rt.clock.now()
    )
    await environments.add_key(tx, key, signing.digest(secret))
    return key
