"""Right before sending: is it still wanted? Asked inside the transaction that took the lease."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.event import Event, EventKind
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.quiet_hours import LONGEST
from inbox_app.domain.user import User
from inbox_app.pipeline import outbox
from inbox_app.pipeline.outbox import Suppressed
from inbox_app.pipeline.plan import Facts, decide, undisturbed
from inbox_app.pipeline.told import Told, read_told
from inbox_app.storage import digests, inbox, users, waiting
from inbox_app.storage import outbox as rows
from inbox_app.storage.engine import Transaction

NOTHING_LEFT = "Nothing was left to tell: all of it had been read or was switched off."
RIDES = "Goes with the summary."
GONE = "The notification is no more."

NOTHING: Mapping[str, Any] = {}
ENDS = {
    DeliveryStatus.SENT: EventKind.SENT,
    DeliveryStatus.SKIPPED: EventKind.SKIPPED,
    DeliveryStatus.FAILED: EventKind.FAILED,
}
SOON = timedelta(seconds=1)
"""After which is asked again what is being changed."""
DEVICES = frozenset({Channel.PUSH, Channel.WEB_PUSH})
"""Channels on which a person has several addresses, each for a device."""
_DEVICE_GONE = (Rule.NO_ADDRESS, "The device it was for is no longer one of yours.")
_DEVICE_DEAD = (Rule.SUPPRESSED, "The device it was for takes no notifications any more.")


@dataclass(frozen=True)
class Going:
    """A delivery that is to be sent now.

    Attributes:
        parts: The notification, or all that ride in the digest.
        riders: The deliveries of those; empty when it is no digest.
    """

    delivery: Delivery
    environment: Environment
    user: User
    parts: tuple[Told, ...]
    riders: tuple[Delivery, ...] = ()


@dataclass
class Checked:
    """What became of a batch before anything was sent.

    Attributes:
        going: To be sent.
        settled: Deliveries whose status changed already, with the events of it.
        holding: To ride in a digest from now on.
        in_app: Inbox items whose time has come.
    """

    going: list[Going] = field(default_factory=list[Going])
    settled: list[Delivery] = field(default_factory=list[Delivery])
    events: list[Event] = field(default_factory=list[Event])
    holding: list[tuple[Delivery, Decision]] = field(
        default_factory=list[tuple[Delivery, Decision]]
    )
    in_app: list[tuple[Delivery, Told]] = field(default_factory=list[tuple[Delivery, Told]])

    def settle(
        self,
        delivery: Delivery,
        status: DeliveryStatus,
        sentence: str,
        now: datetime,
        data: Mapping[str, Any] = NOTHING,
    ) -> None:
        """Ends a delivery, and tells the story of it.

        Args:
            status: Sent, skipped or failed.
        """
        ended = replace(delivery, status=status, detail=sentence, updated_at=now)
        self.settled.append(ended)
        self.events += told_of([ended], now, ENDS[status], sentence, data)


@dataclass(frozen=True)
class Known:
    """What is read for a whole batch.

    Attributes:
        told: Notifications by tracking id; those that are no more or were cancelled are missing.
        states: Those of their inbox items, for what stands in the inbox.
        changing: People who want quiet and are being changed right now, maybe to want it no more.
    """

    environment: Environment
    now: datetime
    told: Mapping[str, Told]
    states: Mapping[str, ItemState]
    people: Mapping[int, User]
    suppressed: Suppressed
    changing: frozenset[int]

    def suppressed_of(self, user: User) -> Suppressed:
        """The addresses of a person that must not be used."""
        return self.suppressed | user.profile.dead


async def check(
    tx: Transaction, environment: Environment, claimed: Sequence[Delivery], now: datetime
) -> Checked:
    """Asks the plan again for everything a worker has just taken."""
    riders: dict[int, list[Delivery]] = {}
    for each in await digests.members(tx, [each.id for each in claimed if each.is_digest]):
        riders.setdefault(each.digest_id or 0, []).append(each)
    singles = [each for each in claimed if not each.is_digest]
    known = await _known(tx, environment, [*singles, *_flat(riders)], claimed, now)
    checked = ask(known, claimed, riders)
    if checked.holding:
        asked = {held.tracking_id for held, _ in checked.holding if held.tracking_id}
        ride_once(known, checked, await digests.riding(tx, asked))
    planned = {each.id: each.address for each in claimed}
    going = [each.delivery for each in checked.going]
    await waiting.readdress(tx, [each for each in going if each.address != planned[each.id]])
    return checked


def ask(
    known: Known, claimed: Sequence[Delivery], riders: Mapping[int, Sequence[Delivery]]
) -> Checked:
    """What becomes of each by what is known. Pure, so that it can be asked of another past, too.

    Args:
        riders: What rides in each digest among them, by its id.
    """
    checked = Checked()
    for each in claimed:
        if each.is_digest:
            _check_digest(known, each, riders.get(each.id, ()), checked)
        else:
            _check_single(known, each, checked)
    return checked


def ride_once(known: Known, checked: Checked, riding: set[tuple[str | None, Channel]]) -> None:
    """Leaves one to ride of each notification and channel, however many devices it was for.

    Args:
        riding: Of which notifications something rides already; grows.
    """
    once: list[tuple[Delivery, Decision]] = []
    for held, decision in checked.holding:
        place = (held.tracking_id, held.channel)
        if place in riding:
            _settle(known, held, DeliveryStatus.SKIPPED, decision.rule, RIDES, checked)
            continue
        riding.add(place)
        once.append((held, decision))
        data = {"rule": decision.rule.value}
        checked.events += told_of([held], known.now, EventKind.HELD, decision.sentence, data)
    checked.holding = once


def _flat(riders: Mapping[int, Sequence[Delivery]]) -> list[Delivery]:
    return [each for group in riders.values() for each in group]


async def _known(
    tx: Transaction,
    environment: Environment,
    asked: Sequence[Delivery],
    claimed: Sequence[Delivery],
    now: datetime,
) -> Known:
    names = {each.tracking_id for each in asked if each.tracking_id}
    people = await users.get_many(tx, {each.user_id for each in claimed})
    in_quiet = _in_quiet(people, claimed, now)
    # Until this is committed nobody ends a pause by which a digest is put off.
    still = await users.hold_still(tx, in_quiet) if in_quiet else {}
    people |= still
    known = await read_told(tx, environment, names, people)
    return Known(
        environment=environment,
        now=now,
        told=known,
        states=await inbox.states(tx, names),
        people=people,
        suppressed=await _suppressed(tx, environment, asked, people),
        changing=frozenset(in_quiet - still.keys()),
    )


def _in_quiet(people: Mapping[int, User], claimed: Sequence[Delivery], now: datetime) -> set[int]:
    """Those with a digest who want nothing now."""
    with_digest = {each.user_id for each in claimed if each.is_digest}
    return {key for key, user in people.items() if key in with_digest and undisturbed(user, now)}


async def _suppressed(
    tx: Transaction,
    environment: Environment,
    asked: Sequence[Delivery],
    people: Mapping[int, User],
) -> Suppressed:
    """Which of the addresses that deliveries are for, or could be for by now, must not be used."""
    addresses = {
        (environment.id, each.channel, address)
        for each in asked
        if each.channel is not Channel.INAPP_WEB and each.user_id in people
        for address in (
            each.address,
            *people[each.user_id].profile.addresses(each.channel),
        )
    }
    found = await rows.suppressed(tx, addresses)
    return frozenset((channel, address) for _, channel, address in found)


def _check_single(known: Known, delivery: Delivery, checked: Checked) -> None:
    told = known.told.get(delivery.tracking_id or "")
    if told is None:
        _settle(known, delivery, DeliveryStatus.SKIPPED, Rule.GONE, GONE, checked)
        return
    decision = _decision(known, delivery, told)
    if decision.outcome in {Outcome.SKIP, Outcome.FAIL}:
        skipped = decision.outcome is Outcome.SKIP
        status = DeliveryStatus.SKIPPED if skipped else DeliveryStatus.FAILED
        _settle(known, delivery, status, decision.rule, decision.sentence, checked)
    elif decision.outcome is Outcome.HOLD:
        held = replace(
            delivery,
            status=DeliveryStatus.HELD,
            option=decision.option,
            rule=decision.rule.value,
            detail=decision.sentence,
            updated_at=known.now,
        )
        checked.holding.append((held, decision))
    elif delivery.channel is Channel.INAPP_WEB:
        checked.in_app.append((delivery, told))
    else:
        _send_to_address(known, delivery, told, checked)


def _send_to_address(known: Known, delivery: Delivery, told: Told, checked: Checked) -> None:
    """Sends to the address as it is now, which may be another one than when it was planned."""
    usable = outbox.usable(told.user, delivery.channel, known.suppressed_of(told.user))
    if delivery.address in usable:
        address = delivery.address
    elif delivery.channel in DEVICES:
        gone = delivery.address not in told.user.profile.addresses(delivery.channel)
        rule, sentence = _DEVICE_GONE if gone else _DEVICE_DEAD
        _settle(known, delivery, DeliveryStatus.SKIPPED, rule, sentence, checked)
        return
    else:
        # The plan has just said that there is one.
        (address,) = usable
    addressed = replace(delivery, address=address)
    checked.going.append(Going(addressed, known.environment, told.user, (told,)))


def _check_digest(
    known: Known, digest: Delivery, riders: Sequence[Delivery], checked: Checked
) -> None:
    user = known.people.get(digest.user_id)
    if user is None:
        _settle(known, digest, DeliveryStatus.SKIPPED, Rule.GONE, GONE, checked)
        return
    # Who asked for it wants it in spite of all quiet.
    asked = digest.rule == Rule.ASKED
    until = None if asked else _held_until(known, user, riders)
    if until is not None:
        later = replace(digest, status=DeliveryStatus.PENDING, due_at=until, updated_at=known.now)
        checked.settled.append(later)
        return
    left = [each for each in riders if _still_wanted(known, each, checked)]
    if not left:
        _settle(known, digest, DeliveryStatus.SKIPPED, Rule.GONE, NOTHING_LEFT, checked)
        return
    # Each is told once, even when several workers held it for several devices.
    parts = tuple(known.told[name] for name in dict.fromkeys(e.tracking_id or "" for e in left))
    # Those who ride have just been allowed, so there is one.
    address = outbox.usable(user, digest.channel, known.suppressed_of(user))[0]
    addressed = replace(digest, address=address)
    checked.going.append(Going(addressed, known.environment, user, parts, tuple(left)))


def _held_until(known: Known, user: User, riders: Sequence[Delivery]) -> datetime | None:
    """When a digest is to be asked again, None when it may go."""
    until = undisturbed(user, known.now)
    if until is None:
        return None
    if user.id in known.changing:
        return known.now + SOON
    waited = known.now - min((each.created_at for each in riders), default=known.now)
    # Quiet that never ends: it has waited as long as it is taken to be.
    endless = user.preferences.pause_ends(known.now) is None and until - known.now >= LONGEST
    return None if endless and waited >= LONGEST else until


def _still_wanted(known: Known, rider: Delivery, checked: Checked) -> bool:
    told = known.told.get(rider.tracking_id or "")
    if told is None:
        _settle(known, rider, DeliveryStatus.SKIPPED, Rule.GONE, GONE, checked)
        return False
    schedule = told.send.schedule
    if schedule and schedule > known.now:
        # What would have held it then has ended already; it goes at its own time.
        alone = replace(rider, status=DeliveryStatus.PENDING, due_at=schedule, digest_id=None)
        checked.settled.append(replace(alone, updated_at=known.now))
        return False
    decision = _decision(known, rider, told)
    if decision.outcome in {Outcome.SKIP, Outcome.FAIL}:
        _settle(known, rider, DeliveryStatus.SKIPPED, decision.rule, decision.sentence, checked)
        return False
    return True


def _decision(known: Known, delivery: Delivery, told: Told) -> Decision:
    """The plan's word now; what was read meanwhile needs no e-mail."""
    decided = decide(
        Facts(
            send=told.send,
            kind=told.kind.type,
            user=told.user,
            now=known.now,
            templates=told.kind.templates,
            suppressed=known.suppressed_of(told.user),
            again=True,
        ),
        delivery.channel,
    )
    if decided.outcome in {Outcome.SKIP, Outcome.FAIL} or told.kind.type.required:
        return decided
    state = known.states.get(told.send.tracking_id)
    if delivery.channel is Channel.INAPP_WEB or state is None or _unread(state):
        return decided
    sentence = "You had read it in your inbox before it was sent."
    return Decision(delivery.channel, Outcome.SKIP, Rule.READ_MEANWHILE, sentence)


def _unread(state: ItemState) -> bool:
    return state.unread and state.archived is None


def _settle(
    known: Known,
    delivery: Delivery,
    status: DeliveryStatus,
    rule: Rule,
    sentence: str,
    checked: Checked,
) -> None:
    ended = replace(delivery, rule=rule.value)
    checked.settle(ended, status, sentence, known.now, {"rule": rule.value})


def told_of(
    told: Collection[Delivery],
    at: datetime,
    kind: EventKind,
    sentence: str,
    data: Mapping[str, Any],
) -> list[Event]:
    """An event for each delivery that is of one notification."""
    return [
        Event(each.environment_id, each.tracking_id, at, kind, each.channel, sentence, data)
        for each in told
        if each.tracking_id
    ]
