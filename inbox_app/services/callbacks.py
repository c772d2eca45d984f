"""What providers report to this server: proven, understood, kept, and done.

Replies and buttons act on the inbox as their person does there, under a name by which a repeated
report is known.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from inbox_app.channels import registry
from inbox_app.channels.spec import Call, Ended, Said
from inbox_app.domain.connected_chat import ConnectedChat
from inbox_app.domain.delivery import Delivery, Integration
from inbox_app.domain.errors import InboxError, NotFound, Unavailable
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Proof, Receipt, ReceiptKind
from inbox_app.pipeline import composing, mail_links, news, receipts
from inbox_app.pipeline.parcels import opened
from inbox_app.pipeline.told import read_told
from inbox_app.runtime import Runtime
from inbox_app.services import inbox
from inbox_app.storage import addresses, chats, deliveries, environments, outbox, users
from inbox_app.storage import receipts as kept
from inbox_app.storage.addresses import Fared

DONE = frozenset({ReceiptKind.REPLIED, ReceiptKind.PRESSED})
"""What people do with a message that they could have done in the inbox."""

log = logging.getLogger(__name__)


async def take(rt: Runtime, provider_name: str, integration_id: int, call: Call) -> Said:
    """Does what a provider's request says, and tells what to answer it.

    Raises:
        NotFound: there is no such integration, or its provider reports nothing.
        Unauthenticated: it is not the provider that calls.
        InvalidInput: it cannot be understood.
        Unavailable: it cannot be kept or proven now.
    """
    integration = await _integration(rt, provider_name, integration_id)
    provider = registry.provider_named(provider_name)
    settings = _settings(integration)
    heard = await registry.hear(provider, call, settings, rt.tools)
    meant = await receipts.understood(rt, integration, heard.receipts)
    told = mail_links.answered(rt, meant)
    texts = await count(rt, integration, told, heard.proof)
    if heard.ended is not None:
        await _bury(rt, integration, heard.ended)
    return heard.replying(texts) if texts and heard.replying else heard.answer


async def count(
    rt: Runtime, integration: Integration, said: Iterable[Receipt], proof: Proof | None = None
) -> list[str]:
    """Does what was reported; the texts that whoever replied is to be answered with."""
    told = {each.key: each for each in said}
    about = await receipts.take(rt, integration, list(told.values()), proof)
    # A provider calls again when this breaks off, and each has a name under which it is done once.
    done = [each for each in told.values() if each.kind in DONE]
    return await _act(rt, integration, done, about)


async def _bury(rt: Runtime, integration: Integration, ended: Ended) -> None:
    """Uses nothing any more that people connected and their service has ended."""
    now, place = rt.clock.now(), (integration.environment_id, ended.app_id, ended.team_id)
    async with rt.database.write() as tx:
        theirs = await chats.of_workspace(tx, *place)
        fared = [
            Fared(*(user_id, integration.channel, value, now), ended.why, ended.why, ended.at)
            for user_id, value in theirs
        ]
        lost = await addresses.note(tx, fared)
    await news.move_on(rt, lost)


async def _integration(rt: Runtime, provider_name: str, integration_id: int) -> Integration:
    async with rt.database.read() as tx:
        found = await outbox.integration(tx, integration_id, rt.sealer)
    if found is None or found.provider != provider_name:
        raise NotFound("There is no such integration.")
    return found


def _settings(integration: Integration) -> BaseModel:
    """The settings, without a word to whoever calls of what is wrong with them.

    Raises:
        Unavailable: they cannot be used now; the provider calls again.
    """
    try:
        return registry.settings_of(integration.provider, integration.settings)
    except InboxError as error:
        log.error("Integration %d cannot take reports: %s", integration.id, error.message)  # noqa: TRY400 - the cause is told
        raise Unavailable("This integration cannot be used now.") from None


async def _act(
    rt: Runtime, integration: Integration, told: Sequence[Receipt], known: Mapping[str, int]
) -> list[str]:
    """Does in the inbox what people did elsewhere; the texts they are to be answered with."""
    if not told:
        return []
    async with rt.database.read() as tx:
        about = {each.id: each for each in await deliveries.get_many(tx, set(known.values()))}
    texts: list[str] = []
    for each in told:
        delivery = about.get(known.get(each.key, 0))
        if delivery is None or delivery.tracking_id is None:
            continue
        if not await _is_theirs(rt, integration, delivery, each):
            continue
        await _do(rt, delivery, delivery.tracking_id, each, f"{integration.id}-{each.key}")
        if each.kind is ReceiptKind.REPLIED:
            texts += await _answers(rt, delivery, delivery.tracking_id, each.key)
    return texts


async def _is_theirs(
    rt: Runtime, integration: Integration, delivery: Delivery, receipt: Receipt
) -> bool:
    """Whether it is the person a delivery is for who did that.

    Where others write as well they are known by a place of their own that bears their name, or by
    what they granted. Who connected a chat may have chosen the place of somebody else, and is known
    by what they granted alone; once they have disconnected it nobody answers for them there.
    """
    async with rt.database.read() as tx:
        person = (await users.get_many(tx, [delivery.user_id])).get(delivery.user_id)
    known = person.profile.reached(delivery.channel) if person else ()
    connected = any(ConnectedChat.of(each) for each in known)
    if not receipt.shared and not connected:
        theirs = any(delivery.address == each.value for each in known)
        return theirs or delivery.channel is not Channel.SLACK
    whose, writer = registry.provider_named(integration.provider).whose, receipt.address
    return any(
        (writer == each.value and not connected)
        or (whose is not None and writer == whose(opened(rt, each)))
        for each in known
    )


async def _do(
    rt: Runtime, delivery: Delivery, tracking_id: str, receipt: Receipt, name: str
) -> None:
    try:
        if receipt.kind is ReceiptKind.PRESSED:
            await inbox.act(rt, delivery.user_id, tracking_id, receipt.number, inbox.Asked(name))
        else:
            await inbox.reply(rt, delivery.user_id, tracking_id, receipt.text, attempt=name)
    except Unavailable:
        raise
    except InboxError as error:
        # It is not in an inbox, or takes no replies: the timeline tells of it all the same.
        log.info("A report about %s does nothing in the inbox: %s", tracking_id, error.message)


async def _answers(rt: Runtime, delivery: Delivery, tracking_id: str, key: str) -> list[str]:
    """What the sender wants those to be answered who reply, the first time that they do.

    Two machines that answer each other would go on for ever.
    """
    async with rt.database.read() as tx:
        if await kept.first_reply(tx, delivery.id) != key:
            return []
        place = await environments.by_id(tx, delivery.environment_id, rt.sealer)
        people = await users.get_many(tx, [delivery.user_id])
        known = await read_told(tx, place, [tracking_id], people) if place else {}
    told = known.get(tracking_id)
    text = composing.auto_reply(told, delivery.channel) if told else ""
    return [text] if text else []
