"""Summaries that are to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox_app.domain.decision import Outcome, Rule
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import next_digests, outgoing, preference_centre
from inbox_app.services.next_digests import UpcomingView
from inbox_app.storage import notifications
from tests.clock import SetClock
from tests.databases import BOTH
from tests.factories import make_user, send
from tests.pipeline.test_delivering import ONLY_MAIL, captured, drain, make_type

DAILY = ChannelOptions(DeliveryOption.DAILY, frozenset(DeliveryOption))


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    await make_type(runtime, environment, options={Channel.EMAIL: DAILY})
    return await make_user(
        runtime, environment, "ada", email="ada@acme.example", timezone="Europe/Berlin"
    )


async def order(rt: Runtime, environment: Environment, number: str) -> str:
    asked: dict[str, Any] = ONLY_MAIL | {"parameters": {"order": number}}
    return await send(rt, environment, **asked)


async def only(rt: Runtime, user: User) -> UpcomingView:
    (found,) = await next_digests.upcoming(rt, user.id)
    return found


async def test_a_summary_tells_what_rides_in_it(
    runtime: Runtime, environment: Environment, ada: User
):
    names = [await order(runtime, environment, number) for number in ("17", "18")]
    view = await only(runtime, ada)
    assert (view.channel, view.type, view.option) == ("EMAIL", "Order shipped", "daily")
    assert (view.due, view.count) == ("2026-03-03T07:00:00Z", 2)
    assert [(each.id, each.title) for each in view.riders] == [
        (names[0], "Order 17"),
        (names[1], "Order 18"),
    ]
    shown = await next_digests.preview(runtime, ada.id, view.id)
    assert "Order 17" in shown["html"]
    assert await captured(runtime, environment) == []


async def test_what_is_previewed_is_what_goes(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    await order(runtime, environment, "17")
    shown = await next_digests.preview(runtime, ada.id, (await only(runtime, ada)).id)
    clock.advance(days=1)
    await drain(runtime)
    (sent,) = await captured(runtime, environment)
    assert shown["subject"] == sent.fields["subject"]
    assert await next_digests.upcoming(runtime, ada.id) == []


async def test_a_summary_can_be_had_at_once_even_in_a_pause(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    await order(runtime, environment, "17")
    await preference_centre.pause(runtime, ada.id, clock.now() + timedelta(days=3))
    await next_digests.send_now(runtime, ada.id, (await only(runtime, ada)).id)
    await drain(runtime)
    assert len(await captured(runtime, environment)) == 1
    await preference_centre.pause(runtime, ada.id, None)
    await order(runtime, environment, "18")
    # The window it was made for is not used up by it.
    assert (await only(runtime, ada)).due == "2026-03-03T07:00:00Z"


async def decided(rt: Runtime, tracking_id: str) -> tuple[Outcome, Rule, str]:
    async with rt.database.read() as tx:
        all_of_it = await notifications.decisions(tx, tracking_id)
    (found,) = [each for each in all_of_it if each.channel is Channel.EMAIL]
    return found.outcome, found.rule, found.sentence


async def test_one_can_be_taken_out(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    first, second = [await order(runtime, environment, number) for number in ("17", "18")]
    view = await only(runtime, ada)
    assert len(await next_digests.remove(runtime, ada.id, view.id, first)) == 1
    said = "You took it out of the summary."
    assert await decided(runtime, first) == (Outcome.SKIP, Rule.REMOVED, said)
    events = (await outgoing.story(runtime, environment, first)).events
    assert [(each.kind, each.sentence) for each in events] == [(EventKind.SKIPPED, said)]
    assert [each.id for each in (await only(runtime, ada)).riders] == [second]
    clock.advance(days=1)
    await drain(runtime)
    (sent,) = await captured(runtime, environment)
    assert "Order 17" not in sent.fields["html"]


async def test_all_can_be_taken_out_and_others_may_still_join(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    for number in ("17", "18"):
        await order(runtime, environment, number)
    before = await only(runtime, ada)
    assert len(await next_digests.remove(runtime, ada.id, before.id)) == 2
    assert await next_digests.upcoming(runtime, ada.id) == []
    await order(runtime, environment, "19")
    assert (await only(runtime, ada)).due == before.due
    clock.at = datetime.fromisoformat(before.due)
    await drain(runtime)
    (sent,) = await captured(runtime, environment)
    assert sent.fields["html"].count("Order 19")


async def test_nobody_elses_summaries_can_be_reached(
    runtime: Runtime, environment: Environment, ada: User
):
    await order(runtime, environment, "17")
    view = await only(runtime, ada)
    ben = await make_user(runtime, environment, "ben")
    for call in (next_digests.preview, next_digests.send_now, next_digests.remove):
        for user, name in ((ben, view.id), (ada, "1"), (ada, "")):
            with pytest.raises(NotFound):
                await call(runtime, user.id, name)


@pytest.mark.parametrize("backend", BOTH)
async def test_what_was_taken_out_can_be_put_back(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    names = [await order(runtime, environment, number) for number in ("17", "18")]
    before, was = await only(runtime, ada), await decided(runtime, names[0])
    taken = await next_digests.remove(runtime, ada.id, before.id)
    assert await next_digests.put_back(runtime, ada.id, before.id, taken) == 2
    assert await only(runtime, ada) == before
    assert await decided(runtime, names[0]) == was
    # Once more changes nothing.
    assert await next_digests.put_back(runtime, ada.id, before.id, taken) == 0
    clock.advance(days=1)
    await drain(runtime)
    (sent,) = await captured(runtime, environment)
    assert "Order 17" in sent.fields["html"]
    with pytest.raises(NotFound):
        await next_digests.put_back(runtime, ada.id, before.id, taken)


async def test_only_what_was_in_it_can_be_put_into_a_summary(
    runtime: Runtime, environment: Environment, ada: User
):
    await order(runtime, environment, "17")
    view = await only(runtime, ada)
    taken = await next_digests.remove(runtime, ada.id, view.id)
    other = [replace(each, rider=replace(each.rider, digest_id=1)) for each in taken]
    assert await next_digests.put_back(runtime, ada.id, view.id, other) == 0
