"""Addresses that people type in: used once a code that went there has come back.

A proven address is used whatever applications say of the person from then on; what they say counts
for people who have proven none (docs/decisions/0020). Asking for a code calls a provider, so
it is not to be awaited where somebody waits for a lock.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from inbox_app.domain import address_code
from inbox_app.domain.address_code import DIGITS, MOST_TRIES, AddressCode, AddressKind
from inbox_app.domain.delivery import DeliveryStatus, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound, Refused, Unavailable
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.lib import ids
from inbox_app.lib.mailbox import NotAMailbox, mailbox
from inbox_app.lib.telephone import e164
from inbox_app.pipeline import direct
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.runtime import Runtime
from inbox_app.services.address_words import code_message
from inbox_app.services.centre_where import CHANNELS
from inbox_app.services.holding import held
from inbox_app.storage import (
    address_codes,
    environments,
    inbox,
    outbox,
    personal,
    revoked_links,
    users,
)
from inbox_app.storage.engine import Transaction

MAY_HAVE_COME = {DeliveryStatus.SENT, DeliveryStatus.UNKNOWN}
PROVABLE = frozenset(SuppressionReason) - {SuppressionReason.MANUAL}
"""Reasons that a right code ends; an operator's own stays."""


async def ask(
    rt: Runtime, user_id: int, kind: AddressKind, typed: str, *, language: str = "en"
) -> AddressCode:
    """Sends a code to an address; what was on its way to another one of the kind counts no more.

    Asked again for the same address it is another code, which counts instead. The address that the
    person has may be asked for as well: proven once more, it is no longer suppressed.

    Raises:
        InvalidInput: it is no such address.
        Refused: too many codes were asked for, or nothing is to be sent there.
        Unavailable: the code could not be sent.
    """
    address = normalised(kind, typed)
    now, secret = rt.clock.now(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    async with rt.database.write() as tx:
        user = await held(tx, user_id)
        environment = await _environment(rt, tx, user)
        await _check_open(tx, environment, kind, address)
        await _check_limits(tx, user, kind, address, now)
        code = AddressCode(
            *(ids.ordered_id(), environment.id, user.id, kind, address),
            code_hash=rt.sealer.proof(_said(user, address, secret)).hex(),
            made_at=now,
        )
        await address_codes.end(tx, user.id, kind, now)
        await address_codes.add(tx, code)
        reached = await inbox.advance(tx, {user.id: ONE_STEP})
    await tell(rt, reached)
    channel, content = code_message(kind, secret, environment.title, language)
    sent = await direct.send(rt, environment, user, (channel, address), content)
    if sent.delivery.status not in MAY_HAVE_COME:
        await cancel(rt, user_id, kind)
        raise Unavailable(
            "The code could not be sent.", fix="Try again in a minute.", name="why.code_not_sent"
        )
    return code


async def confirm(rt: Runtime, user_id: int, kind: AddressKind, typed: str) -> User:
    """Takes the code that came; the address is the person's from now on, and may be used again.

    Raises:
        NotFound: no code is on its way, or it has expired.
        InvalidInput: the code is wrong; its ``fix`` says how many tries are left.
    """
    now, given = rt.clock.now(), "".join(typed.split())
    async with rt.database.write() as tx:
        user = await held(tx, user_id)
        code = await _pending(tx, user, kind, now)
        proof = bytes.fromhex(code.code_hash)
        right = rt.sealer.proves(_said(user, code.address, given), proof)
        if right:
            user = await _use(tx, user, code, now)
        else:
            await _count_wrong(tx, code, now)
        reached = await inbox.advance(tx, {user.id: ONE_STEP})
    await tell(rt, reached)
    if not right:
        raise _wrong(MOST_TRIES - code.tries - 1)
    return user


def _wrong(left: int) -> InvalidInput:
    """What is said of a wrong code when so many tries are left."""
    said = "That is not the code."
    if not left:
        return InvalidInput(said, fix="Ask for a new code.", name="why.code_spent")
    return InvalidInput(said, fix=f"Tries that are left: {left}.", name="why.code_wrong", n=left)


async def cancel(rt: Runtime, user_id: int, kind: AddressKind) -> None:
    """Forgets the address that waits for its code."""
    async with rt.database.write() as tx:
        await held(tx, user_id)
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
        await address_codes.end(tx, user_id, kind, rt.clock.now())
    await tell(rt, reached)


async def remove(rt: Runtime, user_id: int, kind: AddressKind) -> User:
    """Takes an address out of use; the person's application may say it again."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        user = await held(tx, user_id)
        await _end_links(tx, user, kind, "", now)
        user = _without_address(user, kind, now)
        await users.save(tx, [user])
        await _prove(tx, user, kind, None)
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
        await address_codes.end(tx, user.id, kind, now)
    await tell(rt, reached)
    return user


def normalised(kind: AddressKind, typed: str) -> str:
    """The address as it is kept: an e-mail address, or a number in E.164.

    Raises:
        InvalidInput: it is none.
    """
    return _email(typed.strip()) if kind is AddressKind.EMAIL else _number(typed.strip())


def _email(text: str) -> str:
    try:
        known = None if "<" in text else mailbox(text)
    except NotAMailbox:
        known = None
    if known is None or "." not in known.domain:
        raise InvalidInput(
            "That is not an e-mail address.",
            fix="Write it as in name@example.com.",
            name="why.no_email",
        )
    return f"{known.local}@{text.rpartition('@')[2].lower()}"


def _number(text: str) -> str:
    number = e164(text)
    if not number:
        raise InvalidInput(
            "That is not a telephone number.",
            fix="Write it with the code of its country, such as +49 1512 3456789.",
            name="why.no_number",
        )
    return number


async def _environment(rt: Runtime, tx: Transaction, user: User) -> Environment:
    environment = await environments.by_id(tx, user.environment_id, rt.sealer)
    assert environment  # noqa: S101 - its user is there
    return environment


async def _check_open(
    tx: Transaction, environment: Environment, kind: AddressKind, address: str
) -> None:
    """Codes stop where an operator has stopped everything else."""
    channel = CHANNELS[kind][0]
    key = (environment.id, channel, address)
    known = (await outbox.suppressed(tx, [key])).get(key)
    if channel in environment.disable_sending or (known and known.reason not in PROVABLE):
        raise Refused(
            "Nothing is sent to this address.",
            fix="Ask whoever runs this server.",
            name="why.address_closed",
        )


async def _check_limits(
    tx: Transaction, user: User, kind: AddressKind, address: str, now: datetime
) -> None:
    since, place = now - address_code.PERIOD, user.environment_id
    sent = await address_codes.sent_to_address(tx, place, kind, address, since)
    if sent and max(sent) + address_code.REST > now:
        seconds = round((max(sent) + address_code.REST - now).total_seconds())
        fix = f"Ask again in {seconds} seconds."
        raise Refused("A code has just been sent.", fix=fix, name="why.code_sent", n=seconds)
    asked = await address_codes.sent_to_person(tx, user.id, since)
    if asked >= address_code.MOST_BY_PERSON or len(sent) >= address_code.MOST_TO_ADDRESS:
        raise Refused(
            "Too many codes were asked for.", fix="Try again in an hour.", name="why.codes_many"
        )


async def _pending(tx: Transaction, user: User, kind: AddressKind, now: datetime) -> AddressCode:
    for code in await address_codes.pending(tx, user.id, now):
        if code.kind is kind:
            return code
    raise NotFound(
        "No code is on its way, or it has expired.", fix="Ask for a new code.", name="why.code_over"
    )


def _said(user: User, address: str, code: str) -> bytes:
    return f"address code\0{user.id}\0{address}\0{code}".encode("utf-8", "replace")


async def _count_wrong(tx: Transaction, code: AddressCode, now: datetime) -> None:
    await address_codes.tried(tx, code.id)
    if code.tries + 1 >= MOST_TRIES:
        await address_codes.end(tx, code.user_id, code.kind, now)


async def _use(tx: Transaction, user: User, code: AddressCode, now: datetime) -> User:
    await _end_links(tx, user, code.kind, code.address, now)
    await _prove(tx, user, code.kind, code.address)
    proven = {**(user.profile.proven or {}), code.kind.value: code.address}
    changed = replace(user, profile=replace(user.profile, proven=proven), updated_at=now)
    await users.save(tx, [changed])
    await address_codes.end(tx, user.id, code.kind, now)
    for channel in CHANNELS[code.kind]:
        for reason in PROVABLE:
            await outbox.unsuppress(tx, user.environment_id, channel, [code.address], reason)
    return changed


async def _end_links(
    tx: Transaction, user: User, kind: AddressKind, following: str, now: datetime
) -> None:
    """Ends the links in what was sent to an address that another one follows, or none."""
    former = user.profile.addresses(Channel.EMAIL)
    if kind is AddressKind.EMAIL and former and former != (following,):
        await revoked_links.revoke(tx, user.id, now)


def _without_address(user: User, kind: AddressKind, now: datetime) -> User:
    proven = {k: v for k, v in (user.profile.proven or {}).items() if k != kind}
    profile = replace(user.profile, proven=proven)
    if kind is AddressKind.EMAIL:
        profile = replace(profile, email=None)
    else:
        profile = replace(profile, number=None)
    return replace(user, profile=profile, updated_at=now)


async def _prove(tx: Transaction, user: User, kind: AddressKind, address: str | None) -> None:
    """Writes which address of a kind the person has proven; the person must be held."""
    known = await personal.get(tx, user.id, to_change=True)
    others = {each: proven for each, proven in known.proven.items() if each != kind}
    proven = {**others, kind.value: address} if address else others
    await personal.save(tx, user.id, replace(known, proven=proven))
