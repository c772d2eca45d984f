"""A stretch of somebody's past once more, with other preferences: what would have gone out.

The rules are the pipeline's own: each notification is planned as it was accepted, and whatever
waits is asked about again when it is due, in the order and at the moments that workers would have.
Only what they stand on is held in memory. Every message counts as sent that a worker would have
handed over.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.limits import Past
from inbox_app.domain.notification import InAppContent, Planned, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.pipeline import digest, recheck
from inbox_app.pipeline.accept import BATCH
from inbox_app.pipeline.dispatch import appearing
from inbox_app.pipeline.facts import History, Kind, Open, Place, batch_place
from inbox_app.pipeline.outbox import Suppressed
from inbox_app.pipeline.planning import Merged, plan_one
from inbox_app.pipeline.recheck import Checked, Going, Known
from inbox_app.pipeline.told import Told
from inbox_app.rendering.in_app import Rendered

SOMETHING = Rendered(InAppContent(""), ())
"""Stands for what an inbox item says: here nobody reads it."""
WAITS = frozenset({DeliveryStatus.PENDING, DeliveryStatus.HELD})


@dataclass(frozen=True)
class Happened:
    """A notification of the past.

    Attributes:
        read_at: When the person opened or archived the item it stood in, None: never.
        cancelled_at: When its sender took it back, or None.
    """

    send: Send
    kind: Kind
    read_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True)
class Traffic:
    """What a person was sent, and what the plans of it look at.

    Attributes:
        happened: The oldest first.
        past: What the limits of types look back at from before the first of them.
    """

    environment: Environment
    user: User
    happened: Sequence[Happened]
    suppressed: Suppressed
    past: Mapping[Place, Sequence[Past]] = field(default_factory=dict[Place, Sequence[Past]])


@dataclass
class Replayed:
    """What went out.

    Attributes:
        messages: How many by each channel; of the inbox, items.
        told: When a message of each notification first left by a channel other than the inbox.
    """

    messages: Counter[Channel] = field(default_factory=Counter[Channel])
    told: dict[str, datetime] = field(default_factory=dict[str, datetime])


def replayed(traffic: Traffic, user: User, until: datetime) -> Replayed:
    """What would have gone out until a moment, that moment included.

    Computes for as long as a second: to be called in a thread of its own.

    Args:
        user: The person with the preferences to be tried.
    """
    # It shares functions with the pipeline that wait for the database there; here nothing waits.
    return asyncio.run(_replayed(traffic, user, until))


async def _replayed(traffic: Traffic, user: User, until: datetime) -> Replayed:
    replay = _Replay(traffic, user)
    for each in traffic.happened:
        await replay.work(each.send.accepted_at)
        await replay.accept(each)
    await replay.work(until)
    return replay.result


class _Replay:
    """The tables a pipeline works on, as far as one person's past needs them."""

    def __init__(self, traffic: Traffic, user: User) -> None:
        self.result = Replayed()
        self._traffic, self._user = traffic, user
        self._history = History(
            {user.id: traffic.suppressed}, {k: list(v) for k, v in traffic.past.items()}
        )
        self._happened = {each.send.tracking_id: each for each in traffic.happened}
        self._cancelled = sorted(
            (each.cancelled_at, each.send.tracking_id)
            for each in traffic.happened
            if each.cancelled_at
        )
        self._gone: set[str] = set()
        self._limited: dict[str, Past] = {}
        self._deliveries: dict[int, Delivery] = {}
        self._of: dict[str, set[int]] = {}
        self._due: list[tuple[datetime, int]] = []
        self._riders: dict[int, set[int]] = {}
        self._windows: dict[tuple[int, Channel, datetime], int] = {}
        self._open: set[int] = set()
        self._item_of: dict[str, str] = {}
        self._read: dict[str, datetime] = {}

    async def accept(self, happened: Happened) -> None:
        send, kind = happened.send, happened.kind
        opened = Open(0, send, self._user, kind)
        planned = self._plan(opened, again=False)
        riders = [
            (each, _decision_of(planned, each))
            for each in planned.deliveries
            if each.status is DeliveryStatus.HELD
        ]
        held = {each.id: each for each in await self._join(riders)}
        self._save([held.get(each.id, each) for each in planned.deliveries])

    async def work(self, until: datetime) -> None:
        """Does what workers do at every moment until this one, that one included."""
        while self._due and self._due[0][0] <= until:
            now = self._due[0][0]
            # Before anything is taken: what is being sent can no longer be taken back.
            self._cancel(now)
            claimed = self._claim(now)
            if claimed:
                await self._deliver(claimed, now)
        self._cancel(until)

    def _claim(self, now: datetime) -> list[Delivery]:
        claimed: list[Delivery] = []
        while self._due and self._due[0][0] <= now and len(claimed) < BATCH:
            due, key = heapq.heappop(self._due)
            each = self._deliveries[key]
            # One that got another time since, or rides in a digest, stands there once more.
            if each.status is DeliveryStatus.PENDING and each.due_at == due:
                claimed.append(replace(each, status=DeliveryStatus.SENDING, updated_at=now))
        self._save(claimed)
        return claimed

    async def _deliver(self, claimed: Sequence[Delivery], now: datetime) -> None:
        riders = {each.id: self._members(each.id) for each in claimed if each.is_digest}
        known = self._known(claimed, riders, now)
        checked = recheck.ask(known, claimed, riders)
        recheck.ride_once(known, checked, self._riding(checked))
        self._show(checked, now)
        held = await self._join(checked.holding)
        self._save([*checked.settled, *held])
        for going in checked.going:
            self._send(going, now)

    def _known(
        self,
        claimed: Iterable[Delivery],
        riders: Mapping[int, Sequence[Delivery]],
        now: datetime,
    ) -> Known:
        asked = [*claimed, *(each for group in riders.values() for each in group)]
        names = {each.tracking_id for each in asked if each.tracking_id} - self._gone
        told = {name: self._happened[name] for name in names}
        return Known(
            environment=self._traffic.environment,
            now=now,
            told={name: Told(each.send, self._user, each.kind) for name, each in told.items()},
            states={name: self._state(name, now) for name in names if name in self._item_of},
            people={self._user.id: self._user},
            suppressed=self._traffic.suppressed,
            changing=frozenset(),
        )

    # Digests

    async def _join(self, riders: Sequence[digest.Rider]) -> list[Delivery]:
        waiting = [self._deliveries[key] for key in sorted(self._open)]
        still = {self._user.id: self._user}
        return await digest.assigned(riders, waiting, still, self._opening) if riders else []

    async def _opening(self, fresh: Delivery) -> Delivery | None:
        assert fresh.window_start  # noqa: S101 - as every digest
        place = (fresh.type_id, fresh.channel, fresh.window_start)
        known = self._windows.setdefault(place, fresh.id)
        if known == fresh.id:
            self._save([fresh])
        return self._deliveries[known] if known in self._open else None

    def _members(self, digest_id: int) -> list[Delivery]:
        held = (self._deliveries[key] for key in self._riders.get(digest_id, ()))
        riding = [each for each in held if each.status is DeliveryStatus.HELD]
        return sorted(riding, key=lambda each: (each.created_at, each.id))

    def _riding(self, checked: Checked) -> set[tuple[str | None, Channel]]:
        if not checked.holding:
            return set()
        riding = (each for key in self._riders for each in self._members(key))
        return {(each.tracking_id, each.channel) for each in riding}

    # Inbox

    def _show(self, checked: Checked, now: datetime) -> None:
        for delivery, told in sorted(checked.in_app, key=lambda each: each[0].id):
            self._plan(appearing(told, now), again=True)
            checked.settle(delivery, DeliveryStatus.SENT, "", now)

    def _plan(self, opened: Open, *, again: bool) -> Planned:
        now, name = opened.send.accepted_at, opened.send.tracking_id
        batches, past = self._history.batches, self._history.past
        # Who has read an item begins a new one.
        common = batch_place(opened)
        if common in batches and self._was_read(batches[common].tracking_id, now):
            del batches[common]
        place = (opened.user.id, opened.kind.type.id)
        before = len(past.get(place, ()))
        planned, merged = plan_one(opened, self._history, SOMETHING, again=again)
        if again and len(past.get(place, ())) > before:
            # It counts since it was accepted.
            past[place].pop()
        elif len(past.get(place, ())) > before:
            self._limited[name] = past[place][-1]
        if planned.item is not None or planned.part_of:
            self._stands(name, planned, merged)
        return planned

    def _stands(self, name: str, planned: Planned, merged: Merged | None) -> None:
        item = planned.part_of or name
        self._item_of[name] = item
        if merged is None:
            self.result.messages[Channel.INAPP_WEB] += 1
        read_at = self._happened[name].read_at
        if read_at is not None:
            self._read[item] = min(read_at, self._read.get(item, read_at))

    def _was_read(self, item: str, now: datetime) -> bool:
        return item in self._read and self._read[item] <= now

    def _state(self, name: str, now: datetime) -> ItemState:
        item = self._item_of[name]
        return ItemState(opened=self._read[item]) if self._was_read(item, now) else ItemState()

    # What stands there

    def _cancel(self, now: datetime) -> None:
        """Forgets what its sender has taken back by now."""
        while self._cancelled and self._cancelled[0][0] <= now:
            _, name = self._cancelled.pop(0)
            if not any(self._deliveries[key].status in WAITS for key in self._of.get(name, ())):
                # All of it had gone: its sender would have been told that it is too late.
                continue
            self._gone.add(name)
            counted = self._limited.pop(name, None)
            for past in self._history.past.values():
                if counted in past:
                    past.remove(counted)

    def _save(self, deliveries: Iterable[Delivery]) -> None:
        for each in deliveries:
            before = self._deliveries.get(each.id)
            if before and before.digest_id and before.digest_id != each.digest_id:
                self._riders[before.digest_id].discard(each.id)
            self._deliveries[each.id] = each
            if each.tracking_id:
                self._of.setdefault(each.tracking_id, set()).add(each.id)
            if each.digest_id:
                self._riders.setdefault(each.digest_id, set()).add(each.id)
            if each.status is DeliveryStatus.PENDING:
                heapq.heappush(self._due, (each.due_at, each.id))
            joinable = each.is_digest and each.status is DeliveryStatus.PENDING
            (self._open.add if joinable else self._open.discard)(each.id)
            if each.status.is_final:
                self._riders.pop(each.id, None)

    def _send(self, going: Going, now: datetime) -> None:
        sent = [going.delivery, *going.riders]
        self._save([replace(each, status=DeliveryStatus.SENT) for each in sent])
        self.result.messages[going.delivery.channel] += 1
        for part in going.parts:
            self.result.told.setdefault(part.send.tracking_id, now)


def _decision_of(planned: Planned, delivery: Delivery) -> Decision:
    return next(each for each in planned.decisions if each.channel is delivery.channel)
