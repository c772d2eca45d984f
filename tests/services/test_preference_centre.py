"""The preference centre: what it shows, what can be chosen, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption, DigestTime
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.quiet_hours import Span
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import preference_centre as centre
from inbox_app.services import preferences
from inbox_app.services.centre_views import (
    MIXED,
    CategoryView,
    CellView,
    EditedView,
    QuietView,
    SummaryPartView,
)
from inbox_app.storage import types
from tests.clock import SetClock
from tests.factories import make_environment, make_type, make_user

BOTH = (Channel.INAPP_WEB, Channel.EMAIL)
OFFERED = ChannelOptions(offered=frozenset(DeliveryOption))
MAIL: dict[str, Any] = {"channels": BOTH, "options": {Channel.EMAIL: OFFERED}}


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    """Somebody whose environment has types of every sort."""
    for name, rules in {
        "mention": MAIL | {"category": "Projects", "description": "Somebody writes your name"},
        "comment": MAIL | {"category": "Projects", "sub_notifications": {"own": "On your own"}},
        "fixed": {"channels": BOTH, "category": "Projects"},
        "sign_in": {"channels": BOTH, "category": "Security", "required": True},
        "news": {"channels": (Channel.EMAIL,)},
        "gone": {"channels": (Channel.CALL,), "enabled": False},
    }.items():
        await make_type(runtime, environment, name=name, title=name.capitalize(), **rules)
    return await make_user(
        runtime, environment, "ada", email="ada@acme.example", timezone="Europe/Berlin"
    )


def cell(categories: list[CategoryView], name: str, channel: Channel, sub: str = "") -> CellView:
    (kind,) = [each for group in categories for each in group.types if each.name == name]
    cells = kind.cells if not sub else next(s.cells for s in kind.subs if s.id == sub)
    return next(each for each in cells if each.channel == channel)


async def shown(rt: Runtime, user: User, name: str, channel: Channel, sub: str = "") -> CellView:
    return cell((await centre.centre(rt, user.id)).categories, name, channel, sub)


async def test_types_stand_in_their_categories_and_those_without_one_are_last(
    runtime: Runtime, ada: User
):
    view = await centre.centre(runtime, ada.id)
    assert [(each.name, [kind.name for kind in each.types]) for each in view.categories] == [
        ("Projects", ["comment", "fixed", "mention"]),
        ("Security", ["sign_in"]),
        ("", ["news"]),
    ]
    assert [each.channel for each in view.columns] == ["INAPP_WEB", "EMAIL"]
    assert view.categories[0].types[2].description == "Somebody writes your name"


async def test_a_cell_says_what_applies_what_decides_it_and_what_is_offered(
    runtime: Runtime, ada: User
):
    assert await shown(runtime, ada, "mention", Channel.EMAIL) == CellView(
        *("EMAIL", "instant", "default", [each.value for each in DeliveryOption], ""),
        custom=False,
        default="instant",
    )
    required = await shown(runtime, ada, "sign_in", Channel.EMAIL)
    assert (required.locked, required.source) == ("required", "required")
    assert (await shown(runtime, ada, "news", Channel.INAPP_WEB)).locked == "unused"


async def test_a_choice_is_custom_until_it_is_reset(runtime: Runtime, ada: User):
    made = await centre.choose(runtime, ada.id, "mention", Channel.EMAIL, DeliveryOption.DAILY)
    chosen = cell(made.categories, "mention", Channel.EMAIL)
    assert (chosen.option, chosen.custom, chosen.default) == ("daily", True, "instant")
    assert [kind.name for group in made.categories for kind in group.types] == ["mention"]
    back = await centre.choose(runtime, ada.id, "mention", Channel.EMAIL, None)
    assert not cell(back.categories, "mention", Channel.EMAIL).custom


async def test_a_subject_follows_its_type_until_it_is_set_apart(runtime: Runtime, ada: User):
    await centre.choose(runtime, ada.id, "comment", Channel.EMAIL, DeliveryOption.DAILY)
    follows = await shown(runtime, ada, "comment", Channel.EMAIL, "own")
    assert (follows.option, follows.source, follows.custom) == ("daily", "type", False)
    made = await centre.choose(
        runtime, ada.id, "comment", Channel.EMAIL, DeliveryOption.OFF, sub="own"
    )
    own = cell(made.categories, "comment", Channel.EMAIL, "own")
    assert (own.option, own.custom, own.default) == ("off", True, "daily")


async def test_a_category_sets_what_each_type_offers_and_names_the_others(
    runtime: Runtime, ada: User
):
    made = await centre.choose_category(
        runtime, ada.id, "Projects", Channel.EMAIL, DeliveryOption.WEEKLY
    )
    assert made.refused == ["Fixed"]
    assert cell(made.categories, "mention", Channel.EMAIL).option == "weekly"
    (group,) = made.categories
    assert next(each.option for each in group.cells if each.channel == "EMAIL") == MIXED
    undone = await centre.undo(runtime, ada.id, made.undo)
    assert cell(undone.categories, "comment", Channel.EMAIL).option == "instant"


async def test_a_category_without_a_choice_is_locked(runtime: Runtime, ada: User):
    view = await centre.centre(runtime, ada.id)
    assert all(each.locked for each in view.categories[1].cells)


async def test_a_channel_that_is_off_locks_its_cells(runtime: Runtime, ada: User):
    made = await centre.switch_channel(runtime, ada.id, Channel.EMAIL, on=False)
    assert [each.on for each in made.columns] == [True, False]
    off = cell(made.categories, "mention", Channel.EMAIL)
    assert (off.option, off.locked) == ("off", "channel_off")
    on = await centre.switch_channel(runtime, ada.id, Channel.EMAIL, on=True)
    assert cell(on.categories, "mention", Channel.EMAIL).option == "instant"


async def test_the_summary_is_parts_of_a_sentence(runtime: Runtime, ada: User):
    for name in ("mention", "comment"):
        await centre.choose(runtime, ada.id, name, Channel.EMAIL, DeliveryOption.DAILY)
    await centre.set_quiet(runtime, ada.id, range(5), Span(time(20), time(7, 30)))
    view = await centre.centre(runtime, ada.id)
    assert view.summary.quiet == [QuietView("20:00", "07:30", [0, 1, 2, 3, 4])]
    parts = {each.channel: each for each in view.summary.channels}
    assert parts["INAPP_WEB"].option == "instant"
    assert parts["EMAIL"].option == MIXED
    for name in ("fixed", "news"):
        await disable(runtime, ada, name)
    made = await centre.set_digest(runtime, ada.id, DigestTime(time(8, 15)))
    parts = {each.channel: each for each in made.summary.channels}
    assert parts["EMAIL"] == SummaryPartView("EMAIL", "E-mail", "daily", "08:15", 0, "first")


async def disable(rt: Runtime, user: User, name: str) -> None:
    async with rt.database.write() as tx:
        kind = await types.find(tx, user.environment_id, name)
        assert kind
        await types.save(tx, replace(kind, enabled=False))


async def test_when_tells_the_zone_and_whether_it_was_chosen(runtime: Runtime, ada: User):
    before = (await centre.centre(runtime, ada.id)).when
    assert (before.zone, before.zone_chosen) == ("Europe/Berlin", False)
    assert before.breaks_through == ["Sign_in"]
    made = await centre.set_zone(runtime, ada.id, "Asia/Kathmandu")
    assert (made.when.zone, made.when.zone_chosen) == ("Asia/Kathmandu", True)
    assert made.when.zone_detected == "Europe/Berlin"
    undone = await centre.undo(runtime, ada.id, made.undo)
    assert (undone.when.zone, undone.when.zone_chosen) == ("Europe/Berlin", False)
    with pytest.raises(InvalidInput, match="not a time zone"):
        await centre.set_zone(runtime, ada.id, "Europe/Atlantis")


async def test_a_pause_ends_later_than_now(runtime: Runtime, clock: SetClock, ada: User):
    with pytest.raises(InvalidInput, match="has passed"):
        await centre.pause(runtime, ada.id, clock.now())
    made = await centre.pause(runtime, ada.id, clock.now() + timedelta(hours=1))
    assert made.summary.paused_until == made.when.paused_until == "2026-03-02T10:30:00Z"
    assert (await centre.pause(runtime, ada.id, None)).when.paused_until == ""


async def test_a_type_that_is_not_there_cannot_be_chosen_about(runtime: Runtime, ada: User):
    for name, sub in (("nothing", ""), ("gone", ""), ("comment", "nobody")):
        with pytest.raises(NotFound):
            await centre.choose(runtime, ada.id, name, Channel.EMAIL, DeliveryOption.OFF, sub=sub)
    with pytest.raises(InvalidInput, match="does not offer"):
        await centre.choose(runtime, ada.id, "fixed", Channel.EMAIL, DeliveryOption.DAILY)


def changes(rt: Runtime, ada: User) -> list[Any]:
    """Every sort of change."""
    daily = DeliveryOption.DAILY
    return [
        centre.choose(rt, ada.id, "mention", Channel.EMAIL, daily),
        centre.choose(rt, ada.id, "comment", Channel.EMAIL, daily, sub="own"),
        centre.choose_category(rt, ada.id, "Projects", Channel.EMAIL, daily),
        centre.switch_channel(rt, ada.id, Channel.EMAIL, on=False),
        centre.set_quiet(rt, ada.id, [0, 6], Span(time(22), time(7))),
        centre.set_digest(rt, ada.id, DigestTime(time(9), 3)),
        centre.set_zone(rt, ada.id, "UTC"),
        centre.pause(rt, ada.id, rt.clock.now() + timedelta(days=2)),
        centre.set_escalation(rt, ada.id, timedelta(hours=2)),
        centre.reset_everything(rt, ada.id),
    ]


async def test_every_change_can_be_taken_back(
    runtime: Runtime, environment: Environment, ada: User
):
    for change in changes(runtime, ada):
        before = await preferences.get(runtime, environment, "ada")
        made: EditedView = await change
        after = await preferences.get(runtime, environment, "ada")
        assert made.undo
        assert after != before
        undone = await centre.undo(runtime, ada.id, made.undo)
        assert await preferences.get(runtime, environment, "ada") == before
        await centre.undo(runtime, ada.id, undone.undo)
        assert await preferences.get(runtime, environment, "ada") == after


async def test_what_was_changed_again_is_not_taken_back(runtime: Runtime, ada: User):
    first = await centre.choose(runtime, ada.id, "mention", Channel.EMAIL, DeliveryOption.DAILY)
    await centre.choose(runtime, ada.id, "comment", Channel.EMAIL, DeliveryOption.OFF)
    second = await centre.choose(runtime, ada.id, "mention", Channel.EMAIL, DeliveryOption.WEEKLY)
    with pytest.raises(Conflict, match="changed again"):
        await centre.undo(runtime, ada.id, first.undo)
    assert await centre.undo(runtime, ada.id, second.undo)
    other = await make_user(runtime, await make_environment(runtime, "Other"), "eve")
    with pytest.raises(NotFound):
        await centre.undo(runtime, other.id, first.undo)


async def test_what_changes_nothing_cannot_be_undone(runtime: Runtime, ada: User):
    made = await centre.choose(runtime, ada.id, "mention", Channel.EMAIL, None)
    assert (made.undo, made.categories) == ("", [])


async def test_the_history_tells_what_was_changed_by_whom(
    runtime: Runtime, environment: Environment, ada: User
):
    await preferences.patch(runtime, environment, "ada", {"timezone": "UTC"}, "application")
    made = await centre.set_zone(runtime, ada.id, "Asia/Kathmandu")
    newest, oldest = await centre.past(runtime, ada.id)
    assert (newest.id, newest.by, newest.undoable) == (made.undo, "user", True)
    assert (oldest.by, oldest.undoable) == ("application", False)
    (leaf,) = newest.changes
    assert (leaf.path, leaf.before, leaf.after) == (["timezone"], '"UTC"', '"Asia/Kathmandu"')
    assert await centre.past(runtime, ada.id, before=newest.id) == [oldest]


async def test_a_change_is_told_to_other_tabs(runtime: Runtime, ada: User):
    before = (await centre.centre(runtime, ada.id)).change
    with runtime.hub.subscribe(ada.id) as tab:
        await centre.set_zone(runtime, ada.id, "UTC")
        news = await tab.wait(1)
    assert news
    assert news.change == before + 1 == (await centre.centre(runtime, ada.id)).change


async def test_five_hundred_types_are_shown(runtime: Runtime, environment: Environment, ada: User):
    for number in range(500):
        await make_type(runtime, environment, name=f"t{number}", title=f"T{number}", **MAIL)
    view = await centre.centre(runtime, ada.id)
    assert sum(len(each.types) for each in view.categories) == 505


async def test_the_next_summaries_are_told_where_all_types_have_the_same_time(
    runtime: Runtime, environment: Environment, ada: User
):
    coming = (await centre.centre(runtime, ada.id)).when.digest.coming
    assert coming == {
        "daily": "2026-03-03T07:00:00Z",
        "weekly": "2026-03-09T07:00:00Z",
        "monthly": "2026-04-01T06:00:00Z",
    }
    times = {DeliveryOption.WEEKLY: DigestTime(time(17), 4)}
    friday = {Channel.EMAIL: replace(OFFERED, times=times)}
    await make_type(
        runtime, environment, name="extra", title="Extra", channels=BOTH, options=friday
    )
    coming = (await centre.centre(runtime, ada.id)).when.digest.coming
    assert set(coming) == {"daily", "monthly"}
    made = await centre.set_digest(runtime, ada.id, DigestTime(time(17), 4))
    assert made.when.digest.coming["weekly"] == "2026-03-06T16:00:00Z"
