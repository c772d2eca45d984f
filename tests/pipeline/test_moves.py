"""Whatever workers, senders and operators do, a delivery moves only as its table of moves says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from inbox_app.config import Settings
from inbox_app.domain.act import Act
from inbox_app.domain.delivery import MOVES, DeliveryStatus, Integration
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, inbox, outgoing
from inbox_app.storage import deliveries, outbox, types, users
from tests.clock import SetClock
from tests.factories import make_environment, make_user, send
from tests.standins.http import Action, Do, HttpStandIn, Respond

WATCH = (
    "CREATE TABLE moves (before TEXT, after TEXT, many INTEGER, PRIMARY KEY (before, after))",
    """
    CREATE TRIGGER watch AFTER UPDATE OF status ON deliveries WHEN old.status <> new.status BEGIN
        INSERT INTO moves VALUES (old.status, new.status, 1)
        ON CONFLICT DO UPDATE SET many = many + 1;
    END
    """,
)
"""Writes down every change of a status, whoever makes it."""

DAILY = {"order_shipped": {"": {Channel.SMS: DeliveryOption.DAILY}}}
ALWAYS = QuietHours({day: Span(time(0), time(23, 59)) for day in range(7)})
LIKINGS = (Preferences(), Preferences(cells=DAILY), Preferences(quiet=ALWAYS))
ANSWERS: Sequence[Action] = (Respond(), Respond(503), Respond(400), Do.CUT_AFTER_READING)


class World:
    """An environment in which everything happens, and what was sent in it so far."""

    def __init__(self, rt: Runtime, environment: Environment, gateway: HttpStandIn) -> None:
        self.rt = rt
        self.environment = environment
        self.gateway = gateway
        self.sent: list[str] = []

    async def accept(self, number: int) -> None:
        schedule = self.rt.clock.now() + timedelta(hours=number) if number % 2 else None
        tracking_id = await send(
            *(self.rt, self.environment),
            channels_with_content=(Channel.SMS, Channel.INAPP_WEB),
            content={Channel.SMS: {"message": "Your order has shipped"}},
            profile=Profile(number="+34600000001"),
            schedule=schedule,
        )
        self.sent.append(tracking_id)

    async def work(self, number: int) -> None:
        self.gateway.usual = ANSWERS[number % len(ANSWERS)]
        await delivering.work(self.rt)

    async def die(self, number: int) -> None:
        """A worker takes what is due, and is never heard of again."""
        now = self.rt.clock.now()
        async with self.rt.database.write() as tx:
            until = now + timedelta(seconds=15)
            await deliveries.claim(tx, self.environment.id, "dead", now, until, 1 + number)

    async def sweep(self, _number: int) -> None:
        await delivering.sweep(self.rt)

    async def wait(self, number: int) -> None:
        clock = self.rt.clock
        assert isinstance(clock, SetClock)
        clock.advance(seconds=(20, 3600, 90_000)[number % 3])

    async def prefer(self, number: int) -> None:
        user = await make_user(self.rt, self.environment, "ada")
        liked = replace(user, preferences=LIKINGS[number % len(LIKINGS)])
        async with self.rt.database.write() as tx:
            await users.save(tx, [liked])

    async def read(self, number: int) -> None:
        user = await make_user(self.rt, self.environment, "ada")
        # What waits for its time is not in the inbox yet.
        with suppress(NotFound):
            await inbox.perform(self.rt, user.id, Act.READ, self.sent[-1 - number :][:1])

    async def cancel(self, number: int) -> None:
        for tracking_id in self.sent[-1 - number :][:1]:
            # It may have gone already.
            with suppress(NotFound):
                await outgoing.cancel(self.rt, self.environment, tracking_id)

    async def replay(self, _number: int) -> None:
        dead = await outgoing.dead(self.rt, self.environment, 100)
        await outgoing.replay(self.rt, self.environment, [each.id for each in dead])


STEPS: Mapping[str, Callable[[World, int], Awaitable[None]]] = {
    name: getattr(World, name)
    for name in (
        *("accept", "work", "die", "sweep", "wait"),
        *("prefer", "read", "cancel", "replay"),
    )
}
"""What can happen; each takes a number that chooses how."""
ONE_STEP = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 3))
# Most of what happens is that something is sent and somebody works.
USUAL = st.tuples(st.sampled_from(["accept", "work", "wait", "sweep"]), st.integers(0, 3))
LIVES = st.lists(st.one_of(USUAL, ONE_STEP), min_size=5, max_size=30)


@pytest.fixture
def backend() -> str:
    """The trigger that watches is SQLite's."""
    return "sqlite"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1",))


