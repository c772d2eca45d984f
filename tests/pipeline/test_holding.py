"""What waits: for a person who wants quiet, with others for a summary, for another address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Suppression, SuppressionReason
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.template import Mode, Template
from inbox_app.domain.user import Profile
from inbox_app.engine.engine import LocalEngine
from inbox_app.pipeline import outbox as planned
from inbox_app.pipeline.plan import Facts, decide
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing, preferences
from inbox_app.storage import deliveries, digests, outbox, types, users
from tests.clock import SetClock
from tests.factories import make_send, make_type, make_user, send
from tests.pipeline.test_delivering import BOTH, ONLY_MAIL, captured, drain, of

ALL_OFFERED = ChannelOptions(offered=frozenset(DeliveryOption))
MAIL_IN_UTC: dict[str, Any] = ONLY_MAIL | {
    "profile": Profile(email="ada@acme.example", timezone="UTC")
}
DAILY = Preferences(cells={"order_shipped": {"": {Channel.EMAIL: DeliveryOption.DAILY}}})


def push_to(*tokens: str, **known: Any) -> dict[str, Any]:
    """A push to devices."""
    devices = tuple(
        {"type": "FCM", "token": each, "device": {"device_id": each}} for each in tokens
    )
    return {
        "in_app": None,
        "channels_with_content": (Channel.PUSH,),
        "content": {Channel.PUSH: {"title": "Order {{order}}", "message": "It has shipped"}},
        "parameters": {"order": "17"},
        "profile": Profile(push_tokens=devices, **known),
    }


async def all_of(rt: Runtime, tracking_id: str) -> list[Delivery]:
    async with rt.database.read() as tx:
        return await deliveries.of_notification(tx, tracking_id)


async def choose(rt: Runtime, environment: Environment, chosen: Preferences) -> None:
    """Writes what ada chose, so that nothing is made due by it."""
    user = await make_user(rt, environment, "ada")
    async with rt.database.write() as tx:
        await users.save(tx, [replace(user, preferences=chosen)])


async def suppress(
    rt: Runtime, environment: Environment, channel: Channel, address: str, at: datetime
) -> None:
    made = Suppression(environment.id, channel, address, SuppressionReason.BOUNCE, {}, at)
    async with rt.database.write() as tx:
        await outbox.suppress(tx, [made])


async def pause(rt: Runtime, environment: Environment, until: datetime) -> None:
    await choose(rt, environment, Preferences(paused_until=until))


async def test_what_is_held_goes_to_the_first_address_that_works(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await suppress(runtime, environment, Channel.PUSH, "dead", clock.now())
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    tracking_id = await send(runtime, environment, **push_to("dead", "good"))
    held = await of(runtime, tracking_id)
    assert (held.status, held.address) == (DeliveryStatus.HELD, "good")
    clock.advance(hours=3)
    await drain(runtime)
    assert [each.to for each in await captured(runtime, environment)] == ["good"]


async def test_mail_that_waited_goes_to_the_address_as_it_is_when_it_goes(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, options={Channel.EMAIL: ALL_OFFERED})
    await choose(runtime, environment, DAILY)
    await send(runtime, environment, **ONLY_MAIL)
    later: dict[str, Any] = {"type_name": "other", "schedule": clock.now() + timedelta(hours=3)}
    single = await send(runtime, environment, **ONLY_MAIL | later)
    await make_user(runtime, environment, "ada", email="new@acme.example")
    await suppress(runtime, environment, Channel.EMAIL, "ada@acme.example", clock.now())
    clock.advance(days=1)
    await drain(runtime)
    to = [each.to for each in await captured(runtime, environment)]
    assert to == ["new@acme.example"] * 2
    assert (await of(runtime, single)).address == "new@acme.example"


async def test_a_suppressed_device_gets_nothing_that_waited_for_it(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, **push_to("one", "two"), schedule=later)
    await suppress(runtime, environment, Channel.PUSH, "one", clock.now())
    clock.advance(hours=1)
    await drain(runtime)
    assert [each.to for each in await captured(runtime, environment)] == ["two"]
    rules = {each.address: each.rule for each in await all_of(runtime, tracking_id)}
    assert rules["one"] == "suppressed"


async def test_a_device_that_was_removed_gets_nothing_that_waited_for_it(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, **push_to("one", "two"), schedule=later)
    user = await make_user(runtime, environment, "ada")
    left = (user.profile.push_tokens or ())[1:]
    async with runtime.database.write() as tx:
        await users.save(tx, [replace(user, profile=replace(user.profile, push_tokens=left))])
    clock.advance(hours=1)
    await drain(runtime)
    assert [each.to for each in await captured(runtime, environment)] == ["two"]
    gone = next(each for each in await all_of(runtime, tracking_id) if each.address == "one")
    assert (gone.status, gone.rule) == (DeliveryStatus.SKIPPED, "no_address")
    assert gone.detail == "The device it was for is no longer one of yours."


QUIET_NIGHTS = Preferences(quiet=QuietHours({day: Span(time(22), time(7)) for day in range(7)}))


async def one_digest(rt: Runtime, *tracking_ids: str) -> Delivery:
    """The one summary that these notifications ride in."""
    ids = {(await of(rt, each)).digest_id for each in tracking_ids}
    async with rt.database.read() as tx:
        (found,) = await deliveries.get_many(tx, [each for each in ids if each])
    return found


async def test_a_pause_makes_one_summary_however_many_accept_at_once(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    until = clock.now() + timedelta(hours=3)
    user = await make_user(runtime, environment, "ada", email="ada@acme.example")
    user = replace(user, preferences=Preferences(paused_until=until))
    kind = await make_type(runtime, environment, channels=(Channel.EMAIL,))
    riders: list[tuple[Delivery, Decision]] = []
    for moment in range(2):
        at = clock.now() + timedelta(milliseconds=moment)
        asked = make_send(environment, **ONLY_MAIL, accepted_at=at)
        decision = decide(Facts(asked, kind, user, at), Channel.EMAIL)
        (rider,) = planned.deliveries(asked, user, kind.id, [decision], frozenset())
        riders.append((rider, decision))
    # As two processes do that both found none open.
    made: list[Delivery | None] = []
    for rider, decision in riders:
        assert decision.window
        new = planned.new_digest(rider, decision.window.start, decision.window.due, alone=False)
        async with runtime.database.write() as tx:
            made.append(await digests.open_one(tx, new))
    first, second = made
    assert first
    assert second
    assert first.id == second.id


async def test_a_pause_that_is_being_ended_puts_nothing_off_until_its_old_end(
    runtime: Runtime, environment: Environment, clock: SetClock, backend: str
):
    await pause(runtime, environment, clock.now() + timedelta(days=30))
    tracking_id = await send(runtime, environment, **ONLY_MAIL)
    held = await one_digest(runtime, tracking_id)
    async with runtime.database.write() as tx:
        await deliveries.save(tx, [replace(held, due_at=clock.now())])
    if backend == "postgres":
        async with runtime.database.write() as tx:
            key = (environment.id, "ada")
            (user,) = (await users.find_many(tx, [key], to_change=True)).values()
            await delivering.work(runtime)
            await users.save(tx, [replace(user, preferences=Preferences())])
    else:
        # Here whoever writes is alone.
        await delivering.work(runtime)
        await preferences.patch(runtime, environment, "ada", {"pausedUntil": None}, "user")
    clock.advance(seconds=2)
    await drain(runtime)
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.SENT


async def test_another_choice_makes_nothing_due_that_quiet_hours_still_hold(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    clock.at = datetime(2026, 3, 2, 23, tzinfo=UTC)
    await choose(runtime, environment, QUIET_NIGHTS)
    tracking_id = await send(runtime, environment, **MAIL_IN_UTC)
    change = {"digest": {"time": "09:00"}}
    await preferences.patch(runtime, environment, "ada", change, "user")
    due = (await one_digest(runtime, tracking_id)).due_at
    assert due == datetime(2026, 3, 3, 7, tzinfo=UTC)
    await preferences.patch(runtime, environment, "ada", {"quietHours": None}, "user")
    assert (await one_digest(runtime, tracking_id)).due_at == clock.now()


async def test_a_summary_that_has_gone_sends_no_later_one_into_the_night(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    clock.at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    await choose(runtime, environment, QUIET_NIGHTS)
    first = await send(runtime, environment, **MAIL_IN_UTC)
    await preferences.patch(runtime, environment, "ada", {"quietHours": None}, "user")
    await drain(runtime)
    assert (await of(runtime, first)).status is DeliveryStatus.SENT
    await choose(runtime, environment, QUIET_NIGHTS)
    second = await send(runtime, environment, **MAIL_IN_UTC)
    third = await send(runtime, environment, **MAIL_IN_UTC)
    morning = datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert (await one_digest(runtime, second, third)).due_at == morning
    clock.at = morning
    await drain(runtime)
    assert len(await captured(runtime, environment)) == 2


async def test_quiet_that_never_ends_is_told_every_seven_days(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    always = QuietHours({day: Span(time(0), time(0)) for day in range(7)})
    await choose(runtime, environment, Preferences(quiet=always))
    for _ in range(15):
        await send(runtime, environment, **MAIL_IN_UTC)
        clock.advance(days=1)
        await drain(runtime)
    assert len(await captured(runtime, environment)) == 2


async def test_a_pause_beyond_ten_years_is_refused(runtime: Runtime, environment: Environment):
    await make_user(runtime, environment, "ada")
    change = {"pausedUntil": "9999-12-31T23:59:59Z"}
    with pytest.raises(InvalidInput, match="pausedUntil"):
        await preferences.patch(runtime, environment, "ada", change, "user")


async def test_a_summary_tells_once_what_was_for_several_devices(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, **push_to("a", "b", "c"), schedule=later)
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    clock.advance(hours=1)
    await drain(runtime)
    held = [each for each in await all_of(runtime, tracking_id) if each.rule == "paused"]
    details = sorted(each.detail for each in held if each.status is DeliveryStatus.SKIPPED)
    assert details == ["Goes with the summary."] * 2
    clock.advance(hours=2)
    await drain(runtime)
    (summary,) = await captured(runtime, environment)
    assert summary.fields["title"] == "Order 17"


async def test_the_story_tells_that_it_was_held_when_it_was_due(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, **ONLY_MAIL, schedule=later)
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    clock.advance(hours=1)
    await drain(runtime)
    told = (await outgoing.story(runtime, environment, tracking_id)).events
    assert [(each.kind, each.at, each.data) for each in told] == [
        (EventKind.HELD, clock.now(), {"rule": "paused"})
    ]
    assert told[0].sentence.startswith("You paused notifications until 2 March 2026")


async def test_what_a_worker_has_taken_with_its_summary_cannot_be_taken_back(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    tracking_id = await send(runtime, environment, **ONLY_MAIL)
    now = clock.advance(hours=3)
    async with runtime.database.write() as tx:
        until = now + timedelta(seconds=15)
        await deliveries.claim(tx, environment.id, "another", now, until, 100)
    with pytest.raises(NotFound):
        await outgoing.cancel(runtime, environment, tracking_id)
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.HELD


async def test_what_rides_in_a_summary_that_waits_can_be_taken_back(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    tracking_id = await send(runtime, environment, **ONLY_MAIL)
    await outgoing.cancel(runtime, environment, tracking_id)
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.CANCELLED
    clock.advance(hours=3)
    await drain(runtime)
    assert await captured(runtime, environment) == []


FORM = {
    "subject": "{{ count }} orders",
    "html": "{% for item in items %}<p>{{ item.title }}: {{ item.url }}</p>{% endfor %}",
}


@pytest.mark.parametrize("own", [False, True], ids=["the built-in form", "a template"])
@pytest.mark.parametrize("shown", [True, False], ids=["in the inbox too", "as a mail alone"])
async def test_a_summary_calls_each_by_its_own_words(
    runtime: Runtime, environment: Environment, clock: SetClock, own: bool, shown: bool
):
    kind = await make_type(runtime, environment, options={Channel.EMAIL: ALL_OFFERED})
    await choose(runtime, environment, DAILY)
    now = clock.now()
    if own:
        made = Template(kind.id, Channel.EMAIL, "daily", FORM, frozenset({Mode.DAILY}), now, now)
        async with runtime.database.write() as tx:
            await types.put_template(tx, made)
    for order in ("17", "18"):
        asked: dict[str, Any] = (BOTH if shown else ONLY_MAIL) | {"parameters": {"order": order}}
        if shown:
            asked["in_app"] = InAppContent(
                "Order {{order}} is OLD", url="https://acme.example/{{order}}"
            )
            asked["replacements"] = {"OLD": "on its way"}
        await send(runtime, environment, **asked)
    clock.advance(days=1)
    await drain(runtime)
    (summary,) = await captured(runtime, environment)
    html = summary.fields["html"]
    for order in ("17", "18"):
        assert (f"Order {order} is on its way" if shown else f"Order {order}") in html
        assert not shown or f"https://acme.example/{order}" in html
    assert "Order shipped" not in html.partition("</h1>")[2]
    assert "{{" not in html


class Watching(LocalEngine):
    """Reads what ada chose whenever it is told that something is due."""

    def __init__(self, rt: Runtime, environment: Environment) -> None:
        super().__init__()
        self._read = partial(preferences.get, rt, environment, "ada")
        self.found: list[Preferences] = []

    async def wake(self, batches: int = 1) -> None:
        self.found.append(await self._read())


async def test_workers_are_told_of_an_ended_pause_once_it_is_stored(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    await send(runtime, environment, **ONLY_MAIL)
    engine = Watching(runtime, environment)
    told = replace(runtime, engine=engine)
    await preferences.patch(told, environment, "ada", {"pausedUntil": None}, "user")
    assert engine.found == [Preferences()]


async def test_the_end_of_a_pause_sends_nothing_before_its_time(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    later = clock.now() + timedelta(hours=2)
    tracking_id = await send(runtime, environment, **ONLY_MAIL, schedule=later)
    assert (await of(runtime, tracking_id)).rule == "paused"
    clock.advance(hours=1)
    await preferences.patch(runtime, environment, "ada", {"pausedUntil": None}, "user")
    await drain(runtime)
    assert await captured(runtime, environment) == []
    clock.advance(hours=1)
    await drain(runtime)
    assert len(await captured(runtime, environment)) == 1


async def test_what_is_accepted_while_a_pause_is_being_ended_waits_for_no_old_end(
    runtime: Runtime, environment: Environment, clock: SetClock, backend: str
):
    await pause(runtime, environment, clock.now() + timedelta(days=30))
    mail: dict[str, Any] = ONLY_MAIL | {"profile": Profile()}
    await make_user(runtime, environment, "ada", email="ada@acme.example")
    if backend == "postgres":
        async with runtime.database.write() as tx:
            key = (environment.id, "ada")
            (user,) = (await users.find_many(tx, [key], to_change=True)).values()
            tracking_id = await send(runtime, environment, **mail)
            await users.save(tx, [replace(user, preferences=Preferences())])
    else:
        # Here whoever writes is alone.
        tracking_id = await send(runtime, environment, **mail)
        await preferences.patch(runtime, environment, "ada", {"pausedUntil": None}, "user")
    clock.advance(seconds=2)
    await drain(runtime)
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.SENT


async def test_the_story_tells_when_a_scheduled_item_appeared(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, schedule=later)
    clock.advance(hours=1)
    await drain(runtime)
    told = (await outgoing.story(runtime, environment, tracking_id)).events
    assert [(each.kind, each.channel, each.sentence) for each in told] == [
        (EventKind.SENT, Channel.INAPP_WEB, "Delivered to the inbox.")
    ]
