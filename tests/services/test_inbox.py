"""The inbox: counters never drift, changes are told exactly, pages miss nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.act import Act, change_of
from inbox_app.domain.changes import MOST_CHANGES
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import Counters, ItemState, Mark, StateChange
from inbox_app.domain.notification import Action, InAppContent, InboxItem
from inbox_app.domain.user import User
from inbox_app.pipeline import waking
from inbox_app.runtime import Runtime
from inbox_app.services import inbox, users
from inbox_app.services.inbox import NewReply
from inbox_app.services.inbox.replying import LONGEST_REPLY
from inbox_app.storage import inbox as stored
from inbox_app.storage import replies as threads
from inbox_app.storage.item_rows import ITEMS
from tests.clock import START, SetClock
from tests.factories import make_environment, make_user, send

BUTTONS = InAppContent("Approve?", url="/go", actions=(Action("Yes", "/yes"), Action("No")))
FILED = {Box.ARCHIVED: Act.ARCHIVE, Box.SAVED: Act.SAVE, Box.SNOOZED: Act.SNOOZE}
LONG_AGO = START - timedelta(days=30)


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada", properties={"name": "Ada Diaz"})


async def items(rt: Runtime, user: User) -> list[InboxItem]:
    async with rt.database.read() as tx:
        return await stored.page(tx, user.id, Box.EVERYTHING, None, 1_000)


async def state_of(rt: Runtime, user: User, tracking_id: str) -> ItemState:
    return next(i.state for i in await items(rt, user) if i.tracking_id == tracking_id)


async def counted(rt: Runtime, user: User) -> Counters:
    """The counters as COUNT(*) tells them."""
    archived, opened, snoozed = ITEMS.c.archived, ITEMS.c.opened, ITEMS.c.snoozed
    boxes = {
        "active": [archived.is_(None), snoozed.is_(None)],
        "unread": [archived.is_(None), snoozed.is_(None), opened.is_(None)],
        "unseen": [ITEMS.c.seen.is_(None)],
        "archived": [archived.is_not(None)],
        "saved": [ITEMS.c.saved.is_not(None)],
        "snoozed": [archived.is_(None), snoozed.is_not(None)],
    }
    async with rt.database.read() as tx:
        found = {
            name: await tx.scalar(
                select(func.count()).select_from(ITEMS).where(ITEMS.c.user_id == user.id, *box)
            )
            for name, box in boxes.items()
        }
    return Counters(**{name: count or 0 for name, count in found.items()})


async def read_all(rt: Runtime, user: User) -> inbox.Progress:
    unread = InboxFilter(Box.UNREAD)
    return [each async for each in inbox.perform_all(rt, user.id, Act.READ, unread)][-1]


# Any sequence of what people and devices do


Step = tuple[str, int, int]
"""Name of a step, which items it is about (a bit each), and a time in minutes."""

SEND: Step = ("send", 1, 0)
STEPS = (
    *("send", "report", "see", "see_all", "see_type", "read", "unread", "read_all", "undo"),
    *("archive", "restore", "reply", "answer", "act", "follow"),
    *("save", "unsave", "snooze", "unsnooze", "wake"),
)
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 255), st.integers(0, 60)), max_size=14
)


class Life:
    """One person's inbox and all that may happen to it."""

    def __init__(self, rt: Runtime, environment: Environment, user: User) -> None:
        self.rt, self.environment, self.user = rt, environment, user
        self.sent: list[str] = []
        self.undoable = ""

    async def step(self, name: str, bits: int, minute: int) -> None:
        chosen = [each for n, each in enumerate(self.sent) if bits >> n & 1]
        at = START + timedelta(minutes=minute)
        rt, user_id = self.rt, self.user.id
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "send": lambda: self._send(bits),
            "report": lambda: self._report(chosen, at, bits),
            "read_all": self._read_all,
            "undo": self._undo,
            "see": lambda: inbox.see(rt, user_id, [*chosen, "gone"]),
            "see_all": lambda: inbox.see_all(rt, user_id),
            "see_type": lambda: inbox.see_all(rt, user_id, f"kind{bits % 2}"),
            "read": lambda: inbox.perform(rt, user_id, Act.READ, chosen),
            "unread": lambda: inbox.perform(rt, user_id, Act.UNREAD, chosen),
            "archive": lambda: inbox.perform(rt, user_id, Act.ARCHIVE, chosen),
            "restore": lambda: inbox.perform(rt, user_id, Act.RESTORE, chosen),
            "reply": lambda: self._reply(chosen, NewReply(f"reply {bits}", at)),
            "answer": lambda: self._reply(chosen, NewReply("answer", at, "Acme")),
            "act": lambda: self._one(chosen, lambda each: inbox.act(rt, user_id, each, 2)),
            "save": lambda: self._act(chosen, Act.SAVE),
            "unsave": lambda: self._act(chosen, Act.UNSAVE),
            "snooze": lambda: self._act(chosen, Act.SNOOZE),
            "unsnooze": lambda: self._act(chosen, Act.UNSNOOZE),
            "wake": self._wake,
            "follow": lambda: self._one(chosen, lambda each: inbox.follow(rt, user_id, each)),
        }
        await ways[name]()

    async def _send(self, bits: int) -> None:
        if len(self.sent) < 8:
            kind = f"kind{bits % 2}"
            user_id = self.user.external_id
            self.sent.append(
                await send(self.rt, self.environment, user_id, in_app=BUTTONS, type_name=kind)
            )

    async def _report(self, chosen: list[str], at: datetime, bits: int) -> None:
        marks = list(Mark)
        change = StateChange({marks[bits % 7]: at, marks[bits % 4]: at})
        await inbox.report(self.rt, self.user.id, chosen, change)

    async def _act(self, chosen: list[str], act: Act) -> None:
        now = self.rt.clock.now()
        change = change_of(act, now, now + timedelta(minutes=10))
        await inbox.report(self.rt, self.user.id, chosen, change)

    async def _wake(self) -> None:
        cast("SetClock", self.rt.clock).advance(minutes=11)
        await waking.wake(self.rt)

    async def _read_all(self) -> None:
        self.undoable = (await read_all(self.rt, self.user)).undo

    async def _undo(self) -> None:
        # It may have been taken back already, or its time is over.
        with suppress(NotFound):
            await inbox.undo(self.rt, self.user.id, self.undoable)

    async def _reply(self, chosen: list[str], new: NewReply) -> None:
        await inbox.report(self.rt, self.user.id, chosen, StateChange(), [new])

    async def _one(self, chosen: list[str], what: Callable[[str], Awaitable[object]]) -> None:
        if chosen:
            await what(chosen[0])


