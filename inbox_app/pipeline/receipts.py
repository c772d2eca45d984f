"""Taking receipts: each once, in any order; what they say of deliveries, addresses and people.

A receipt may come before this server has written down that the message went out. It is kept, and
counts when that is written: at once where it names the delivery (`settle`), right after that where
it names the message (`catch_up`). So the two may come in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_app.domain.address import GIVEN_OUT
from inbox_app.domain.delivery import (
    Delivery,
    DeliveryStatus,
    Integration,
    Suppression,
    SuppressionReason,
)
from inbox_app.domain.errors import Unauthenticated
from inbox_app.domain.event import EventKind
from inbox_app.domain.mail_report import Evidence, MailReport
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import ARRIVING, Proof, Receipt, ReceiptKind, status_after
from inbox_app.pipeline import mail_reports, news
from inbox_app.pipeline.receipt_words import sentence_of
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, deliveries, digests, outbox, proofs, receipts
from inbox_app.storage.addresses import Fared
from inbox_app.storage.engine import Transaction
from inbox_app.storage.receipts import Kept, Place

EVENTS = {
    ReceiptKind.DELAYED: EventKind.DELAYED,
    ReceiptKind.DELIVERED: EventKind.DELIVERED,
    ReceiptKind.FAILED: EventKind.FAILED,
    ReceiptKind.COMPLAINED: EventKind.COMPLAINED,
    ReceiptKind.REPLIED: EventKind.REPLIED,
    ReceiptKind.PRESSED: EventKind.PRESSED,
    ReceiptKind.DISMISSED: EventKind.DISMISSED,
    ReceiptKind.UNSUBSCRIBED: EventKind.UNSUBSCRIBED,
    ReceiptKind.RESUBSCRIBED: EventKind.RESUBSCRIBED,
}
"""What is told of which; opening and clicks go the way of all reports of e-mails."""
WISHES = frozenset({ReceiptKind.UNSUBSCRIBED, ReceiptKind.RESUBSCRIBED})
WRITTEN = WISHES | {ReceiptKind.REPLIED}
"""What people write back."""
ARRIVED = "The provider reports that it arrived."
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


async def take(
    rt: Runtime, integration: Integration, told: Sequence[Receipt], proof: Proof | None = None
) -> dict[str, int]:
    """Keeps what a provider reported, and does what it means, each report once.

    Args:
        proof: What proves all of them, where that could have been put to them by somebody else.

    Returns:
        The deliveries that they report of, by their keys; of a repeated report what it was taken
        for the first time.

    Raises:
        Unauthenticated: the proof came with another report before.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        if proof is not None and not await proofs.use(tx, proof):
            raise Unauthenticated("The proof of this report belongs to another one.")
        known = await resolve(tx, integration, told)
        held = await _held(tx, set(known.values()))
        kept = [each for each in told if _concerns(each, known)]
        owned = [_owned(each, held.get(known.get(each.key, 0))) for each in kept]
        fresh = await receipts.add(tx, integration.id, owned, now)
        news_of = [each for each in owned if each.key in fresh]
        about = [About(e, held[e.delivery_id]) for e in news_of if e.delivery_id in held]
        await _do(tx, integration, about, now)
        alone = [each for each in news_of if each.delivery_id not in held]
        await _suppress(tx, integration, [(each, each.address) for each in alone])
        owners = await receipts.owners(tx, integration.id, [each.key for each in told])
    await _note(rt, about)
    await _look_again(rt, integration, {each.message_id for each in alone if each.message_id})
    return owners


async def understood(
    rt: Runtime, integration: Integration, told: Sequence[Receipt]
) -> Sequence[Receipt]:
    """The same, where what a word means depends on what its writer has wished before."""
    if not any(each.agrees for each in told):
        return told
    async with rt.database.read() as tx:
        return [await _understood(tx, integration, each) for each in told]


async def _understood(tx: Transaction, integration: Integration, receipt: Receipt) -> Receipt:
    if not receipt.agrees:
        return receipt
    # A repeated report means what it meant the first time.
    before = await receipts.kind_of(tx, integration.id, receipt.key)
    wish = ReceiptKind.RESUBSCRIBED
    if before is wish or (before is None and await _has_stopped(tx, integration, receipt.address)):
        return replace(receipt, kind=wish, text="", agrees=False)
    return replace(receipt, agrees=False)


