"""Tests of addresses: a message that a person sends to themselves, the way all others go.

Sending calls a provider, so it is not to be awaited where somebody waits for a lock.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from inbox_app.domain.delivery import DeliveryStatus
from inbox_app.domain.errors import NotFound, Refused
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.pipeline import direct
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.runtime import Runtime
from inbox_app.services.address_words import trial_message
from inbox_app.services.centre_where import CHANNELS, key_of, listed_of
from inbox_app.storage import digests, environments, inbox, outbox, users
from inbox_app.storage.engine import Transaction

REST = timedelta(seconds=30)
"""Between two messages of the server's own to one address."""
PERIOD = timedelta(hours=1)
MOST = 10
"""Messages of the server's own to one person in a `PERIOD`, codes included."""


async def send(rt: Runtime, user_id: int, key: str, *, language: str = "en") -> bool:
    """Sends a test to one of the person's addresses; whether a provider took it.

    Args:
        key: Of the address (`AddressView.key`).

    Raises:
        NotFound: the person has no such address.
        Refused: it must not be used, or too many tests were sent.
    """
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        place = await environments.by_id(tx, user.environment_id, rt.sealer) if user else None
    if user is None or place is None:
        raise NotFound("There is no such person any more.")
    to = _address(user, key)
    content = trial_message(to[0], place.title, language)
    sent = await direct.send(rt, place, user, to, content, check=partial(_check, rt, user, to))
    async with rt.database.write() as tx:
        reached = await inbox.advance(tx, {user.id: ONE_STEP})
    await tell(rt, reached)
    return sent.delivery.status is DeliveryStatus.SENT


def _address(user: User, key: str) -> tuple[Channel, str]:
    for kind, address, _ in listed_of(user.profile):
        if key_of(kind, address.value) == key:
            return CHANNELS[kind][0], address.value
    raise NotFound(
        "You have no such address.", fix="Load the page again.", name="why.no_such_address"
    )


async def _check(rt: Runtime, user: User, to: tuple[Channel, str], tx: Transaction) -> None:
    """Refuses what would go to a dead address, or too often; others of the person wait."""
    await users.find_many(tx, [(user.environment_id, user.external_id)], to_change=True)
    if to in user.profile.dead or await outbox.suppressed(tx, [(user.environment_id, *to)]):
        raise Refused(
            "This address is not used any more.", fix="Prove it once more.", name="why.address_dead"
        )
    now = rt.clock.now()
    before = await digests.alone(tx, user.id, now - PERIOD)
    if len(before) >= MOST:
        raise Refused(
            "Too many tests were sent.", fix="Try again in an hour.", name="why.tests_many"
        )
    if any((e.channel, e.address) == to and e.created_at > now - REST for e in before):
        raise Refused(
            "A test has just been sent there.", fix="Wait half a minute.", name="why.test_sent"
        )