async def live(life: Life, given: Iterable[Step]) -> None:
    """Takes the steps and checks after each that counters and changes are exact."""
    rt, user = life.rt, life.user
    before, known = await inbox.state(rt, user.id), dict[str, InboxItem]()
    for step in given:
        await life.step(*step)
        now, told = await inbox.changed_items(rt, user.id, before.change)
        found = {i.tracking_id: i for i in await items(rt, user)}
        moved = {key for key, item in found.items() if item != known.get(key)}
        assert now.counters == await counted(rt, user)
        assert {i.tracking_id for i in told or ()} == moved
        assert (now.change > before.change) == bool(moved)
        assert all(found[key].change > before.change for key in moved)
        assert max((i.change for i in found.values()), default=0) == now.change
        before, known = now, found


@settings(max_examples=15)
@given(steps)
async def test_whatever_happens_counters_and_changes_are_exact(
    runtime: Runtime, environment: Environment, given: list[Step]
):
    life = Life(runtime, environment, await make_user(runtime, environment))
    await live(life, [SEND, *given])


@pytest.mark.parametrize("seed", range(4))
async def test_in_a_long_life_counters_and_changes_stay_exact(
    runtime: Runtime, environment: Environment, seed: int
):
    chance = random.Random(seed)
    life = Life(runtime, environment, await make_user(runtime, environment))
    walk = [(chance.choice(STEPS), chance.randrange(256), chance.randrange(61)) for _ in range(60)]
    await live(life, [SEND, SEND, SEND, *walk])