async def _has_stopped(tx: Transaction, integration: Integration, address: str) -> bool:
    """Whether an address wants no more, as far as this server heard or the provider told it."""
    place = (integration.environment_id, integration.channel, address)
    known = (await outbox.suppressed(tx, [place])).get(place)
    told = known is not None and known.reason is SuppressionReason.UNSUBSCRIBE
    return told or not await receipts.wants(tx, integration.id, address)


async def _look_again(rt: Runtime, integration: Integration, names: Collection[str]) -> None:
    """Looks once more for messages that were not known: they may have become so meanwhile."""
    async with rt.database.read() as tx:
        found = await receipts.deliveries_named(tx, integration.id, names)
    await _match(rt, {(integration.id, name): key for name, key in found.items()})


def _owned(receipt: Receipt, delivery: Delivery | None) -> Receipt:
    """The receipt with what it is about; a wish with whose it is."""
    if delivery is None:
        return replace(receipt, delivery_id=None)
    address = receipt.address or (delivery.address if receipt.kind in WISHES else "")
    return replace(receipt, delivery_id=delivery.id, address=address)


def _concerns(receipt: Receipt, known: Mapping[str, int]) -> bool:
    """Whether it is kept. A chat tells of every thread: what people say there is not ours to keep,
    unless they answer a message of ours.
    """
    return receipt.key in known or receipt.kind not in SAID


async def resolve(
    tx: Transaction, integration: Integration, told: Sequence[Receipt]
) -> dict[str, int]:
    """The deliveries that receipts report of, by the keys of those where that is known.

    What is about somebody else's mailbox is about no delivery.
    """
    names = {each.message_id for each in told if each.message_id}
    by_name = await receipts.deliveries_named(tx, integration.id, names)
    found: dict[str, int] = {}
    for each in told:
        owner = each.delivery_id or by_name.get(each.message_id)
        if owner is None and integration.channel is Channel.SMS and each.kind in WRITTEN:
            # Who writes back says whom, not what they answer.
            owner = await receipts.last_text(tx, integration.environment_id, each.address)
        if owner is not None:
            found[each.key] = owner
    named_ones = await deliveries.get_many(tx, set(found.values()))
    own = {each.id: each for each in named_ones if _owns(integration, each)}
    about = {each.key: own.get(found.get(each.key, 0)) for each in told}
    return {e.key: of.id for e in told if (of := about[e.key]) is not None and e.concerns(of)}


def _owns(integration: Integration, delivery: Delivery) -> bool:
    """Nobody reports of what another environment or another channel has sent."""
    return (delivery.environment_id, delivery.channel) == (
        *(integration.environment_id, integration.channel),
    )


async def settle(tx: Transaction, sent: Sequence[Delivery], now: datetime) -> dict[int, Delivery]:
    """Deliveries that have just gone out, as they stand by what was reported of them before."""
    went = [each for each in sent if each.integration_id is not None]
    known = await receipts.of_deliveries(tx, [each.id for each in went])
    return {each.id: folded(each, known.get(each.id, ()), now) for each in went}


async def catch_up(rt: Runtime, sent: Sequence[Delivery]) -> None:
    """Takes what was reported by a name that was not known yet.

    Asked once the names stand in the database: whoever takes a report looks for its message after
    it is kept, so one of the two finds the other.
    """
    named = {(e.integration_id, e.message_id): e.id for e in sent if e.integration_id is not None}
    await _match(rt, {place: key for place, key in named.items() if place[1]})


async def _match(rt: Runtime, places: Mapping[Place, int]) -> None:
    if not places:
        return
    async with rt.database.read() as tx:
        waiting = await receipts.waiting(tx, places)
    if not waiting:
        return
    async with rt.database.write() as tx:
        about = await _matched(tx, rt, {place: places[place] for place in waiting})
    await _note(rt, about)


async def _matched(tx: Transaction, rt: Runtime, places: Mapping[Place, int]) -> list[About]:
    held = await _held(tx, places.values())
    matched = await receipts.match(tx, {p: key for p, key in places.items() if key in held})
    told: list[About] = []
    for (integration_id, _), late in matched.items():
        through = await outbox.integration(tx, integration_id, rt.sealer)
        pairs = [About(e, held[e.delivery_id]) for e in late if e.delivery_id in held]
        about = [each for each in pairs if each.receipt.concerns(each.delivery)]
        if through is not None:
            await _do(tx, through, about, rt.clock.now())
            told += about
    return told


