"""Renewing what lets one write to an address before it ends, by one worker at a time.

A refresh token is taken once: whoever renews claims the address first, reads again what stands
there, and stores what it got before anything else. No transaction is open while the provider is
asked.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from inbox_app.channels import registry
from inbox_app.channels.spec import Age, Parcel, Provider, ProviderSettings, Renewal
from inbox_app.domain.delivery import Delivery
from inbox_app.domain.errors import ProviderError, RateLimited, Transient, Unavailable
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses

CLAIMED = timedelta(minutes=2)
"""How long a worker has for it; longer than a provider is waited for. Others take over then."""
PAUSE = timedelta(minutes=5)
"""How long nobody tries again what did not succeed, as long as the old secret works."""
WAIT = 2.0
"""Seconds after which a message is tried again whose secret another worker is renewing."""
PAUSES = (0.2, 1.0, 3.0)
"""Seconds between tries to reach the database: what is not stored is lost for good."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Renewing:
    """One renewal.

    Attributes:
        place: The address, by which it is claimed.
        claimed: Until when.
    """

    provider: Provider[Any]
    renewal: Renewal[Any]
    settings: ProviderSettings
    user_id: int
    place: tuple[Channel, str]
    claimed: datetime

    def age(self, secret: str, now: datetime) -> Age:
        return self.renewal.age(secret, self.settings, now)


@dataclass(frozen=True)
class Kept:
    """A secret as it was read.

    Attributes:
        user_id: Whose address it belongs to.
        place: That address.
        secret: Opened; "" when it has none.
    """

    user_id: int
    place: tuple[Channel, str]
    secret: str = field(repr=False)


async def fresh(
    rt: Runtime,
    delivery: Delivery,
    parcel: Parcel,
    provider: Provider[Any],
    settings: ProviderSettings,
) -> Parcel:
    """The parcel with a secret that works, renewed if it is time for that.

    Raises:
        ProviderError: it does not work any more, and cannot be renewed, or not now.
    """
    kept = Kept(delivery.user_id, (delivery.channel, delivery.address), parcel.secret)
    return replace(parcel, secret=await fresh_secret(rt, kept, provider, settings))


async def fresh_secret(
    rt: Runtime, kept: Kept, provider: Provider[Any], settings: ProviderSettings
) -> str:
    """The secret that works, renewed if it is time for that.

    Raises:
        ProviderError: it does not work any more, and cannot be renewed, or not now.
    """
    renewal, now = provider.renewal, rt.clock.now()
    if renewal is None or not kept.secret:
        return kept.secret
    age = renewal.age(kept.secret, settings, now)
    if age is Age.FRESH:
        return kept.secret
    own = _Renewing(provider, renewal, settings, kept.user_id, kept.place, now + CLAIMED)
    try:
        secret = await _claimed(rt, own)
    except (ProviderError, Unavailable) as error:
        if age is Age.DUE:
            log.warning("A secret that still works is not renewed: %s", error.message)
            return kept.secret
        if isinstance(error, ProviderError):
            raise
        raise Transient(
            provider.name, error.message, status="database", about_message=True
        ) from None
    if secret is None and age is Age.OVER:
        said = "The secret of this address is being renewed."
        raise RateLimited(provider.name, said, status="renewing", retry_after=WAIT)
    return secret or kept.secret


async def _claimed(rt: Runtime, own: _Renewing) -> str | None:
    """The secret that holds now; None while another worker renews it."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        sealed = await addresses.claim(tx, own.user_id, own.place, now, own.claimed)
    if sealed is None:
        return None
    secret = _opened(rt, sealed)
    # What was read with the message may have been renewed before this worker could claim it.
    if secret is None or own.age(secret, now) is Age.FRESH:
        await _end(rt, own, None)
        return secret
    return await _exchanged(rt, own, sealed, secret)


def _opened(rt: Runtime, sealed: str) -> str | None:
    try:
        return rt.sealer.unseal(sealed)
    except CannotUnseal:
        return None


async def _exchanged(rt: Runtime, own: _Renewing, sealed: str, secret: str) -> str:
    try:
        made = await registry.renew(own.provider, own.renewal, secret, own.settings, rt.tools)
    except ProviderError:
        works = own.age(secret, rt.clock.now()) is not Age.OVER
        await _end(rt, own, rt.clock.now() + PAUSE if works else None)
        raise
    await _keep(rt, own, sealed, rt.sealer.seal(made))
    return made


async def _keep(rt: Runtime, own: _Renewing, sealed: str, made: str) -> None:
    for pause in (*PAUSES, None):
        try:
            return await _store(rt, own, sealed, made)
        except Unavailable:
            if pause is None:
                break
            await asyncio.sleep(pause)
    # This message still goes by it.
    log.error("A renewed secret of user %d is lost: the database is out of reach.", own.user_id)
    return None


async def _store(rt: Runtime, own: _Renewing, sealed: str, made: str) -> None:
    async with rt.database.write() as tx:
        await addresses.renew(tx, own.user_id, own.place[0], (sealed, made))


async def _end(rt: Runtime, own: _Renewing, until: datetime | None) -> None:
    async with rt.database.write() as tx:
        await addresses.unclaim(tx, own.user_id, own.place, own.claimed, until)