@settings(max_examples=15)
@given(steps, st.integers(0, 3))
async def test_who_was_away_is_told_everything_that_changed_since(
    runtime: Runtime, environment: Environment, given: list[Step], left_after: int
):
    user = await make_user(runtime, environment)
    life = Life(runtime, environment, user)
    for step in [SEND, SEND, *given[:left_after]]:
        await life.step(*step)
    mirror = {i.tracking_id: i for i in await items(runtime, user)}
    left_at = (await inbox.state(runtime, user.id)).change
    for step in given[left_after:]:
        await life.step(*step)
    now, told = await inbox.changed_items(runtime, user.id, left_at)
    mirror |= {i.tracking_id: i for i in told or ()}
    assert mirror == {i.tracking_id: i for i in await items(runtime, user)}
    assert now == await inbox.state(runtime, user.id)


async def test_counters_hold_while_everybody_writes_at_once(
    runtime: Runtime, environment: Environment, ada: User, settings: Settings, clock: SetClock
):
    first = [await send(runtime, environment) for _ in range(3)]
    saved = await inbox.perform(runtime, ada.id, Act.SAVE, first)
    async with open_runtime(settings, clock) as other:
        await asyncio.gather(
            *(send(runtime, environment) for _ in range(10)),
            *(send(other, environment) for _ in range(10)),
            *(inbox.see_all(rt, ada.id) for rt in (runtime, other) for _ in range(3)),
            *(read_all(rt, ada) for rt in (runtime, other)),
            *(inbox.perform(other, ada.id, Act.ARCHIVE, [each]) for each in first),
            *(inbox.perform(runtime, ada.id, Act.UNREAD, [each]) for each in first),
            inbox.undo(other, ada.id, saved.undo),
        )
    assert (await inbox.state(runtime, ada.id)).counters == await counted(runtime, ada)
    assert len(await items(runtime, ada)) == 23


async def test_the_first_item_and_see_all_at_once_leave_no_change_untold(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    async with open_runtime(settings, clock) as other:
        for _ in range(8):
            user = await make_user(runtime, environment)
            await asyncio.gather(
                send(other, environment, user.external_id),
                *(inbox.see_all(runtime, user.id) for _ in range(3)),
            )
            now = await inbox.state(runtime, user.id)
            (item,) = await items(runtime, user)
            assert item.change == now.change
            assert now.counters == await counted(runtime, user)


# Pages


async def walked(rt: Runtime, user: User, box: Box, limit: int) -> list[str]:
    """The ids of every page, one after the other."""
    found: list[str] = []
    before = ""
    while True:
        page = await inbox.page(rt, user.id, box, before, limit)
        found += [row.id for row in page.rows]
        assert len(page.rows) <= limit
        assert len(found) == len(set(found))
        before = page.next
        if not before:
            return found


async def scattered(rt: Runtime, environment: Environment, user: User, moments: list[int]) -> None:
    """Items of which many have one and the same date, some read, some archived."""
    for n, minute in enumerate(moments):
        at = START + timedelta(minutes=minute)
        sent = await send(rt, environment, user.external_id, accepted_at=at)
        if n % 3 == 0:
            await inbox.perform(rt, user.id, Act.READ, [sent])
        if n % 4 == 0:
            await inbox.perform(rt, user.id, Act.ARCHIVE, [sent])
        elif n % 5 == 0:
            until = rt.clock.now() + timedelta(days=1)
            change = change_of(Act.SNOOZE, rt.clock.now(), until)
            await inbox.report(rt, user.id, [sent], change)
        if n % 2 == 0:
            await inbox.report(rt, user.id, [sent], change_of(Act.SAVE, rt.clock.now()))


def belongs(item: InboxItem, box: Box) -> bool:
    archived, snoozed = item.state.archived is not None, item.state.snoozed is not None
    return {
        Box.ALL: not archived and not snoozed,
        Box.UNREAD: not archived and not snoozed and item.state.unread,
        Box.SAVED: item.state.saved is not None,
        Box.SNOOZED: not archived and snoozed,
        Box.ARCHIVED: archived,
        Box.EVERYTHING: True,
    }[box]


@settings(max_examples=10)
@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 5))
async def test_pages_joined_are_the_list(
    runtime: Runtime, environment: Environment, moments: list[int], limit: int
):
    user = await make_user(runtime, environment)
    await scattered(runtime, environment, user, moments)
    everything = sorted(
        await items(runtime, user), key=lambda i: (i.at, i.tracking_id), reverse=True
    )
    for box in Box:
        expected = [item.tracking_id for item in everything if belongs(item, box)]
        assert await walked(runtime, user, box, limit) == expected