def folded(delivery: Delivery, told: Sequence[Kept], now: datetime) -> Delivery:
    """A delivery as it stands by its receipts, those of earlier tries left out."""
    own = [each.receipt for each in told if _counts(each, delivery)]
    status = status_after(delivery.status, [each.kind for each in own])
    if status is delivery.status:
        return delivery
    failed = (each.detail or each.code for each in own if each.kind is ReceiptKind.FAILED)
    said = next(filter(None, failed), "") if status is DeliveryStatus.FAILED else ARRIVED
    return replace(delivery, status=status, detail=said or delivery.detail, updated_at=now)


def _counts(kept: Kept, delivery: Delivery) -> bool:
    """Whether a receipt is of the try that a delivery stands by."""
    receipt, through = kept.receipt, delivery.integration_id
    if through not in {None, kept.integration_id} or not receipt.concerns(delivery):
        return False
    if receipt.message_id and delivery.message_id:
        return receipt.message_id == delivery.message_id
    # Without names the time tells: a replay begins anew.
    return kept.received_at >= (delivery.tried_since or delivery.created_at)


async def _held(tx: Transaction, keys: Collection[int]) -> dict[int, Delivery]:
    """The deliveries, which nobody changes until the transaction ends."""
    there = await deliveries.standing(tx, keys) if keys else {}
    return {each.id: each for each in await deliveries.get_many(tx, there.keys())}


async def _do(
    tx: Transaction, integration: Integration, about: Sequence[About], now: datetime
) -> None:
    """Does what receipts say of deliveries that are held."""
    await _fold(tx, {each.delivery.id: each.delivery for each in about}, now)
    for each in about:
        await _tell_one(tx, each, integration.name)
    told = [(each.receipt, each.delivery.address) for each in about]
    await _suppress(tx, integration, told)


async def _fold(tx: Transaction, about: Mapping[int, Delivery], now: datetime) -> None:
    known = await receipts.of_deliveries(tx, about.keys())
    for key, each in about.items():
        changed = folded(each, known.get(key, ()), now)
        if changed.status is not each.status:
            await deliveries.save(tx, [changed])
            await digests.follow(tx, key, each.status, changed.status)


async def _note(rt: Runtime, about: Sequence[About]) -> None:
    """Keeps how addresses fare; after the rest, for they come before it in the order of locks."""
    fared = [_fared(each) for each in about if _says_of_address(each)]
    if fared:
        async with rt.database.write() as tx:
            lost = await addresses.note(tx, fared)
        await news.move_on(rt, lost)


def _says_of_address(about: About) -> bool:
    said = about.receipt.kind in {ReceiptKind.FAILED, *ARRIVING}
    return said and about.delivery.channel in GIVEN_OUT


async def _tell_one(tx: Transaction, about: About, by: str) -> None:
    receipt, delivery = about.receipt, about.delivery
    if receipt.kind in READING:
        url = receipt.url if receipt.kind is ReceiptKind.CLICKED else None
        evidence = Evidence(receipt.detail, receipt.ip)
        await mail_reports.keep(tx, MailReport(delivery.id, url, receipt.at, evidence))
        return
    kind = EVENTS.get(receipt.kind)
    if kind is not None:
        said = {"by": by, "code": receipt.code, "detail": receipt.detail, "text": receipt.text}
        data = {name: value for name, value in said.items() if value}
        sentence = sentence_of(receipt, delivery.channel)
        await mail_reports.tell(tx, delivery, receipt.at, kind, sentence, data)


async def _suppress(
    tx: Transaction, integration: Integration, told: Sequence[tuple[Receipt, str]]
) -> None:
    """Stops the use of addresses, or takes that back.

    Args:
        told: Receipts, each with the address it is about.
    """
    if integration.channel in GIVEN_OUT:
        return
    for each, address in told:
        if address and each.kind in WISHES:
            await _follow_wish(tx, integration, each, address)
        elif address and each.dead_address:
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
