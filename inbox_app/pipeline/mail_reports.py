"""What is done with an e-mail after it was sent, told of every notification in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from inbox_app.domain.delivery import Delivery
from inbox_app.domain.event import Event, EventKind
from inbox_app.domain.mail_report import MailReport
from inbox_app.domain.notification_type import Channel
from inbox_app.storage import deliveries, digests, outbox
from inbox_app.storage.engine import Database, Transaction

MOST_TOLD = 100
"""Notifications of one digest that an event is told of."""
LONGEST_SHOWN = 120


class Recorder:
    """Keeps groups of reports; the ``work`` of a `Gatherer`.

    It keeps the first opening of an e-mail and the first click on each of its links, so what one
    e-mail can add is bounded. Whether a report is news is asked before the database is asked to
    write, for most are not: mail programs load pictures each time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, reports: Sequence[MailReport]) -> Sequence[None]:
        async with self._database.read() as tx:
            news = [each for each in reports if await _news(tx, each)]
        if news:
            async with self._database.write() as tx:
                for each in news:
                    await keep(tx, each)
        return [None] * len(reports)


async def tell(
    tx: Transaction,
    delivery: Delivery,
    at: datetime,
    kind: EventKind,
    sentence: str,
    data: Mapping[str, Any],
) -> None:
    """Adds an event to every notification of a message."""
    told = await _notifications(tx, delivery)
    proof = {"delivery": str(delivery.id), **data}
    place = delivery.environment_id
    await outbox.tell(
        tx, [Event(place, each, at, kind, delivery.channel, sentence, proof) for each in told]
    )


async def keep(tx: Transaction, report: MailReport) -> None:
    """Keeps a report, when it is news."""
    # Asked again: the group itself may hold the same report twice.
    delivery = await _news(tx, report)
    if delivery is not None:
        kind, sentence, data = _what(report, delivery.channel)
        await tell(tx, delivery, report.at, kind, sentence, data | report.evidence.data)


async def _news(tx: Transaction, report: MailReport) -> Delivery | None:
    """The e-mail, when it is still known and this was not told of it before."""
    for delivery in await deliveries.get_many(tx, [report.delivery_id]):
        kind, _, data = _what(report, delivery.channel)
        sought = {"delivery": str(delivery.id), **data}.items()
        first = (await _notifications(tx, delivery))[:1]
        known = await outbox.events(tx, first[0]) if first else []
        if first and not any(e.kind is kind and sought <= e.data.items() for e in known):
            return delivery
    return None


def _what(report: MailReport, channel: Channel) -> tuple[EventKind, str, dict[str, str]]:
    url, mail = report.url, channel is Channel.EMAIL
    if url is None:
        # Where pictures are not what tells, it was a person.
        opened = "The e-mail was opened, or a program loaded its pictures."
        return EventKind.OPENED, opened if mail else f"{channel.label} was opened.", {}
    shown = url if len(url) <= LONGEST_SHOWN else f"{url[:LONGEST_SHOWN]}…"
    place = "the e-mail" if mail else channel.label
    return EventKind.CLICKED, f"A link in {place} was followed: {shown}", {"url": url}


async def _notifications(tx: Transaction, delivery: Delivery) -> list[str]:
    """The tracking ids of what an e-mail told of."""
    if not delivery.is_digest:
        return [delivery.tracking_id] if delivery.tracking_id else []
    carried = await digests.carried(tx, delivery.id, MOST_TOLD)
    return [each.tracking_id for each in carried if each.tracking_id]
