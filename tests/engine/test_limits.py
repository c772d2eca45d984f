"""Limits of an integration: never over the rate, never more at a time, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.engine.limits import LATE, SECOND, Concurrency, Limiter, LocalLimiter
from inbox_app.engine.redis_limiter import RedisLimiter
from inbox_app.lib import ids
from tests.clock import SetClock
from tests.servers import RedisServer, redis_server

MAIL = "mail"
rates = st.floats(0.001, 5_000)
pauses = st.lists(st.floats(0, 3), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(params=["local", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[Limiter]:
    if request.param == "local":
        yield LocalLimiter()
        return
    server: RedisServer = request.getfixturevalue("redis")
    limiter = RedisLimiter(server.url)
    # Tests share the server; each begins with no call counted.
    await limiter._redis.flushall()  # pyright: ignore
    yield limiter
    await limiter.close()


async def go(limiter: Limiter, clock: SetClock, rate: float, *, key: str = MAIL) -> int:
    """How many calls may go at once now; one more then waits."""
    count = 0
    while not await limiter.wait(key, rate, clock.now(), newcomer()):
        count += 1
    return count


def newcomer() -> str:
    return str(ids.row_id())


@given(rates, pauses)
async def test_no_window_holds_more_than_its_rate_and_one_burst(rate: float, pauses: list[float]):
    limiter, clock = LocalLimiter(), SetClock()
    went: list[datetime] = []
    waiting: list[str] = []
    for pause in pauses:
        clock.advance(seconds=pause)
        # More asking would show nothing new, and thousands may go at once.
        asking, waiting = [*waiting, *(newcomer() for _ in range(5))], []
        for who in asking:
            if await limiter.wait(MAIL, rate, clock.now(), who):
                waiting.append(who)
            else:
                went.append(clock.now())
    late = LATE / SECOND
    for first, start in enumerate(went):
        for last in range(first, len(went)):
            window = (went[last] - start).total_seconds()
            assert last - first + 1 <= rate * (window + late) + max(1, rate) + 1e-6


@given(st.floats(0.1, 5_000), st.integers(1, 60), st.floats(0, 0.001))
async def test_whoever_waits_as_told_may_go_and_all_wait_for_times_of_their_own(
    rate: float, count: int, late: float
):
    limiter, clock = LocalLimiter(), SetClock()
    start = clock.at
    waits = {who: await limiter.wait(MAIL, rate, start, who) for who in map(str, range(count))}
    places = [wait for wait in waits.values() if wait]
    assert len(set(places)) == len(places)
    assert max(waits.values()) <= count / rate + 1e-3
    for who, wait in waits.items():
        if wait:
            clock.at = start + timedelta(microseconds=round(wait * SECOND), seconds=late)
            assert await limiter.wait(MAIL, rate, clock.now(), who) == 0


async def test_those_who_wait_keep_their_places_before_newcomers(limiter: Limiter):
    clock = SetClock()
    waits = [await limiter.wait(MAIL, 1, clock.now(), who) for who in "abc"]
    assert waits == [0, 1, 2]
    assert await limiter.wait(MAIL, 1, clock.now(), "c") == 2, "asked too early"
    clock.advance(seconds=1)
    assert await limiter.wait(MAIL, 1, clock.now(), "late") == 2
    assert await limiter.wait(MAIL, 1, clock.now(), "b") == 0
    clock.advance(seconds=1)
    assert await limiter.wait(MAIL, 1, clock.now(), "c") == 0


async def test_places_that_were_all_missed_are_not_taken_at_once(limiter: Limiter):
    clock = SetClock()
    everybody = [str(number) for number in range(10)]
    for who in everybody:
        await limiter.wait(MAIL, 1, clock.now(), who)
    clock.advance(minutes=5)
    waits = [await limiter.wait(MAIL, 1, clock.now(), who) for who in everybody]
    assert waits == list(range(10))


async def test_places_are_given_for_ten_minutes_and_later_ones_must_ask_again(limiter: Limiter):
    clock = SetClock()
    waits = [await limiter.wait(MAIL, 0.01, clock.now(), who) for who in "abcdefghij"]
    assert waits == [0, 100, 200, 300, 400, 500, *[600] * 4]
    clock.advance(minutes=10)
    again = [await limiter.wait(MAIL, 0.01, clock.now(), who) for who in "ghij"]
    assert again == [0, 100, 200, 300]


async def test_who_never_comes_is_forgotten():
    limiter, clock = LocalLimiter(), SetClock()
    for _ in range(100):
        await go(limiter, clock, 10)
        clock.advance(seconds=5)
    line = limiter._lines[MAIL]  # pyright: ignore[reportPrivateUsage]
    assert len(line.places) <= 2


async def test_after_a_pause_a_second_s_worth_goes_at_once_and_then_one_by_one(limiter: Limiter):
    clock = SetClock()
    for _ in range(2):
        waits = [await limiter.wait(MAIL, 10, clock.now(), newcomer()) for _ in range(12)]
        assert waits == [0] * 10 + [pytest.approx(0.1), pytest.approx(0.2)]
        clock.advance(seconds=100)


async def test_a_slow_rate_lets_one_go_at_a_time(limiter: Limiter):
    clock = SetClock()
    waits = [await limiter.wait(MAIL, 0.1, clock.now(), newcomer()) for _ in range(3)]
    assert waits == [0, 10, 20]


async def test_each_key_has_its_own_limit(limiter: Limiter):
    clock = SetClock()
    assert await go(limiter, clock, 1, key="one") == 1
    assert await go(limiter, clock, 1, key="other") == 1


async def test_a_rate_that_was_raised_takes_effect_at_once(limiter: Limiter):
    clock = SetClock()
    assert await go(limiter, clock, 0.01) == 1
    assert await limiter.wait(MAIL, 100, clock.now(), newcomer()) <= 0.01


async def test_a_clock_that_was_ahead_holds_nobody_up(limiter: Limiter):
    clock = SetClock()
    clock.advance(hours=1)
    assert await go(limiter, clock, 1) == 1
    clock.advance(hours=-1)
    assert await limiter.wait(MAIL, 1, clock.now(), newcomer()) <= 1


async def test_processes_share_a_limit_exactly(redis: RedisServer):
    clock = SetClock()
    limiters = [RedisLimiter(redis.url) for _ in range(3)]
    asked = [limiter.wait("shared", 50, clock.now(), newcomer()) for limiter in limiters * 40]
    assert (await asyncio.gather(*asked)).count(0) == 50
    for limiter in limiters:
        await limiter.close()


@pytest.mark.parametrize("trouble", ["stop", "pause"])
async def test_without_redis_a_process_keeps_the_limit_by_itself(
    trouble: str, caplog: pytest.LogCaptureFixture
):
    clock = SetClock()
    with redis_server() as server:
        limiter = RedisLimiter(server.url)
        await limiter.wait(MAIL, 10, clock.now(), newcomer())
        getattr(server, trouble)()
        assert await go(limiter, clock, 10) == 10
        await limiter.close()
    assert "Redis does not answer" in caplog.text


class Room:
    """Counts who is inside."""

    def __init__(self) -> None:
        self.slots = Concurrency()
        self.order: list[int] = []
        self.leave: dict[int, asyncio.Event] = {}

    def come(self, who: int, most: int, key: int = 1) -> asyncio.Task[None]:
        self.leave[who] = asyncio.Event()
        return asyncio.create_task(self._stay(who, most, key))

    async def _stay(self, who: int, most: int, key: int) -> None:
        async with self.slots.slot(key, most):
            self.order.append(who)
            await self.leave[who].wait()


async def settle() -> None:
    """Gives every task its turns."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_places_go_to_those_who_came_first():
    room = Room()
    tasks = [room.come(who, 2) for who in range(5)]
    await settle()
    assert room.order == [0, 1]
    room.leave[1].set()
    await settle()
    assert room.order == [0, 1, 2]
    # A newcomer does not pass those who wait.
    tasks.append(room.come(5, 2))
    for event in room.leave.values():
        event.set()
    await asyncio.gather(*tasks)
    assert room.order == [0, 1, 2, 3, 4, 5]


