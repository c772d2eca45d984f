"""From an accepted send to a provider, and everything that can hold it up between."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from inbox_app.domain.act import Act
from inbox_app.domain.delivery import (
    AttemptOutcome,
    Captured,
    Delivery,
    DeliveryStatus,
    Integration,
)
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, inbox, outgoing
from inbox_app.storage import deliveries, outbox, users
from tests import factories
from tests.clock import SetClock
from tests.factories import make_environment, make_user, send
from tests.standins.smtp import Do, SmtpStandIn, Step

MAIL: dict[str, Any] = {"subject": "Order {{order}}", "html": "<p>Order {{order}} has shipped</p>"}
BOTH: dict[str, Any] = {
    "channels_with_content": (Channel.EMAIL, Channel.INAPP_WEB),
    "content": {Channel.EMAIL: MAIL},
    "parameters": {"order": "17"},
    "profile": Profile(email="ada@acme.example", timezone="Europe/Berlin"),
}
ONLY_MAIL: dict[str, Any] = BOTH | {"in_app": None, "channels_with_content": (Channel.EMAIL,)}


async def drain(rt: Runtime) -> None:
    """Works until nothing is due."""
    while await delivering.work(rt):
        pass


async def to_the_end(rt: Runtime, clock: SetClock, tracking_id: str) -> Delivery:
    """Works and waits until a delivery waits no longer."""
    while (one := await of(rt, tracking_id)).status is DeliveryStatus.PENDING:
        clock.advance(seconds=max(0, (one.due_at - clock.now()).total_seconds()))
        await drain(rt)
    return one


async def of(rt: Runtime, tracking_id: str) -> Delivery:
    """The one delivery of a notification."""
    async with rt.database.read() as tx:
        (found,) = await deliveries.of_notification(tx, tracking_id)
    return found


async def captured(rt: Runtime, environment: Environment) -> list[Captured]:
    async with rt.database.read() as tx:
        return (await outbox.captured(tx, environment.id, 100))[::-1]


async def prefer(rt: Runtime, environment: Environment, chosen: Preferences) -> None:
    user = await make_user(rt, environment, "ada")
    async with rt.database.write() as tx:
        await users.save(tx, [replace(user, preferences=chosen)])


async def make_type(rt: Runtime, environment: Environment, **rules: Any) -> None:
    channels = (Channel.INAPP_WEB, Channel.EMAIL)
    await factories.make_type(rt, environment, channels=channels, **rules)


async def integrate(rt: Runtime, environment: Environment, *servers: SmtpStandIn) -> None:
    async with rt.database.write() as tx:
        for position, server in enumerate(servers):
            settings = {
                "host": server.host,
                "port": server.port,
                "security": "none",
                "from_address": "hub@acme.example",
            }
            made = Integration(
                *(ids.row_id(), environment.id, Channel.EMAIL, "smtp", f"mail {position}"),
                settings,
                position,
            )
            await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())


async def test_without_a_provider_the_sandbox_keeps_what_would_have_been_sent(
    runtime: Runtime, environment: Environment
):
    tracking_id = await send(runtime, environment, **BOTH)
    await drain(runtime)
    (kept,) = await captured(runtime, environment)
    assert (kept.to, kept.fields["subject"]) == ("ada@acme.example", "Order 17")
    assert "Order 17 has shipped" in kept.fields["text"]
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.SENT


async def test_an_email_arrives_at_the_server(runtime: Runtime, environment: Environment):
    with SmtpStandIn() as server:
        await integrate(runtime, environment, server)
        tracking_id = await send(runtime, environment, **BOTH)
        await drain(runtime)
        (message,) = server.messages
    assert message.parsed["Subject"] == "Order 17"
    sent = await of(runtime, tracking_id)
    assert (sent.status, sent.attempts) == (DeliveryStatus.SENT, 1)


async def test_a_server_that_defers_is_tried_again_later(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, "451 4.7.1 try later")
        await integrate(runtime, environment, server)
        tracking_id = await send(runtime, environment, **BOTH)
        await drain(runtime)
        waiting = await of(runtime, tracking_id)
        assert waiting.status is DeliveryStatus.PENDING
        assert waiting.due_at > clock.now()
        clock.advance(seconds=(waiting.due_at - clock.now()).total_seconds())
        await drain(runtime)
    async with runtime.database.read() as tx:
        tries = await deliveries.attempts(tx, [waiting.id])
    assert [each.outcome for each in tries] == [AttemptOutcome.TRANSIENT, AttemptOutcome.SENT]
    assert tries[0].retry_at == waiting.due_at


async def test_patience_begins_with_the_first_try_not_with_the_send(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, "451 4.7.1 try later")
        await integrate(runtime, environment, server)
        later = clock.now() + timedelta(days=30)
        tracking_id = await send(runtime, environment, **ONLY_MAIL, schedule=later)
        clock.advance(days=30)
        await drain(runtime)
        waiting = await of(runtime, tracking_id)
        assert (waiting.status, waiting.tried_since) == (DeliveryStatus.PENDING, later)
        clock.advance(seconds=(waiting.due_at - clock.now()).total_seconds())
        await drain(runtime)
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.SENT


async def test_what_is_replayed_is_tried_as_patiently_as_before(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, *["451 4.7.1 try later"] * 9)
        await integrate(runtime, environment, server)
        tracking_id = await send(runtime, environment, **ONLY_MAIL)
        one = await to_the_end(runtime, clock, tracking_id)
        assert (one.status, one.attempts) == (DeliveryStatus.FAILED, 8)
        clock.advance(days=3)
        assert await outgoing.replay(runtime, environment, [one.id]) == 1
        again = await to_the_end(runtime, clock, tracking_id)
    assert (again.status, again.attempts) == (DeliveryStatus.SENT, 10)


async def test_when_one_integration_fails_the_next_one_takes_it(
    runtime: Runtime, environment: Environment
):
    with SmtpStandIn() as broken, SmtpStandIn() as sound:
        broken.always(Step.MAIL, "451 4.3.0 broken")
        await integrate(runtime, environment, broken, sound)
        await send(runtime, environment, **BOTH)
        await drain(runtime)
        assert (len(broken.messages), len(sound.messages)) == (0, 1)


async def test_an_address_that_is_no_more_is_not_used_again(
    runtime: Runtime, environment: Environment
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, "550 5.1.1 no such user")
        await integrate(runtime, environment, server)
        first = await send(runtime, environment, **BOTH)
        await drain(runtime)
        second = await send(runtime, environment, **BOTH)
        await drain(runtime)
        assert server.messages == []
    assert (await of(runtime, first)).status is DeliveryStatus.FAILED
    async with runtime.database.read() as tx:
        assert await deliveries.of_notification(tx, second) == []


async def test_what_may_have_arrived_is_not_sent_again(runtime: Runtime, environment: Environment):
    with SmtpStandIn() as server, SmtpStandIn() as other:
        server.script(Step.END, Do.CUT)
        await integrate(runtime, environment, server, other)
        tracking_id = await send(runtime, environment, **BOTH)
        await drain(runtime)
        assert other.messages == []
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.UNKNOWN


async def test_a_read_notification_needs_no_email(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, escalation=timedelta(minutes=10))
    read, unread = [await send(runtime, environment, **BOTH) for _ in range(2)]
    await drain(runtime)
    assert await captured(runtime, environment) == []
    user = await make_user(runtime, environment, "ada")
    await inbox.perform(runtime, user.id, Act.READ, [read])
    clock.advance(minutes=10)
    await drain(runtime)
    assert [each.tracking_id for each in await captured(runtime, environment)] == [unread]
    assert (await of(runtime, read)).rule == "read_meanwhile"


async def test_a_scheduled_notification_appears_when_it_is_due(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=2)
    await send(runtime, environment, schedule=later)
    await drain(runtime)
    user = await make_user(runtime, environment, "ada")
    assert await inbox.entries(runtime, user.id, None, 10) == []
    clock.advance(hours=2)
    await drain(runtime)
    (entry,) = await inbox.entries(runtime, user.id, None, 10)
    assert entry.item.at == later


async def test_a_daily_digest_is_one_message_with_what_is_still_unread(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    offered = ChannelOptions(offered=frozenset(DeliveryOption))
    await make_type(runtime, environment, options={Channel.EMAIL: offered})
    daily = {"order_shipped": {"": {Channel.EMAIL: DeliveryOption.DAILY}}}
    await prefer(runtime, environment, Preferences(cells=daily))
    sent = [
        await send(runtime, environment, **BOTH | {"title": f"Order {n} has shipped"})
        for n in range(3)
    ]
    await drain(runtime)
    assert await captured(runtime, environment) == []
    user = await make_user(runtime, environment, "ada")
    await inbox.perform(runtime, user.id, Act.READ, [sent[0]])
    clock.advance(days=1)
    await drain(runtime)
    (digest,) = await captured(runtime, environment)
    assert "Order 1 has shipped" in digest.fields["text"]
    assert "Order 0 has shipped" not in digest.fields["text"]
    statuses = [(await of(runtime, each)).status for each in sent]
    assert statuses == [DeliveryStatus.SKIPPED, DeliveryStatus.SENT, DeliveryStatus.SENT]


@pytest.mark.parametrize("named", ["the digest", "everything"])
async def test_a_digest_that_failed_is_replayed_with_what_rode_in_it(
    runtime: Runtime, environment: Environment, clock: SetClock, named: str
):
    offered = ChannelOptions(offered=frozenset(DeliveryOption))
    await make_type(runtime, environment, options={Channel.EMAIL: offered})
    daily = {"order_shipped": {"": {Channel.EMAIL: DeliveryOption.DAILY}}}
    await prefer(runtime, environment, Preferences(cells=daily))
    with SmtpStandIn() as server:
        server.script(Step.DATA, "554 5.7.1 not like this")
        await integrate(runtime, environment, server)
        sent = [await send(runtime, environment, **BOTH) for _ in range(2)]
        clock.advance(days=1)
        await drain(runtime)
        assert [(await of(runtime, each)).status for each in sent] == [DeliveryStatus.FAILED] * 2
        dead = [each.id for each in await outgoing.dead(runtime, environment, 100)]
        (digest,) = {(await of(runtime, each)).digest_id for each in sent}
        assert digest
        asked = [digest] if named == "the digest" else dead
        assert await outgoing.replay(runtime, environment, asked) == 3
        await drain(runtime)
        assert len(server.messages) == 1
    assert [(await of(runtime, each)).status for each in sent] == [DeliveryStatus.SENT] * 2


async def test_a_digest_of_which_nothing_is_left_is_not_sent(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    offered = ChannelOptions(offered=frozenset(DeliveryOption))
    await make_type(runtime, environment, options={Channel.EMAIL: offered})
    daily = {"order_shipped": {"": {Channel.EMAIL: DeliveryOption.DAILY}}}
    await prefer(runtime, environment, Preferences(cells=daily))
    only = await send(runtime, environment, **BOTH)
    user = await make_user(runtime, environment, "ada")
    await inbox.perform(runtime, user.id, Act.READ, [only])
    clock.advance(days=1)
    await drain(runtime)
    assert await captured(runtime, environment) == []


async def test_what_quiet_hours_held_comes_as_one_summary_in_the_morning(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    always = QuietHours({day: Span(time(0), time(23, 59)) for day in range(7)})
    await prefer(runtime, environment, Preferences(quiet=always))
    for kind in ("order_shipped", "comment"):
        await send(runtime, environment, **BOTH | {"type_name": kind})
    await drain(runtime)
    assert await captured(runtime, environment) == []
    await prefer(runtime, environment, Preferences())
    clock.advance(days=2)
    await drain(runtime)
    (summary,) = await captured(runtime, environment)
    assert "While you were away" in summary.fields["subject"]


async def test_a_worker_that_died_leaves_its_work_to_others(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await send(runtime, environment, **BOTH)
    now = clock.now()
    async with runtime.database.write() as tx:
        lease = now + timedelta(seconds=15)
        (taken,) = await deliveries.claim(tx, environment.id, "dead", now, lease, 100)
    await drain(runtime)
    assert await captured(runtime, environment) == []
    clock.advance(seconds=16)
    await delivering.sweep(runtime)
    await drain(runtime)
    assert len(await captured(runtime, environment)) == 1
    async with runtime.database.read() as tx:
        tries = await deliveries.attempts(tx, [taken.id])
    assert [each.outcome for each in tries] == [AttemptOutcome.INTERRUPTED, AttemptOutcome.SENT]
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.SENT


async def test_environments_take_turns(runtime: Runtime, environment: Environment):
    quiet = await make_environment(runtime, "Quiet")
    for _ in range(250):
        await send(runtime, environment, **BOTH)
    await send(runtime, quiet, **BOTH)
    await delivering.work(runtime)
    await delivering.work(runtime)
    assert len(await captured(runtime, quiet)) == 1