@pytest.fixture
async def watched(runtime: Runtime) -> AsyncIterator[tuple[Runtime, HttpStandIn]]:
    """A runtime whose database writes down every move, and a gateway."""
    async with runtime.database.write() as tx:
        for statement in WATCH:
            await tx.execute(text(statement))
    async with HttpStandIn() as gateway:
        yield runtime, gateway


async def new_world(rt: Runtime, gateway: HttpStandIn) -> World:
    """A world in which nothing was sent yet, and nothing is left of the one before."""
    environment = await make_environment(rt)
    options = {Channel.SMS: ChannelOptions(offered=frozenset(DeliveryOption))}
    kind = NotificationType(
        *(ids.row_id(), environment.id, "order_shipped", "Order shipped"),
        (Channel.SMS, Channel.INAPP_WEB),
        options=options,
    )
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
        {"url": gateway.url("/sms")},
    )
    async with rt.database.write() as tx:
        await tx.execute(text("DELETE FROM deliveries"))
        await types.add_missing(tx, [kind], rt.clock.now())
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    return World(rt, environment, gateway)


async def moves(rt: Runtime) -> set[tuple[DeliveryStatus, DeliveryStatus]]:
    async with rt.database.read() as tx:
        rows = await tx.execute(text("SELECT before, after FROM moves"))
        return {(DeliveryStatus(row.before), DeliveryStatus(row.after)) for row in rows}


async def live(world: World, steps: Sequence[tuple[str, int]]) -> None:
    """Lets it all happen."""
    for name, number in steps:
        await STEPS[name](world, number)


def allowed(made: set[tuple[DeliveryStatus, DeliveryStatus]]) -> None:
    assert {move for move in made if move[1] not in MOVES[move[0]]} == set()


@given(LIVES)
async def test_every_change_of_a_status_is_a_move_of_the_table(
    watched: tuple[Runtime, HttpStandIn], steps: list[tuple[str, int]]
):
    world = await new_world(*watched)
    await live(world, steps)
    allowed(await moves(world.rt))


S = DeliveryStatus
LIFE = [
    *[("accept", 0), ("work", 0)],
    # A transient failure, then a permanent one; replayed, then it breaks off; replayed.
    *[("accept", 0), ("work", 1), ("wait", 0), ("work", 2), ("replay", 0), ("work", 3)],
    *[("replay", 0), ("work", 0)],
    *[("accept", 0), ("die", 0), ("wait", 0), ("sweep", 0), ("work", 0)],
    *[("accept", 1), ("cancel", 0)],
    *[("accept", 0), ("read", 0), ("work", 0)],
    # What waited for its time finds that a digest is wanted meanwhile.
    *[("accept", 1), ("prefer", 1), ("wait", 2), ("work", 0), ("wait", 2), ("work", 0)],
    *[("accept", 0), ("cancel", 0), ("accept", 0), ("read", 0)],
    *[("accept", 0), ("wait", 2), ("work", 2)],
]
MADE = {
    *[(S.PENDING, S.SENDING), (S.PENDING, S.CANCELLED)],
    *[(S.SENDING, each) for each in (S.PENDING, S.SENT, S.SKIPPED, S.FAILED, S.UNKNOWN, S.HELD)],
    *[(S.HELD, each) for each in (S.SENT, S.SKIPPED, S.CANCELLED, S.FAILED)],
    *[(S.FAILED, S.PENDING), (S.UNKNOWN, S.PENDING)],
}


async def test_one_life_makes_all_the_moves_of_workers_senders_and_operators(
    watched: tuple[Runtime, HttpStandIn],
):
    world = await new_world(*watched)
    await live(world, LIFE)
    made = await moves(world.rt)
    allowed(made)
    assert made == MADE
