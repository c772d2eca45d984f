"""Acts that can be undone: exactly, once, in time, and never over what came later."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound, Refused
from inbox_app.domain.feed import Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import housekeeping, inbox, preferences
from inbox_app.services.inbox import Asked, acts
from inbox_app.storage import handled, undos
from inbox_app.storage.search import DOCUMENTS
from inbox_app.storage.undos import STEPS
from tests.clock import SetClock
from tests.factories import make_type, make_user, send
from tests.services.test_inbox import counted, items


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada")


async def states(rt: Runtime, user: User) -> dict[str, ItemState]:
    return {item.tracking_id: item.state for item in await items(rt, user)}


async def all_of(
    rt: Runtime, user: User, act: Act, wanted: InboxFilter, by: timedelta | None = None
) -> inbox.Progress:
    until = rt.clock.now() + by if by else None
    seen = [each async for each in inbox.perform_all(rt, user.id, act, wanted, until)]
    assert [each.ended for each in seen] == [False] * (len(seen) - 1) + [True]
    return seen[-1]


ACTS = st.sampled_from(Act)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(ACTS, st.integers(1, 7)), max_size=4),
    ACTS,
    st.integers(1, 7),
    st.booleans(),
)
async def test_undoing_an_act_puts_everything_back(
    runtime: Runtime,
    environment: Environment,
    earlier: list[tuple[Act, int]],
    act: Act,
    bits: int,
    whole: bool,
):
    user = await make_user(runtime, environment)
    sent = [await send(runtime, environment, user.external_id) for _ in range(3)]
    until = runtime.clock.now() + timedelta(hours=1)
    for each, some in earlier:
        chosen = [name for n, name in enumerate(sent) if some >> n & 1]
        await inbox.perform(runtime, user.id, each, chosen, until)
    before = await states(runtime, user)
    if whole:
        everything = InboxFilter(Box.EVERYTHING)
        done = await all_of(runtime, user, act, everything, timedelta(hours=1))
    else:
        chosen = [name for n, name in enumerate(sent) if bits >> n & 1]
        done = await inbox.perform(runtime, user.id, act, chosen, until)
    after = await states(runtime, user)
    assert done.count == sum(after[name] != before[name] for name in sent)
    assert bool(done.undo) == bool(done.count)
    if done.undo:
        undone = await inbox.undo(runtime, user.id, done.undo)
        assert (undone.count, undone.left) == (done.count, 0)
        with pytest.raises(NotFound):
            await inbox.undo(runtime, user.id, done.undo)
    assert await states(runtime, user) == before
    assert (await inbox.state(runtime, user.id)).counters == await counted(runtime, user)


async def test_what_changed_since_is_left_as_it_is(
    runtime: Runtime, environment: Environment, ada: User
):
    one, other = [await send(runtime, environment) for _ in range(2)]
    done = await inbox.perform(runtime, ada.id, Act.ARCHIVE, [one, other])
    await inbox.perform(runtime, ada.id, Act.READ, [one])
    undone = await inbox.undo(runtime, ada.id, done.undo)
    assert (undone.count, undone.left) == (1, 1)
    found = await states(runtime, ada)
    assert found[one].archived is not None
    assert found[other].archived is None


async def test_another_process_undoes_it_but_no_other_person(
    runtime: Runtime, environment: Environment, ada: User, settings: Settings, clock: SetClock
):
    ben = await make_user(runtime, environment, "ben")
    item = await send(runtime, environment)
    done = await inbox.perform(runtime, ada.id, Act.SAVE, [item])
    async with open_runtime(settings, clock) as other:
        with pytest.raises(NotFound):
            await inbox.undo(other, ben.id, done.undo)
        assert (await inbox.undo(other, ada.id, done.undo)).count == 1


async def test_after_a_minute_it_is_too_late_and_forgotten(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    done = await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item])
    clock.advance(seconds=60)
    with pytest.raises(NotFound):
        await inbox.undo(runtime, ada.id, done.undo)
    await housekeeping.tidy(runtime)
    async with runtime.database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(STEPS)) == 0


async def test_all_or_none_of_named_ones(runtime: Runtime, environment: Environment, ada: User):
    item = await send(runtime, environment)
    with pytest.raises(NotFound):
        await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item, "gone"])
    with pytest.raises(InvalidInput):
        await inbox.perform(runtime, ada.id, Act.SNOOZE, [item])
    with pytest.raises(InvalidInput):
        await inbox.perform(runtime, ada.id, Act.ARCHIVE, [str(n) for n in range(501)])
    assert await states(runtime, ada) == {item: ItemState()}


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "PORTION", 3)


@pytest.mark.usefixtures("small_portions")
async def test_all_matching_moves_what_matched_at_the_start_and_nothing_else(
    runtime: Runtime, environment: Environment, ada: User
):
    matching = [await send(runtime, environment, type_name="news") for _ in range(7)]
    other = await send(runtime, environment)
    late, counts = list[str](), list[int]()
    work = inbox.perform_all(runtime, ada.id, Act.ARCHIVE, InboxFilter(type_name="news"))
    async for progress in work:
        counts.append(progress.count)
        if not late:
            late.append(await send(runtime, environment, type_name="news"))
            # The oldest, which is still to come, is changed by the person in another tab.
            await inbox.perform(runtime, ada.id, Act.READ, [min(matching)])
    found = await states(runtime, ada)
    untouched = {other, late[0], min(matching)}
    assert {name for name, state in found.items() if state.archived is None} == untouched
    assert counts == [3, 6, 6]


@pytest.mark.usefixtures("small_portions")
async def test_what_was_only_shown_since_the_start_is_moved_as_well(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    names = [await send(runtime, environment) for _ in range(7)]
    clock.advance(seconds=1)
    counts: list[int] = []
    async for progress in inbox.perform_all(runtime, ada.id, Act.SAVE, InboxFilter()):
        clock.advance(seconds=1)
        await inbox.see(runtime, ada.id, names[:2])
        counts.append(progress.count)
    assert counts == [3, 6, 7]


@pytest.mark.usefixtures("small_portions")
async def test_what_is_stopped_in_the_middle_can_be_undone(
    runtime: Runtime, environment: Environment, ada: User
):
    for _ in range(7):
        await send(runtime, environment)
    before = await states(runtime, ada)
    work = inbox.perform_all(runtime, ada.id, Act.READ, InboxFilter(Box.UNREAD))
    progress = await anext(work)
    await work.aclose()
    assert (progress.count, progress.ended) == (3, False)
    assert (await inbox.state(runtime, ada.id)).counters.unread == 4
    assert (await inbox.undo(runtime, ada.id, progress.undo)).count == 3
    assert await states(runtime, ada) == before


@pytest.mark.usefixtures("small_portions")
async def test_a_long_act_is_undone_whole_from_its_end_on(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    for _ in range(8):
        await send(runtime, environment)
    before = await states(runtime, ada)
    handle = ""
    async for progress in inbox.perform_all(runtime, ada.id, Act.ARCHIVE, InboxFilter()):
        handle = progress.undo
        clock.advance(seconds=40)
        # Its first portions are older than a minute by its end.
        await housekeeping.tidy(runtime)
    undone = await inbox.undo(runtime, ada.id, handle)
    assert (undone.count, undone.left) == (8, 0)
    assert await states(runtime, ada) == before


@pytest.mark.usefixtures("small_portions")
async def test_undoing_that_broke_off_goes_on_when_asked_again(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    for _ in range(8):
        await send(runtime, environment)
    before = await states(runtime, ada)
    done = await all_of(runtime, ada, Act.ARCHIVE, InboxFilter())
    clock.advance(seconds=50)
    async with runtime.database.write() as tx:
        last = await undos.last(tx, ada.id, done.undo, clock.now() - acts.UNDOABLE)
        assert last is not None
        await undos.remove(tx, ada.id, done.undo, last.number, clock.now())
    clock.advance(seconds=50)
    await housekeeping.tidy(runtime)
    assert (await inbox.undo(runtime, ada.id, done.undo)).count == 6
    found = await states(runtime, ada)
    assert {name for name in before if found[name] != before[name]} == set(last.before)


async def test_all_matching_a_search(runtime: Runtime, environment: Environment, ada: User):
    for title in ("Parcel one", "Invoice", "Parcel two"):
        await send(runtime, environment, title=title)
    done = await all_of(runtime, ada, Act.SAVE, InboxFilter(query="parcel"))
    assert done.count == 2
    assert (await inbox.state(runtime, ada.id)).counters.saved == 2


async def test_a_search_without_words_makes_no_index(
    runtime: Runtime, environment: Environment, ada: User
):
    await send(runtime, environment)
    done = await all_of(runtime, ada, Act.READ, InboxFilter(query="is:unread"))
    assert done.count == 1
    async with runtime.database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(DOCUMENTS)) == 0


async def test_two_bulk_acts_at_once_keep_the_counters(
    runtime: Runtime, environment: Environment, ada: User, settings: Settings, clock: SetClock
):
    for _ in range(5):
        await send(runtime, environment)
    everything = InboxFilter(Box.EVERYTHING)
    async with open_runtime(settings, clock) as other:
        await asyncio.gather(
            all_of(runtime, ada, Act.ARCHIVE, everything),
            all_of(other, ada, Act.READ, everything),
            all_of(other, ada, Act.SNOOZE, everything, timedelta(hours=1)),
        )
    assert (await inbox.state(runtime, ada.id)).counters == await counted(runtime, ada)


# Acts that come again, after a lost line or a crash


async def test_an_act_that_comes_again_is_not_done_again(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item], asked=Asked("one"))
    clock.advance(seconds=30)
    again = await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item], asked=Asked("one"))
    assert (again.count, again.undo) == (1, "one")
    await inbox.perform(runtime, ada.id, Act.RESTORE, [item])
    clock.advance(hours=20)
    again = await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item], asked=Asked("one"))
    # It moved one then; by now nobody can take it back.
    assert (again.count, again.undo) == (1, "")
    assert (await states(runtime, ada))[item].archived is None


async def test_an_act_that_changed_nothing_is_not_done_later(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.RESTORE, [item], asked=Asked("one"))
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item])
    assert (
        await inbox.perform(runtime, ada.id, Act.RESTORE, [item], asked=Asked("one"))
    ).count == 0
    assert (await states(runtime, ada))[item].archived is not None


async def test_what_failed_can_be_tried_again_under_its_name(
    runtime: Runtime, environment: Environment, ada: User
):
    with pytest.raises(NotFound):
        await inbox.perform(runtime, ada.id, Act.SAVE, ["gone"], asked=Asked("one"))
    item = await send(runtime, environment)
    assert (await inbox.perform(runtime, ada.id, Act.SAVE, [item], asked=Asked("one"))).count == 1


@pytest.mark.usefixtures("small_portions")
async def test_an_act_on_all_that_was_cut_off_goes_on_without_what_came_since(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    for _ in range(7):
        await send(runtime, environment)
    asked = (runtime, ada.id, Act.ARCHIVE, InboxFilter(), None, Asked("one"))
    cut = inbox.perform_all(*asked)
    assert (await anext(cut)).count == 3
    await cut.aclose()
    late = await send(runtime, environment)
    clock.advance(minutes=5)
    cut = inbox.perform_all(*asked)
    await anext(cut)
    await cut.aclose()
    # What its first portion changed can be undone as long as the last.
    await housekeeping.tidy(runtime)
    assert [each.count async for each in inbox.perform_all(*asked)][-1] == 7
    assert await left(runtime, ada) == {late}
    # Once it has ended it does nothing, whatever there is.
    assert [(e.count, e.ended) async for e in inbox.perform_all(*asked)] == [(7, True)]
    assert await left(runtime, ada) == {late}
    assert (await inbox.undo(runtime, ada.id, "one")).count == 7


async def left(rt: Runtime, user: User) -> set[str]:
    """What is not archived."""
    return {name for name, state in (await states(rt, user)).items() if state.archived is None}


async def test_a_snooze_that_comes_again_after_its_end_was_done(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    until = clock.now() + timedelta(hours=1)
    await send(runtime, environment)
    whole = (runtime, ada.id, Act.SNOOZE, InboxFilter(), until, Asked("one"))
    assert [each.count async for each in inbox.perform_all(*whole)] == [1]
    single = (runtime, ada.id, Act.SNOOZE, [await send(runtime, environment)], until, Asked("two"))
    assert (await inbox.perform(*single)).count == 1
    clock.advance(hours=2)
    assert [(e.count, e.ended) async for e in inbox.perform_all(*whole)] == [(1, True)]
    assert (await inbox.perform(*single)).count == 1


async def test_an_undo_that_comes_again_is_no_error_and_undoes_nothing_else(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item], asked=Asked("one"))
    assert (await inbox.undo(runtime, ada.id, "one", "two")).count == 1
    assert (await inbox.undo(runtime, ada.id, "one", "two")).count == 0
    with pytest.raises(NotFound):
        await inbox.undo(runtime, ada.id, "one", "three")


async def test_a_choice_that_comes_again_is_passed_over(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    await inbox.act(runtime, ada.id, item, 1, Asked("one"))
    await inbox.perform(runtime, ada.id, Act.UNREAD, [item])
    await inbox.act(runtime, ada.id, item, 1, Asked("one"))
    assert (await states(runtime, ada))[item].opened is None


async def test_names_are_ones_own_and_kept_for_a_day(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    ben = await make_user(runtime, environment, "ben")
    mine, theirs = await send(runtime, environment), await send(runtime, environment, "ben")
    await inbox.perform(runtime, ada.id, Act.SAVE, [mine], asked=Asked("one"))
    assert (await inbox.perform(runtime, ben.id, Act.SAVE, [theirs], asked=Asked("one"))).count == 1
    clock.advance(hours=23)
    await housekeeping.tidy(runtime)
    assert await remembered(runtime) == 2
    clock.advance(hours=1)
    await housekeeping.tidy(runtime)
    assert await remembered(runtime) == 0


async def remembered(rt: Runtime) -> int:
    async with rt.database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(handled.ACTS)) or 0


# Muting


async def test_muting_that_comes_again_after_its_undo_mutes_nothing(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment)
    item = await send(runtime, environment)
    for _ in range(2):
        assert (await inbox.mute(runtime, ada.id, item, "one")).undo == "one"
    for _ in range(2):
        await inbox.undo(runtime, ada.id, "one", "two")
    await inbox.mute(runtime, ada.id, item, "one")
    assert await chosen(runtime, environment) == {}


async def test_muting_that_comes_twice_at_once_is_done_once(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment)
    item = await send(runtime, environment)
    muted = await asyncio.gather(*(inbox.mute(runtime, ada.id, item, "one") for _ in range(3)))
    assert {each.undo for each in muted} == {"one"}
    await inbox.undo(runtime, ada.id, "one")
    assert await chosen(runtime, environment) == {}


async def test_muting_that_changed_nothing_offers_no_undo_when_it_comes_again(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment)
    item = await send(runtime, environment)
    await inbox.mute(runtime, ada.id, item, "one")
    for _ in range(2):
        assert (await inbox.mute(runtime, ada.id, item, "two")).undo == ""


async def chosen(rt: Runtime, environment: Environment) -> dict[str, object]:
    found = await preferences.get(rt, environment, "ada")
    return {
        name: {sub: {c.value: o.value for c, o in options.items()} for sub, options in subs.items()}
        for name, subs in found.cells.items()
    }


async def test_muting_switches_all_channels_off_and_undoing_puts_back_what_was(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment, channels=(Channel.INAPP_WEB, Channel.EMAIL))
    weekly = {"types": {"order_shipped": {"channels": {"EMAIL": "instant"}}}}
    await preferences.patch(runtime, environment, "ada", weekly, by="user")
    item = await send(runtime, environment)
    muted = await inbox.mute(runtime, ada.id, item)
    assert muted.title == "Order shipped"
    off = {"INAPP_WEB": "off", "EMAIL": "off"}
    assert await chosen(runtime, environment) == {"order_shipped": {"": off}}
    assert (await inbox.mute(runtime, ada.id, item)).undo == ""
    await inbox.undo(runtime, ada.id, muted.undo)
    assert await chosen(runtime, environment) == {"order_shipped": {"": {"EMAIL": "instant"}}}


async def test_a_subject_is_muted_alone_and_a_later_choice_survives_the_undo(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(
        runtime,
        environment,
        channels=(Channel.INAPP_WEB, Channel.EMAIL),
        sub_notifications={"shop-1": "Shop one"},
    )
    item = await send(runtime, environment, sub_notification_id="shop-1")
    muted = await inbox.mute(runtime, ada.id, item)
    assert muted.title == "Shop one"
    later = {"types": {"order_shipped": {"subs": {"shop-1": {"channels": {"EMAIL": "instant"}}}}}}
    await preferences.patch(runtime, environment, "ada", later, by="user")
    await inbox.undo(runtime, ada.id, muted.undo)
    assert await chosen(runtime, environment) == {"order_shipped": {"shop-1": {"EMAIL": "instant"}}}


async def test_what_is_required_cannot_be_muted(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment, required=True)
    item = await send(runtime, environment)
    with pytest.raises(Refused):
        await inbox.mute(runtime, ada.id, item)
