"""What settings would have meant, held against a pipeline that really had them."""

from __future__ import annotations

import asyncio
import gc
import random
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, time, timedelta
from time import process_time, thread_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from inbox_app.domain.act import Act
from inbox_app.domain.delivery_option import Batching, ChannelOptions, DeliveryOption, DigestTime
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification_type import Channel, PeriodUnit, Throttling
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.user import Profile, User
from inbox_app.pipeline import replay
from inbox_app.runtime import Runtime
from inbox_app.services import effect, inbox, outgoing
from inbox_app.storage import changes, deliveries, outbox, users
from inbox_app.storage import inbox as items
from inbox_app.storage.notifications import NOTIFICATIONS
from tests.clock import SetClock
from tests.factories import make_environment, make_type, make_user, send
from tests.pipeline.test_delivering import drain

MONTH = timedelta(days=effect.DAYS)
EVERY = tuple(Channel)
CONTENT: dict[Channel, dict[str, Any]] = {
    Channel.EMAIL: {"subject": "Order {{order}}", "html": "<p>It has shipped</p>"},
    Channel.SMS: {"message": "Order {{order}}"},
    Channel.CALL: {"message": "Order {{order}}"},
    Channel.PUSH: {"title": "Order {{order}}", "message": "It has shipped"},
    Channel.WEB_PUSH: {"title": "Order {{order}}", "message": "It has shipped"},
    Channel.SLACK: {"text": "Order {{order}}"},
}
KNOWN = {
    "email": "ada@acme.example",
    "number": "+4915155501990",
    "timezone": "Europe/Berlin",
    "slack_channel": "#ada",
}


def phones(of: str) -> tuple[dict[str, Any], ...]:
    """The devices of a person, which are nobody else's."""
    tokens = (f"{of} one", f"{of} two")
    return tuple({"type": "FCM", "token": t, "device": {"device_id": t}} for t in tokens)


OFFERED = ChannelOptions(offered=frozenset(DeliveryOption))
SUBS = {"returns": "Returns", "delays": "Delays"}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]


def some_clock(chance: random.Random) -> time:
    return time(chance.randrange(24), chance.choice([0, 15, 30]))


async def make_types(rt: Runtime, environment: Environment, chance: random.Random) -> list[str]:
    """Types of every sort that rules are about."""
    batching = Batching(chance.choice(["order", ""]), timedelta(hours=chance.choice([1, 12])))
    in_app = replace(OFFERED, batching=chance.choice([None, batching]))
    rules: list[dict[str, Any]] = [
        {},
        {"escalation": timedelta(minutes=chance.choice([10, 180]))},
        {"deduplication": timedelta(hours=chance.choice([1, 48]))},
        {"throttling": Throttling(chance.randint(1, 3), 1, chance.choice(list(PeriodUnit)[2:5]))},
        {"required": True, "escalation": timedelta(hours=1)},
        {"sub_notifications": SUBS},
    ]
    for place, each in enumerate(rules):
        options = {
            channel: replace(OFFERED, default=chance.choice(list(DeliveryOption)))
            if chance.random() < 0.3
            else OFFERED
            for channel in EVERY
        }
        own = {"name": f"type-{place}", "title": f"Type {place}", "channels": EVERY}
        options[Channel.INAPP_WEB] = in_app
        await make_type(rt, environment, **own, options=options, **each)
    return [f"type-{place}" for place in range(len(rules))]


def some_preferences(
    chance: random.Random, kinds: list[str], start: datetime, *, pause: bool
) -> Preferences:
    """Settings of any kind; with a pause that ends within the month when it is asked for."""
    options = list(DeliveryOption)
    cells = {
        kind: {
            sub: {c: chance.choice(options) for c in EVERY if chance.random() < 0.4}
            for sub in ("", *SUBS)
            if chance.random() < 0.6
        }
        for kind in kinds
    }
    days = {day: Span(some_clock(chance), some_clock(chance)) for day in range(7)}
    quiet = {day: span for day, span in days.items() if chance.random() < 0.6}
    return Preferences(
        cells=cells,
        channels={c: False for c in EVERY if chance.random() < 0.1},
        times=DigestTime(some_clock(chance), chance.randrange(7))
        if chance.random() < 0.7
        else None,
        quiet=QuietHours(quiet) if quiet and chance.random() < 0.7 else None,
        paused_until=start + timedelta(days=30 * chance.random()) if pause else None,
        escalation=chance.choice([None, timedelta(), timedelta(hours=chance.randrange(1, 30))]),
        zone=chance.choice([None, *ZONES]),
    )