@pytest.mark.parametrize("box", Box)
async def test_pages_miss_and_repeat_nothing_while_items_arrive(
    runtime: Runtime, environment: Environment, ada: User, box: Box
):
    await scattered(runtime, environment, ada, [n // 3 for n in range(18)])
    expected = [item.tracking_id for item in await items(runtime, ada) if belongs(item, box)]
    found: list[str] = []
    before, place = "", 0
    while True:
        page = await inbox.page(runtime, ada.id, box, before, 2)
        found += [row.id for row in page.rows]
        # Newer than everything, and at a moment that was listed already.
        for minute in (100 + place, 5):
            at = START + timedelta(minutes=minute, microseconds=1 + place)
            sent = await send(runtime, environment, accepted_at=at)
            if box in FILED:
                change = change_of(FILED[box], START, START + timedelta(days=1))
                await inbox.report(runtime, ada.id, [sent], change)
        before, place = page.next, place + 1
        if not before:
            break
    assert [each for each in found if each in expected] == expected
    assert len(found) == len(set(found))


async def test_a_page_tells_the_counts_of_its_moment(
    runtime: Runtime, environment: Environment, ada: User
):
    first, second = [await send(runtime, environment) for _ in range(2)]
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [first])
    page = await inbox.page(runtime, ada.id, Box.ALL)
    assert [row.id for row in page.rows] == [second]
    assert (page.counts.all, page.counts.unread, page.counts.archived) == (1, 1, 1)
    assert page.change == (await inbox.state(runtime, ada.id)).change


async def test_an_empty_inbox_has_one_empty_page(runtime: Runtime, ada: User):
    page = await inbox.page(runtime, ada.id, Box.ALL)
    assert (page.rows, page.next, page.change) == ([], "", 0)


async def test_a_cursor_that_was_not_given_out_is_refused(runtime: Runtime, ada: User):
    with pytest.raises(InvalidInput):
        await inbox.page(runtime, ada.id, Box.ALL, "nonsense")


@pytest.mark.parametrize("count", [-5, 0, 1, 10**9])
async def test_a_list_is_never_longer_than_the_largest_page(
    runtime: Runtime, environment: Environment, ada: User, count: int
):
    for _ in range(2):
        await send(runtime, environment)
    found = await inbox.entries(runtime, ada.id, None, count)
    assert len(found) == (2 if count > 2 else 1)


async def test_a_date_as_cursor_leads_to_what_is_older(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    old = await send(runtime, environment)
    at = clock.advance(minutes=1)
    await send(runtime, environment)
    found = await inbox.entries(runtime, ada.id, Cursor(at), 10)
    assert [entry.item.tracking_id for entry in found] == [old]


# Changes


async def test_too_many_changes_ask_for_a_reload(
    runtime: Runtime, environment: Environment, ada: User
):
    await asyncio.gather(*(send(runtime, environment) for _ in range(MOST_CHANGES)))
    assert not (await inbox.changes_since(runtime, ada.id, 0)).reload
    await send(runtime, environment)
    told = await inbox.changes_since(runtime, ada.id, 0)
    assert (told.reload, told.rows, told.change) == (True, [], MOST_CHANGES + 1)


async def test_a_number_from_the_future_asks_for_a_reload(
    runtime: Runtime, environment: Environment, ada: User
):
    await send(runtime, environment)
    assert (await inbox.changes_since(runtime, ada.id, 99)).reload


async def test_who_is_up_to_date_is_told_nothing(
    runtime: Runtime, environment: Environment, ada: User
):
    await send(runtime, environment)
    told = await inbox.changes_since(runtime, ada.id, 1)
    assert (told.reload, told.rows, told.counts.unread) == (False, [], 1)


# States


async def test_the_first_time_stays_whatever_comes_later(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.READ, [item])
    first = clock.now()
    clock.advance(hours=1)
    assert (await inbox.perform(runtime, ada.id, Act.READ, [item])).change == 2
    assert (await state_of(runtime, ada, item)).opened == first


async def test_a_late_report_of_an_earlier_time_moves_a_state_back_in_time(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.READ, [item])
    await inbox.report(runtime, ada.id, [item], StateChange({Mark.OPENED: LONG_AGO}))
    assert (await state_of(runtime, ada, item)).opened == LONG_AGO


async def test_only_the_person_takes_a_state_back(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.READ, [item])
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item])
    await inbox.perform(runtime, ada.id, Act.UNREAD, [item])
    await inbox.perform(runtime, ada.id, Act.RESTORE, [item])
    state = await state_of(runtime, ada, item)
    assert (state.opened, state.archived, state.seen) == (None, None, runtime.clock.now())