async def test_each_integration_has_its_own_places():
    room = Room()
    tasks = [room.come(0, 1, key=1), room.come(1, 1, key=2)]
    await settle()
    assert room.order == [0, 1]
    for event in room.leave.values():
        event.set()
    await asyncio.gather(*tasks)


async def test_a_bound_that_grows_lets_the_waiting_in():
    room = Room()
    tasks = [room.come(who, 1) for who in range(3)]
    await settle()
    assert room.order == [0]
    tasks.append(room.come(3, 3))
    await settle()
    assert room.order == [0, 1, 2]
    for event in room.leave.values():
        event.set()
    await asyncio.gather(*tasks)


async def test_a_bound_that_shrinks_puts_nobody_out_and_lets_fewer_in():
    room = Room()
    tasks = [room.come(who, 3) for who in range(3)]
    await settle()
    tasks.append(room.come(3, 1))
    room.leave[0].set()
    room.leave[1].set()
    await settle()
    assert room.order == [0, 1, 2]
    room.leave[2].set()
    await settle()
    assert room.order == [0, 1, 2, 3]
    room.leave[3].set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("turns", range(6))
async def test_whoever_goes_away_takes_no_place(turns: int):
    room = Room()
    inside, leaving, last = (room.come(who, 1) for who in range(3))
    await settle()
    room.leave[0].set()
    # Still waiting, let in but not aware of it yet, or inside: the next one gets the place.
    for _ in range(turns):
        await asyncio.sleep(0)
    leaving.cancel()
    await settle()
    assert room.order[-1] == 2
    room.leave[2].set()
    await asyncio.gather(inside, last)
    gates = room.slots._gates  # pyright: ignore[reportPrivateUsage]
    assert not gates, "nothing is kept of those who have gone"


async def test_a_call_that_fails_gives_its_place_back():
    slots = Concurrency()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            async with slots.slot(1, 1):
                raise RuntimeError
