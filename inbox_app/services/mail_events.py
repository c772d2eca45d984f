"""What people do with an e-mail that was sent, told of every notification in it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inbox_app.domain.delivery import Delivery
from inbox_app.domain.errors import NotFound
from inbox_app.domain.event import Event, EventKind
from inbox_app.domain.notification_type import Channel
from inbox_app.lib import links
from inbox_app.lib.links import ClickLink, OpenLink
from inbox_app.lib.signing import BadSignature
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, digests, outbox
from inbox_app.storage.engine import Transaction

MOST_TOLD = 100
"""Notifications of one digest that an event is told of."""
LONGEST_AGENT = 300
LONGEST_ADDRESS = 64
LONGEST_SHOWN = 120

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evidence:
    """Who asked, as far as a request says.

    Attributes:
        agent: The ``User-Agent``, which anybody can set to anything.
        address: The IP address the request came from.
    """

    agent: str
    address: str

    @property
    def data(self) -> dict[str, str]:
        found = {"userAgent": self.agent[:LONGEST_AGENT], "ip": self.address[:LONGEST_ADDRESS]}
        return {name: text for name, text in found.items() if text}


def opened(rt: Runtime, token: str) -> OpenLink:
    """The e-mail a picture belongs to; raises NotFound when it belongs to none of ours."""
    try:
        return links.read_open(rt.sealer, token)
    except BadSignature as error:
        raise NotFound("There is no such picture.") from error


def clicked(rt: Runtime, token: str) -> ClickLink:
    """Where a link leads; raises NotFound when it is none of ours."""
    try:
        return links.read_click(rt.sealer, token)
    except BadSignature as error:
        raise NotFound(
            "This link does not work", fix="It was cut short or changed on its way."
        ) from error


async def record(rt: Runtime, link: OpenLink | ClickLink, evidence: Evidence) -> None:
    """Tells of the first opening of an e-mail, and of the first click on each of its links.

    Later ones are not told, so what one e-mail can add is bounded. Never raises: nobody waits for
    the outcome.
    """
    try:
        async with rt.database.read() as tx:
            if not await _news(tx, link):
                return
        async with rt.database.write() as tx:
            if (delivery := await _news(tx, link)) is not None:
                kind, sentence, data = _what(link)
                await tell(rt, tx, delivery, kind, sentence, data | evidence.data)
    except Exception:
        log.exception("What was done with an e-mail could not be recorded.")


async def tell(
    rt: Runtime,
    tx: Transaction,
    delivery: Delivery,
    kind: EventKind,
    sentence: str,
    data: Mapping[str, Any],
) -> None:
    """Adds an event to every notification of an e-mail."""
    now = rt.clock.now()
    told = await _notifications(tx, delivery)
    proof = {"delivery": str(delivery.id), **data}
    await outbox.tell(
        tx,
        [
            Event(delivery.environment_id, each, now, kind, Channel.EMAIL, sentence, proof)
            for each in told
        ],
    )


async def _news(tx: Transaction, link: OpenLink | ClickLink) -> Delivery | None:
    """The e-mail, when it is still known and this was not told of it before."""
    for delivery in await deliveries.get_many(tx, [link.delivery_id]):
        kind, _, data = _what(link)
        sought = {"delivery": str(delivery.id), **data}.items()
        told = (await _notifications(tx, delivery))[:1]
        known = await outbox.events(tx, told[0]) if told else []
        if told and not any(e.kind is kind and sought <= e.data.items() for e in known):
            return delivery
    return None


def _what(link: OpenLink | ClickLink) -> tuple[EventKind, str, dict[str, str]]:
    if isinstance(link, OpenLink):
        return EventKind.OPENED, "The e-mail was opened, or a program loaded its pictures.", {}
    shown = link.url if len(link.url) <= LONGEST_SHOWN else f"{link.url[:LONGEST_SHOWN]}\u2026"
    return EventKind.CLICKED, f"A link in the e-mail was followed: {shown}", {"url": link.url}


async def _notifications(tx: Transaction, delivery: Delivery) -> list[str]:
    """The tracking ids of what an e-mail told of."""
    carried = (
        await digests.carried(tx, delivery.id, MOST_TOLD) if delivery.is_digest else [delivery]
    )
    return [each.tracking_id for each in carried if each.tracking_id]
