"""A message of the server's own, sent at once to an address that need not be the person's yet.

It is kept as a delivery like any other, so that its attempts and what the sandbox captured can be
seen. It rides alone in a digest of its own: a worker that died in the middle leaves one without
riders, which nobody sends.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification import Send
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.pipeline import outcomes, sending
from inbox_app.pipeline.facts import Kind
from inbox_app.pipeline.recheck import Going
from inbox_app.pipeline.sending import Sent
from inbox_app.pipeline.told import Told
from inbox_app.runtime import Runtime
from inbox_app.storage import digests, outbox, users
from inbox_app.storage.engine import Transaction


async def send(
    rt: Runtime,
    environment: Environment,
    user: User,
    to: tuple[Channel, str],
    content: Mapping[str, Any],
    *,
    check: Callable[[Transaction], Awaitable[None]] | None = None,
) -> Sent:
    """Calls the channel's providers, or the sandbox; what came of it.

    Args:
        to: Channel and address.
        content: The channel's fields, by their names on the wire.
        check: Raises what forbids it, in the transaction that begins it.

    Raises:
        NotFound: the person was deleted meanwhile.
    """
    now, delivery = rt.clock.now(), _delivery(rt, environment, user, to)
    rt.leases.add(delivery.id)
    try:
        async with rt.database.write() as tx:
            # What is stored here does not refer to the person, and would outlive them.
            if not await users.keep(tx, user.id):
                raise NotFound("This account is deleted.")
            if check is not None:
                await check(tx)
            until = now + timedelta(seconds=rt.settings.lease_seconds)
            await digests.start(tx, delivery, rt.worker, until)
            integrations = await outbox.integrations(tx, environment.id, rt.sealer)
        told = _told(environment, user, delivery, content)
        going = Going(delivery, environment, user, (told,))
        sent = await sending.send(rt, going, tuple(integrations))
        (failure,) = await outcomes.write_down(rt, [sent])
    finally:
        rt.leases.discard(delivery.id)
    if failure is not None:
        raise failure
    return sent


def _delivery(
    rt: Runtime, environment: Environment, user: User, to: tuple[Channel, str]
) -> Delivery:
    now, (channel, address), key = rt.clock.now(), to, ids.ordered_id()
    return Delivery(
        id=key,
        environment_id=environment.id,
        user_id=user.id,
        # Of no type there is, so that no other digest shares its window.
        type_id=key,
        tracking_id=None,
        channel=channel,
        address=address,
        status=DeliveryStatus.SENDING,
        due_at=now,
        created_at=now,
        updated_at=now,
        window_start=now,
    )


def _told(
    environment: Environment, user: User, delivery: Delivery, content: Mapping[str, Any]
) -> Told:
    kind = NotificationType(
        *(delivery.type_id, environment.id, "", environment.title, (delivery.channel,)),
        required=True,
    )
    send = Send(
        tracking_id="",
        environment=environment,
        user_id=user.external_id,
        profile=Profile(),
        type_name="",
        accepted_at=delivery.created_at,
        content={delivery.channel: content},
    )
    return Told(send, user, Kind(kind))