class Month:
    """People who get the same at the same time, read the same, and want it differently."""

    def __init__(self, rt: Runtime, clock: SetClock, chance: random.Random) -> None:
        self.rt, self.clock, self.chance = rt, clock, chance
        self.sent: list[list[str]] = []

    async def begin(self, *, pause: bool = False) -> None:
        self.environment = await make_environment(self.rt)
        self.start = self.clock.now()
        self.kinds = await make_types(self.rt, self.environment, self.chance)
        drawn = some_preferences(self.chance, self.kinds, self.start, pause=pause)
        self.people: list[User] = []
        for name, chosen in zip(("ada", "bob"), (Preferences(), drawn), strict=True):
            known = KNOWN | {"push_tokens": phones(name)}
            user = await make_user(self.rt, self.environment, name, **known)
            self.people.append(replace(user, preferences=chosen))
        async with self.rt.database.write() as tx:
            await users.save(tx, self.people)

    async def live(self, events: int) -> None:
        """Lets the month pass, workers at work at every moment that something is due."""
        minutes = sorted(self.chance.sample(range(1, 30 * 24 * 60), events))
        for minute in minutes:
            # No event is at the moment at which something is due.
            await self._until(self.start + timedelta(minutes=minute, seconds=7))
            await self._happen()
            await drain(self.rt)
        await self._until(self.start + MONTH)

    async def _until(self, moment: datetime) -> None:
        while True:
            async with self.rt.database.read() as tx:
                due = (await deliveries.first_due(tx)).get(self.environment.id)
            if due is None or due > moment:
                break
            self.clock.at = max(due, self.clock.at)
            await drain(self.rt)
        self.clock.at = moment

    async def _happen(self) -> None:
        happens = self.chance.random()
        if happens < 0.7 or not self.sent:
            await self._send()
        elif happens < 0.95:
            await self._read()
        else:
            await self._cancel()

    async def _send(self) -> None:
        channels = tuple(c for c in EVERY if self.chance.random() < 0.5) or (Channel.EMAIL,)
        schedule = timedelta(hours=72 * self.chance.random()) + timedelta(seconds=1)
        asked: dict[str, Any] = {
            "type_name": self.chance.choice(self.kinds),
            "channels_with_content": channels,
            "content": {c: CONTENT[c] for c in channels if c in CONTENT},
            "in_app": None,
            "parameters": {"order": self.chance.choice("12")},
            "sub_notification_id": self.chance.choice([None, *SUBS]),
            "schedule": self.clock.now() + schedule if self.chance.random() < 0.2 else None,
            "profile": Profile(),
        }
        if Channel.INAPP_WEB in channels:
            asked.pop("in_app")
        # Else whatever has no content is left out for the lack of it.
        if self.chance.random() < 0.5:
            asked["forced_channels"] = channels
        names = [user.external_id for user in self.people]
        self.sent.append([await send(self.rt, self.environment, name, **asked) for name in names])

    async def _read(self) -> None:
        """Everybody reads what stands in one item of the first one's inbox."""
        first = [each[0] for each in self.sent]
        items_of = await self._items(first)
        name = self.chance.choice(first)
        item = items_of.get(name)
        if item is None:
            return
        together = [each for each in self.sent if items_of.get(each[0]) == item]
        act = self.chance.choice([Act.READ, Act.ARCHIVE])
        for place, user in enumerate(self.people):
            known = await self._items([each[place] for each in together])
            if known:
                await inbox.perform(self.rt, user.id, act, set(known.values()))

    async def _items(self, tracking_ids: list[str]) -> dict[str, str]:
        """The inbox item of each notification that stands in one."""
        item = func.coalesce(NOTIFICATIONS.c.part_of, NOTIFICATIONS.c.tracking_id)
        async with self.rt.database.read() as tx:
            shown = await items.states(tx, tracking_ids)
            rows = await tx.execute(
                select(NOTIFICATIONS.c.tracking_id, item).where(
                    NOTIFICATIONS.c.tracking_id.in_(list(shown))
                )
            )
            return {row[0]: row[1] for row in rows}

    async def _cancel(self) -> None:
        """Takes it back from everybody, unless it is too late for the first one already."""
        for name in self.chance.choice(self.sent):
            try:
                await outgoing.cancel(self.rt, self.environment, name)
            except NotFound:
                break

    async def messages(self, place: int) -> dict[str, int]:
        """How many messages a person really got by each channel."""
        user = self.people[place]
        async with self.rt.database.read() as tx:
            shown = await changes.items(tx, {user.id: 0}, 10_000)
            kept = await outbox.captured(tx, self.environment.id, 100_000)
            of = {d.id: d for d in await deliveries.get_many(tx, [c.delivery_id for c in kept])}
        mine = Counter(c.channel for c in kept if of[c.delivery_id].user_id == user.id)
        mine[Channel.INAPP_WEB] = len(shown)
        return {channel.value: mine[channel] for channel in Channel}

    async def told(self, place: int) -> dict[str, datetime]:
        """When a person was first told of each by another channel than the inbox."""
        async with self.rt.database.read() as tx:
            kept = await outbox.captured(tx, self.environment.id, 100_000)
            at = {each.delivery_id: each.at for each in kept}
            told: dict[str, datetime] = {}
            for name in (each[place] for each in self.sent):
                mine = await deliveries.of_notification(tx, name)
                carried = [d for d in mine if d.status == "sent"]
                moments = [at[k] for d in carried for k in (d.id, d.digest_id) if k in at]
                if moments:
                    told[name] = min(moments)
        return told


