"""Taking receipts: each once, in any order; what they say of deliveries, addresses and people.

A receipt may come before this server has written down that the message went out. It is kept, and
counts when that is written (`settle`); so the two may come in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from inbox_app.domain.address import GIVEN_OUT
from inbox_app.domain.delivery import (
    Delivery,
    DeliveryStatus,
    Integration,
    Suppression,
    SuppressionReason,
)
from inbox_app.domain.event import EventKind
from inbox_app.domain.mail_report import Evidence, MailReport
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt, ReceiptKind, status_after
from inbox_app.pipeline import mail_reports, news
from inbox_app.pipeline.receipt_words import sentence_of
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, deliveries, digests, outbox, receipts
from inbox_app.storage.addresses import Fared
from inbox_app.storage.engine import Transaction

EVENTS = {
    ReceiptKind.DELAYED: EventKind.DELAYED,
    ReceiptKind.DELIVERED: EventKind.DELIVERED,
    ReceiptKind.FAILED: EventKind.FAILED,
    ReceiptKind.COMPLAINED: EventKind.COMPLAINED,
    ReceiptKind.REPLIED: EventKind.REPLIED,
    ReceiptKind.PRESSED: EventKind.PRESSED,
    ReceiptKind.UNSUBSCRIBED: EventKind.UNSUBSCRIBED,
    ReceiptKind.RESUBSCRIBED: EventKind.RESUBSCRIBED,
}
"""What is told of which; opening and clicks go the way of all reports of e-mails."""
WISHES = frozenset({ReceiptKind.UNSUBSCRIBED, ReceiptKind.RESUBSCRIBED})
READING = frozenset({ReceiptKind.OPENED, ReceiptKind.CLICKED})
SAID = frozenset({ReceiptKind.REPLIED, ReceiptKind.PRESSED})
"""What people do with a message; nobody can before it has reached them."""
REASONS = {
    ReceiptKind.FAILED: SuppressionReason.BOUNCE,
    ReceiptKind.COMPLAINED: SuppressionReason.COMPLAINT,
    ReceiptKind.UNSUBSCRIBED: SuppressionReason.UNSUBSCRIBE,
}
"""Why an address is not used any more after a report."""


@dataclass(frozen=True)
class About:
    """A receipt and the delivery it reports of."""

    receipt: Receipt
    delivery: Delivery


async def take(rt: Runtime, integration: Integration, told: Sequence[Receipt]) -> None:
    """Keeps what a provider reported, and does what it means, each report once."""
    fared: list[Fared] = []
    async with rt.database.write() as tx:
        known = await resolve(tx, integration, told)
        owned = [replace(e, delivery_id=known.get(e.key)) for e in told if _concerns(e, known)]
        held = await _held(tx, set(known.values()))
        fresh = await receipts.add(tx, integration.id, owned, rt.clock.now())
        news_of = [each for each in owned if each.key in fresh]
        about = [About(e, held[e.delivery_id]) for e in news_of if e.delivery_id in held]
        await _fold(tx, [held[each] for each in {a.delivery.id for a in about}])
        await _tell(tx, integration, about)
        await _suppress(tx, integration, news_of, held)
        fared = [_fared(each) for each in about if each.delivery.channel in GIVEN_OUT]
    if fared:
        async with rt.database.write() as tx:
            lost = await addresses.note(tx, fared)
        await news.move_on(rt, lost)


def _concerns(receipt: Receipt, known: Mapping[str, int]) -> bool:
    """Whether it is kept. A chat tells of every thread: what people say there is not ours to keep,
    unless they answer a message of ours.
    """
    return receipt.key in known or receipt.kind not in SAID


async def resolve(
    tx: Transaction, integration: Integration, told: Sequence[Receipt]
) -> dict[str, int]:
    """The deliveries that receipts report of, by the keys of those where that is known."""
    named = [(integration.id, each.message_id) for each in told if each.message_id]
    by_name = await receipts.deliveries_named(tx, named)
    found: dict[str, int] = {}
    for each in told:
        owner = each.delivery_id or by_name.get((integration.id, each.message_id))
        if owner is None and integration.channel is Channel.SMS and each.address:
            owner = await receipts.last_text(tx, integration.environment_id, each.address)
        if owner is not None:
            found[each.key] = owner
    named_ones = await deliveries.get_many(tx, set(found.values()))
    own = {each.id for each in named_ones if _owns(integration, each)}
    return {key: owner for key, owner in found.items() if owner in own}


def _owns(integration: Integration, delivery: Delivery) -> bool:
    """Nobody reports of what another environment or another channel has sent."""
    return (delivery.environment_id, delivery.channel) == (
        *(integration.environment_id, integration.channel),
    )


async def settle(tx: Transaction, sent: Sequence[Delivery]) -> dict[int, DeliveryStatus]:
    """Where deliveries stand that have just gone out, by what was reported before that."""
    went = [each for each in sent if each.integration_id is not None]
    names = {(each.integration_id or 0, each.message_id): each.id for each in went}
    matched = await receipts.match(tx, {n: key for n, key in names.items() if n[1]})
    known = await receipts.of_deliveries(tx, [each.id for each in went])
    by_id = {each.id: each for each in went}
    for key, late in matched.items():
        await _tell_late(tx, [About(each, by_id[key]) for each in late])
    return {key: _stands(by_id[key], told) for key, told in known.items()}


async def _tell_late(tx: Transaction, about: Sequence[About]) -> None:
    for each in about:
        await _tell_one(tx, each, each.delivery.channel.label)


def _stands(delivery: Delivery, told: Sequence[Receipt]) -> DeliveryStatus:
    kinds = [each.kind for each in told if each.is_about(delivery.message_id)]
    return status_after(delivery.status, kinds)


async def _held(tx: Transaction, keys: Collection[int]) -> dict[int, Delivery]:
    """The deliveries, which nobody changes until the transaction ends."""
    there = await deliveries.standing(tx, keys) if keys else {}
    return {each.id: each for each in await deliveries.get_many(tx, there.keys())}


async def _fold(tx: Transaction, about: Sequence[Delivery]) -> None:
    known = await receipts.of_deliveries(tx, [each.id for each in about])
    for each in about:
        told = known.get(each.id, [])
        status = _stands(each, told)
        if status is not each.status:
            last = max(told, key=lambda one: one.at)
            detail = next((one.detail for one in told if one.kind is ReceiptKind.FAILED), "")
            changed = replace(each, status=status, detail=detail or each.detail, updated_at=last.at)
            riders = await digests.carried(tx, each.id, mail_reports.MOST_TOLD)
            same = [replace(r, status=status) for r in riders if r.status is each.status]
            await deliveries.save(tx, [changed, *same])


async def _tell(tx: Transaction, integration: Integration, about: Sequence[About]) -> None:
    for each in about:
        await _tell_one(tx, each, integration.name)


async def _tell_one(tx: Transaction, about: About, by: str) -> None:
    receipt, delivery = about.receipt, about.delivery
    if receipt.kind in READING:
        url = receipt.url if receipt.kind is ReceiptKind.CLICKED else None
        evidence = Evidence(receipt.detail, receipt.address)
        await mail_reports.keep(tx, MailReport(delivery.id, url, receipt.at, evidence))
        return
    kind = EVENTS.get(receipt.kind)
    if kind is not None:
        said = {"by": by, "code": receipt.code, "detail": receipt.detail, "text": receipt.text}
        data = {name: value for name, value in said.items() if value}
        sentence = sentence_of(receipt, delivery.channel)
        await mail_reports.tell(tx, delivery, receipt.at, kind, sentence, data)


async def _suppress(
    tx: Transaction,
    integration: Integration,
    told: Sequence[Receipt],
    held: Mapping[int, Delivery],
) -> None:
    """Stops the use of addresses, or takes that back."""
    if integration.channel in GIVEN_OUT:
        return
    for each in told:
        delivery = held.get(each.delivery_id or 0)
        address = delivery.address if delivery else each.address
        if not address:
            continue
        if each.kind in WISHES:
            await _follow_wish(tx, integration, each, address)
        elif each.dead_address or each.kind is ReceiptKind.COMPLAINED:
            await outbox.suppress(tx, [_suppression(integration, each, address)])


async def _follow_wish(
    tx: Transaction, integration: Integration, receipt: Receipt, address: str
) -> None:
    """The last wish counts, whatever order they came in."""
    if not await receipts.wants(tx, integration.id, receipt.address):
        await outbox.suppress(tx, [_suppression(integration, receipt, address)])
        return
    place, channel = integration.environment_id, integration.channel
    await outbox.unsuppress(tx, place, channel, [address], SuppressionReason.UNSUBSCRIBE)


def _suppression(integration: Integration, receipt: Receipt, address: str) -> Suppression:
    return Suppression(
        environment_id=integration.environment_id,
        channel=integration.channel,
        address=address,
        reason=REASONS.get(receipt.kind, SuppressionReason.INVALID),
        details={
            "provider": integration.provider,
            "status": receipt.code,
            "detail": receipt.detail,
        },
        at=receipt.at,
    )


def _fared(about: About) -> Fared:
    receipt, delivery = about.receipt, about.delivery
    failed = receipt.kind is ReceiptKind.FAILED
    said = receipt.detail or receipt.code or "It did not arrive."
    return Fared(
        *(delivery.user_id, delivery.channel, delivery.address, receipt.at),
        failure=said if failed else "",
        dead=said if failed and receipt.dead_address else "",
    )
