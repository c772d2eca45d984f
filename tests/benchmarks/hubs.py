"""The set-ups that deliver: SQLite with one worker, PostgreSQL and Redis with several."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from inbox_app.config import Settings
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import micros
from inbox_app.domain.notification import Planned, Send
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.pipeline.outbox import payload
from inbox_app.runtime import Runtime
from inbox_app.services import environments, users
from inbox_app.storage import notifications, outbox, types
from inbox_app.storage.engine import Database
from tests.benchmarks.gateway import Gateway
from tests.databases import FAST, SqliteFiles, postgres_server
from tests.servers import redis_server
from tests.workers import Workers

PEOPLE = 200
CHUNK = 1_000
FAR = timedelta(days=365)
PATIENCE = 900.0
"""Seconds until deliveries that are still open count as lost."""
LOOK = 0.05
"""Seconds between looks at what other processes have done."""
LEASE_SECONDS = 15
"""As in a server where nothing is set."""
TYPE = "order_shipped"
TEXT = "Order {{order}} has shipped"

OPEN = text("""
SELECT EXISTS (SELECT 1 FROM deliveries WHERE status = 'pending')
    OR EXISTS (SELECT 1 FROM deliveries WHERE status = 'sending')
""")


@dataclass(frozen=True)
class SetUp:
    """Where a benchmark runs.

    Attributes:
        name: For people.
        workers: How many processes.
        fresh: Makes a migrated database and yields the settings of a process that uses it.
    """

    name: str
    workers: int
    fresh: Callable[[], AbstractContextManager[Settings]]

    def start(self, settings: Settings) -> Workers:
        """Starts the worker processes."""
        made = Workers(settings, self.workers, settings.redis_url, lease_seconds=LEASE_SECONDS)
        made.start()
        return made


@contextmanager
def set_ups() -> Generator[tuple[SetUp, SetUp, SetUp]]:
    """SQLite with one worker; PostgreSQL and Redis with one and with three."""
    with (
        tempfile.TemporaryDirectory(prefix="inbox-bench-") as name,
        postgres_server(Path(name) / "postgres") as server,
        redis_server() as redis,
    ):
        folder = Path(name)
        files, numbers = SqliteFiles(folder), iter(range(1_000_000))

        @contextmanager
        def sqlite() -> Generator[Settings]:
            place = folder / str(next(numbers))
            place.mkdir()
            yield _settings(place, files.new(place / "inbox.db"), None)

        @contextmanager
        def postgres() -> Generator[Settings]:
            place = folder / str(next(numbers))
            place.mkdir()
            with server.database() as url:
                asyncio.run(_make_durable(url))
                yield _settings(place, url, redis.url)

        yield (
            SetUp("SQLite, 1 worker", 1, sqlite),
            SetUp("PostgreSQL + Redis, 1 worker", 1, postgres),
            SetUp("PostgreSQL + Redis, 3 workers", 3, postgres),
        )


def _settings(folder: Path, url: str, redis_url: str | None) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=url,
        redis_url=redis_url,
        secret_key="bench-" * 8,
        allow_hosts=("127.0.0.1",),
    )


async def _make_durable(url: str) -> None:
    """Takes back what makes the tests' server fast: SQLite's commits reach the disk too."""
    database = Database(url)
    try:
        [engine, *_] = database.engines
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for setting in FAST:
                await connection.execute(text(f"ALTER SYSTEM RESET {setting.split('=')[0]}"))
            await connection.execute(text("SELECT pg_reload_conf()"))
    finally:
        await database.close()


async def prepare(rt: Runtime, gateway: Gateway) -> tuple[Environment, list[User], int]:
    """An environment that sends through the gateway, people with numbers, and a type's key."""
    environment = await environments.create(rt, "Bench")
    known = [
        await users.identify(rt, environment, f"user-{n}", Profile(number=f"+49170{n:07}"))
        for n in range(PEOPLE)
    ]
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
        {"url": gateway.url},
    )
    kind = NotificationType(ids.row_id(), environment.id, TYPE, "Order shipped", (Channel.SMS,))
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
        await types.add_missing(tx, [kind], rt.clock.now())
    return environment, known, kind.id


def send_to(environment: Environment, user_id: str, number: int, at: datetime) -> Send:
    """A text message."""
    return Send(
        tracking_id=ids.tracking_id(),
        environment=environment,
        user_id=user_id,
        profile=Profile(),
        type_name=TYPE,
        accepted_at=at,
        channels_with_content=(Channel.SMS,),
        content={Channel.SMS: {"message": TEXT}},
        parameters={"order": str(number)},
    )


async def fill(rt: Runtime, gateway: Gateway, many: int) -> None:
    """Puts in what was accepted earlier and is due at one moment, far from now."""
    environment, known, type_id = await prepare(rt, gateway)
    now = rt.clock.now()
    for start in range(0, many, CHUNK):
        chunk = [(n, known[n % PEOPLE]) for n in range(start, min(start + CHUNK, many))]
        planned = [
            _planned(send_to(environment, user.external_id, n, now), user, type_id, now + FAR)
            for n, user in chunk
        ]
        async with rt.database.write() as tx:
            await notifications.add(tx, planned, [])


def _planned(send: Send, user: User, type_id: int, due: datetime) -> Planned:
    delivery = Delivery(
        id=ids.ordered_id(),
        environment_id=send.environment.id,
        user_id=user.id,
        type_id=type_id,
        tracking_id=send.tracking_id,
        channel=Channel.SMS,
        address=user.profile.number or "",
        status=DeliveryStatus.PENDING,
        due_at=due,
        created_at=send.accepted_at,
        updated_at=send.accepted_at,
    )
    return Planned(
        replace(send, schedule=due), user.id, type_id, (), None, (), (delivery,), payload(send)
    )


async def let_go(rt: Runtime) -> None:
    """The moment has come: everything is due."""
    async with rt.database.write() as tx:
        await tx.execute(
            text("UPDATE deliveries SET due_at = :now WHERE status = 'pending'"),
            {"now": micros(rt.clock.now())},
        )
    await rt.engine.wake(8)


async def drained(rt: Runtime, gateway: Gateway, many: int) -> float:
    """Waits until all is delivered and written down; seconds since the first call."""
    async with asyncio.timeout(PATIENCE):
        # The gateway is asked first: a look at it costs the database nothing.
        while gateway.tally().count < many:
            await asyncio.sleep(LOOK)
        while await is_open(rt):
            await asyncio.sleep(LOOK)
    seconds = time.monotonic() - gateway.tally().first
    if gateway.tally().count != many:
        raise AssertionError(f"{gateway.tally().count} calls for {many} deliveries")
    return seconds


async def is_open(rt: Runtime) -> bool:
    """Whether a delivery has still to end."""
    async with rt.database.read() as tx:
        return bool((await tx.execute(OPEN)).scalar_one())