async def test_a_report_on_several_items_is_applied_to_all_or_none(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    before = await items(runtime, ada)
    with pytest.raises(NotFound):
        await inbox.perform(runtime, ada.id, Act.READ, [item, "unknown"])
    assert await items(runtime, ada) == before


async def test_seeing_passes_over_what_is_gone(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.see(runtime, ada.id, [item, "unknown"])
    assert (await state_of(runtime, ada, item)).seen is not None


async def test_a_report_that_moves_nothing_is_not_told(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.READ, [item])
    with runtime.hub.subscribe(ada.id) as reader:
        await inbox.perform(runtime, ada.id, Act.READ, [item])
        assert await reader.wait(0) is None


async def test_acting_tells_the_readers(runtime: Runtime, environment: Environment, ada: User):
    item = await send(runtime, environment)
    with runtime.hub.subscribe(ada.id) as reader:
        for number, act in enumerate(
            (
                lambda: inbox.see_all(runtime, ada.id),
                lambda: inbox.perform(runtime, ada.id, Act.READ, [item]),
                lambda: inbox.perform(runtime, ada.id, Act.UNREAD, [item]),
                lambda: inbox.reply(runtime, ada.id, item, "Thanks"),
            ),
            start=2,
        ):
            await act()
            news = await reader.wait(5)
            assert news is not None
            assert news.change == number


# Everything at once


async def test_all_of_one_type_can_be_seen(runtime: Runtime, environment: Environment, ada: User):
    one = await send(runtime, environment, type_name="one")
    two = await send(runtime, environment, type_name="two")
    assert await inbox.see_all(runtime, ada.id, "one") == 1
    assert await inbox.see_all(runtime, ada.id, "unknown") == 0
    assert (await state_of(runtime, ada, one)).seen is not None
    assert (await state_of(runtime, ada, two)).seen is None


# Replies


async def test_a_reply_is_in_the_thread_under_the_persons_name(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    clock.advance(minutes=1)
    await inbox.reply(runtime, ada.id, item, "  Thanks  ")
    view = await inbox.open_item(runtime, ada.id, item)
    assert [(r.author, r.message, r.mine) for r in view.thread] == [("Ada Diaz", "Thanks", True)]
    assert view.row.replies == 1
    assert not view.row.unread


async def test_a_repeated_report_of_a_reply_adds_nothing(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    told = NewReply("Thanks", START), NewReply("Thanks", START + timedelta(seconds=1))
    for replies in (told[:1], told, told[1:], (told[1], told[1])):
        await inbox.report(runtime, ada.id, [item], StateChange(), replies)
    (entry,) = await inbox.entries(runtime, ada.id, None, 10)
    assert [reply.at for reply in entry.thread] == [new.at for new in told]
    assert entry.item.replies == 2


async def test_an_item_is_opened_when_its_owner_first_replied(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    replies = [NewReply("b", START + timedelta(hours=2)), NewReply("a", START + timedelta(hours=1))]
    opened = StateChange({Mark.OPENED: START + timedelta(hours=3)})
    await inbox.report(runtime, ada.id, [item], opened, replies)
    assert (await state_of(runtime, ada, item)).opened == START + timedelta(hours=1)


async def test_a_reply_of_the_sender_leaves_the_item_unread(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    new = NewReply("We are on it.", START, "Acme")
    await inbox.report(runtime, ada.id, [item], StateChange(), [new])
    (entry,) = await inbox.entries(runtime, ada.id, None, 10)
    assert entry.item.state == ItemState()
    assert [(r.author, r.from_user) for r in entry.thread] == [("Acme", False)]


@pytest.mark.parametrize("message", ["", "  \n", "x" * (LONGEST_REPLY + 1)])
async def test_a_reply_that_says_nothing_or_too_much_is_refused(
    runtime: Runtime, environment: Environment, ada: User, message: str
):
    item = await send(runtime, environment)
    with pytest.raises(InvalidInput):
        await inbox.reply(runtime, ada.id, item, message)
    assert (await items(runtime, ada))[0].replies == 0


# Links and buttons


@pytest.mark.parametrize(
    ("number", "url", "mark"),
    [(0, "/go", Mark.CLICKED), (1, "/yes", Mark.ACTIONED1)],
)
async def test_following_a_link_is_recorded_on_the_way(
    runtime: Runtime, environment: Environment, ada: User, number: int, url: str, mark: Mark
):
    item = await send(runtime, environment, in_app=BUTTONS)
    assert await inbox.follow(runtime, ada.id, item, number) == url
    state = await state_of(runtime, ada, item)
    assert getattr(state, mark) == state.opened == state.seen == runtime.clock.now()


@pytest.mark.parametrize("number", [2, 3, -1, 10**20])
async def test_a_button_that_leads_nowhere_is_not_followed(
    runtime: Runtime, environment: Environment, ada: User, number: int
):
    item = await send(runtime, environment, in_app=BUTTONS)
    with pytest.raises(NotFound):
        await inbox.follow(runtime, ada.id, item, number)
    assert await state_of(runtime, ada, item) == ItemState()


async def test_a_button_the_item_does_not_have_cannot_be_chosen(
    runtime: Runtime, environment: Environment, ada: User
):
    one = InAppContent("Approve?", actions=(Action("Yes"),))
    item = await send(runtime, environment, in_app=one)
    await inbox.act(runtime, ada.id, item, 1)
    for number in (0, 2, 3):
        with pytest.raises(NotFound):
            await inbox.act(runtime, ada.id, item, number)


# Whose inbox it is


def everything_one_can_do(rt: Runtime, user_id: int, item: str) -> list[Awaitable[object]]:
    return [
        inbox.open_item(rt, user_id, item),
        inbox.perform(rt, user_id, Act.READ, [item]),
        inbox.perform(rt, user_id, Act.UNREAD, [item]),
        inbox.perform(rt, user_id, Act.ARCHIVE, [item]),
        inbox.perform(rt, user_id, Act.RESTORE, [item]),
        inbox.act(rt, user_id, item, 1),
        inbox.follow(rt, user_id, item),
        inbox.reply(rt, user_id, item, "mine now"),
        inbox.report(rt, user_id, [item], StateChange()),
    ]


async def test_nobody_reaches_anothers_item(runtime: Runtime, environment: Environment, ada: User):
    other = await make_environment(runtime, "Other")
    item = await send(runtime, environment, in_app=BUTTONS)
    before = await items(runtime, ada)
    for stranger in (
        await make_user(runtime, environment, "ben"),
        await make_user(runtime, other, "ada"),
    ):
        for attempt in everything_one_can_do(runtime, stranger.id, item):
            with pytest.raises(NotFound):
                await attempt
        await inbox.see(runtime, stranger.id, [item])
        await inbox.see_all(runtime, stranger.id)
        await read_all(runtime, stranger)
        assert (await inbox.page(runtime, stranger.id, Box.EVERYTHING)).rows == []
    assert await items(runtime, ada) == before


async def test_an_open_item_tells_why_it_came(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    why = (await inbox.open_item(runtime, ada.id, item)).about
    assert why.type == "order_shipped"
    assert [(each.channel, each.fate) for each in why.channels] == [("INAPP_WEB", "shown")]


async def test_a_deleted_user_leaves_nothing_behind(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.reply(runtime, ada.id, item, "Thanks")
    await users.remove(runtime, environment, "ada")
    assert await items(runtime, ada) == []
    assert await inbox.state(runtime, ada.id) == await inbox.state(runtime, 0)
    async with runtime.database.read() as tx:
        assert await threads.of_items(tx, [item]) == []
