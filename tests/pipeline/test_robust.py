"""One delivery that goes wrong in a way nobody thought of leaves the others alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.lib.sealing import Sealer
from inbox_app.pipeline import outcomes
from inbox_app.pipeline.sending import MOST_INTERRUPTIONS, Sent
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing, users
from inbox_app.storage import deliveries, outbox
from tests.clock import SetClock
from tests.factories import send
from tests.pipeline.test_delivering import drain, of
from tests.standins.smtp import Do, SmtpStandIn, Step

MAIL: dict[str, Any] = {
    "channels_with_content": (Channel.EMAIL,),
    "in_app": None,
    "content": {Channel.EMAIL: {"subject": "Order", "html": "<p>Order</p>"}},
}


async def mail(rt: Runtime, environment: Environment, user_id: str, **changes: Any) -> str:
    profile = Profile(email=f"{user_id}@acme.example")
    return await send(rt, environment, user_id, **MAIL | {"profile": profile} | changes)


async def integrate(rt: Runtime, environment: Environment, server: SmtpStandIn) -> Integration:
    settings = {"host": server.host, "port": server.port, "security": "none"}
    made = Integration(
        *(ids.row_id(), environment.id, Channel.EMAIL, "smtp", "mail"),
        settings | {"from_address": "hub@acme.example"},
    )
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    return made


async def taken(rt: Runtime, environment: Environment, worker: str) -> list[Delivery]:
    now = rt.clock.now()
    async with rt.database.write() as tx:
        until = now + timedelta(seconds=15)
        return await deliveries.claim(tx, environment.id, worker, now, until, 100)


async def spoil(rt: Runtime, tracking_id: str, payload: str) -> None:
    async with rt.database.write() as tx:
        await tx.execute(
            text("UPDATE notifications SET payload = :payload WHERE tracking_id = :id"),
            {"payload": payload, "id": tracking_id},
        )


async def test_a_payload_that_cannot_be_read_ends_alone(runtime: Runtime, environment: Environment):
    bad, good = [await mail(runtime, environment, name) for name in ("ada", "ben")]
    await spoil(runtime, bad, '{"content": 17, "options": [], "parameters": "?"}')
    await drain(runtime)
    assert (await of(runtime, good)).status is DeliveryStatus.SENT
    ended = await of(runtime, bad)
    assert ended.status is DeliveryStatus.FAILED
    story = await outgoing.story(runtime, environment, bad)
    assert story.events[-1].kind == "failed"


async def test_an_integration_whose_settings_cannot_be_opened_stops_its_channel_alone(
    runtime: Runtime, environment: Environment
):
    with SmtpStandIn() as server:
        stranger = replace(runtime, sealer=Sealer("another-key-" * 4))
        await integrate(stranger, environment, server)
        letter = await mail(runtime, environment, "ada")
        sms = await send(
            *(runtime, environment, "ben"),
            channels_with_content=(Channel.SMS,),
            in_app=None,
            content={Channel.SMS: {"message": "Hello"}},
            profile=Profile(number="+34600000001"),
        )
        await drain(runtime)
        assert server.messages == []
    assert (await of(runtime, sms)).status is DeliveryStatus.SENT
    assert "INBOX_SECRET_KEY" in (await of(runtime, letter)).detail


async def test_a_person_deleted_meanwhile_lets_no_message_go_twice(
    runtime: Runtime, environment: Environment
):
    with SmtpStandIn() as server:
        server.script(Step.DATA, Do.STALL)
        await integrate(runtime, environment, server)
        gone, *others = [await mail(runtime, environment, f"user-{n}") for n in range(5)]

        async def delete() -> None:
            await users.remove(runtime, environment, "user-0")

        await _meanwhile(runtime, server, delete)
        await drain(runtime)
        assert len(server.messages) == 5
    for each in others:
        assert (await of(runtime, each)).status is DeliveryStatus.SENT
    async with runtime.database.read() as tx:
        assert await deliveries.of_notification(tx, gone) == []


async def _meanwhile(rt: Runtime, server: SmtpStandIn, act: Callable[[], Awaitable[None]]) -> None:
    """Acts while the first message is on its way."""
    working = asyncio.create_task(delivering.work(rt))
    await asyncio.to_thread(server.wait_for, Step.DATA)
    await act()
    server.release()
    await working


async def test_a_worker_that_lost_its_lease_overwrites_nothing(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await mail(runtime, environment, "ada")
    (mine,) = await taken(runtime, environment, runtime.worker)
    clock.advance(seconds=16)
    await delivering.sweep(runtime)
    (other,) = await taken(runtime, environment, "other")
    late = Sent(replace(mine, status=DeliveryStatus.FAILED, detail="no", updated_at=clock.now()))
    assert await outcomes.write_down(runtime, [late]) == [None]
    stands = await of(runtime, tracking_id)
    assert (stands.status, stands.detail) == (DeliveryStatus.SENDING, other.detail)


async def test_that_it_went_out_is_kept_even_late(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await mail(runtime, environment, "ada")
    (mine,) = await taken(runtime, environment, runtime.worker)
    clock.advance(seconds=16)
    await delivering.sweep(runtime)
    late = Sent(replace(mine, status=DeliveryStatus.SENT, attempts=1, updated_at=clock.now()))
    await outcomes.write_down(runtime, [late])
    assert (await of(runtime, tracking_id)).status is DeliveryStatus.SENT
    assert await delivering.work(runtime) is False


async def test_a_lease_nobody_works_on_runs_out(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    lost, busy = [await mail(runtime, environment, name) for name in ("ada", "ben")]
    claimed = await taken(runtime, environment, runtime.worker)
    runtime.leases.add(next(each.id for each in claimed if each.tracking_id == busy))
    for _ in range(5):
        clock.advance(seconds=4)
        await delivering.sweep(runtime)
    assert (await of(runtime, busy)).status is DeliveryStatus.SENDING
    assert (await of(runtime, lost)).status is DeliveryStatus.PENDING


async def test_what_stops_every_worker_waits_longer_each_time_and_ends(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await mail(runtime, environment, "ada")
    rests: list[float] = []
    while (one := await of(runtime, tracking_id)).status is DeliveryStatus.PENDING:
        clock.advance(seconds=max(0.0, (one.due_at - clock.now()).total_seconds()))
        if one.interruptions == MOST_INTERRUPTIONS:
            await drain(runtime)
            continue
        await taken(runtime, environment, "dies")
        clock.advance(seconds=16)
        await delivering.sweep(runtime)
        again = await of(runtime, tracking_id)
        rests.append((again.due_at - clock.now()).total_seconds())
    assert rests == [0, 1, 3, 7, 15, *[30] * (MOST_INTERRUPTIONS - 5)]
    assert one.status is DeliveryStatus.FAILED
    assert "stopped in the middle of it 50 times" in one.detail


async def test_interruptions_are_no_tries(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, *["451 4.7.1 try later"] * 8)
        await integrate(runtime, environment, server)
        tracking_id = await mail(runtime, environment, "ada")
        await taken(runtime, environment, "dies")
        clock.advance(seconds=16)
        await delivering.sweep(runtime)
        while (one := await of(runtime, tracking_id)).status is DeliveryStatus.PENDING:
            clock.advance(seconds=max(0.0, (one.due_at - clock.now()).total_seconds()))
            await drain(runtime)
    assert (one.status, one.attempts) == (DeliveryStatus.FAILED, 9)


async def test_a_missing_value_is_told(runtime: Runtime, environment: Environment):
    content = {Channel.EMAIL: {"subject": "Order {{ order }}", "html": "<p>Order</p>"}}
    tracking_id = await mail(runtime, environment, "ada", content=content)
    await drain(runtime)
    (event,) = (await outgoing.story(runtime, environment, tracking_id)).events
    assert "order" in str(event.data["warnings"])