async def check(month: Month, events: int) -> None:
    """Effects that were foretold are those that happened, to each by everybody's settings."""
    await month.live(events)
    ada, bob = month.people
    real = [await month.messages(0), await month.messages(1)]
    seen = await effect.effect(month.rt, ada, bob.preferences)
    assert [seen.now, seen.then] == real
    own = await effect.effect(month.rt, bob, bob.preferences)
    assert [own.now, own.then] == [real[1], real[1]]
    assert own.later == []


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
async def test_the_effect_that_is_foretold_is_the_one_that_happens(
    runtime: Runtime, clock: SetClock, seed: int
):
    month = Month(runtime, clock, random.Random(seed))
    await month.begin()
    await check(month, 30)


@pytest.mark.matrix
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(40))
async def test_the_effect_of_a_busy_month_is_foretold_exactly(
    runtime: Runtime, clock: SetClock, seed: int
):
    month = Month(runtime, clock, random.Random(seed))
    await month.begin()
    await check(month, 250)


async def check_told(month: Month, events: int) -> None:
    """What is replayed happens at the very moments at which it really did, pauses and all."""
    await month.live(events)
    bob = month.people[1]
    async with month.rt.database.read() as tx:
        read = await effect.look_up(tx, month.environment, bob, month.start)
    past, now = effect.traffic(read), month.clock.now()
    found = await asyncio.to_thread(replay.replayed, past, bob, now)
    assert {c.value: found.messages[c] for c in Channel} == await month.messages(1)
    assert found.told == await month.told(1)


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
async def test_a_replay_tells_everything_when_it_was_told(
    runtime: Runtime, clock: SetClock, seed: int
):
    month = Month(runtime, clock, random.Random(seed))
    await month.begin(pause=seed % 2 == 0)
    await check_told(month, 30)


@pytest.mark.matrix
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(40))
async def test_a_replay_of_a_busy_month_tells_everything_when_it_was_told(
    runtime: Runtime, clock: SetClock, seed: int
):
    month = Month(runtime, clock, random.Random(seed))
    await month.begin(pause=seed % 2 == 0)
    await check_told(month, 250)


async def longest_turn(work: Awaitable[object]) -> tuple[float, float]:
    """The longest time that others could not have a turn while a work was done, and the whole.

    In seconds of computing: what other processes take from this one does not count.
    """
    # Going through all that other tests have left takes long, whenever it comes.
    gc.disable()
    begun, doing = process_time(), asyncio.ensure_future(work)
    longest, before = 0.0, thread_time()
    while not doing.done():
        await asyncio.sleep(0)
        now = thread_time()
        longest, before = max(longest, now - before), now
    gc.enable()
    await doing
    return longest, process_time() - begun


async def test_others_are_served_while_the_effect_is_computed(
    runtime: Runtime, environment: Environment
):
    """The loop's own thread does a small part of it at a time."""
    both = (Channel.INAPP_WEB, Channel.EMAIL)
    await make_type(runtime, environment, channels=both)
    user = await make_user(runtime, environment, "ada", email="ada@acme.example")
    content = {Channel.EMAIL: CONTENT[Channel.EMAIL]}
    sends = (
        send(runtime, environment, channels_with_content=both, content=content)
        for _ in range(1_500)
    )
    await asyncio.gather(*sends)
    wanted = Preferences(channels={Channel.EMAIL: False})
    longest, whole = await longest_turn(effect.effect(runtime, user, wanted))
    assert longest < whole / 2
