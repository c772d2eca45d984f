"""Accept: a group of sends becomes one durable transaction, then each sender is answered.

Everything works on the group: users, types, idempotency keys and state rows cost one query each
for all of it; the plan runs per send in memory. One send that cannot be kept fails alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.errors import Conflict, Contended, InboxError, Unavailable
from inbox_app.domain.notification import Accepted, IdempotencyKey, Planned, Send
from inbox_app.engine.engine import Engine
from inbox_app.lib.memo import Memo
from inbox_app.live.hub import Hub
from inbox_app.pipeline import digest, facts, items
from inbox_app.pipeline.facts import History, Kind, Open
from inbox_app.pipeline.people import types_of, users_of
from inbox_app.pipeline.planning import Merged, plan_one
from inbox_app.rendering import in_app
from inbox_app.rendering.in_app import Rendered
from inbox_app.storage import notifications, types
from inbox_app.storage.engine import Database, Transaction

BATCH = 100
"""Deliveries that a worker takes at a time."""
TYPE_MEMORY = timedelta(seconds=5)
"""How long a type counts as unchanged: there are few, and each group would ask for the same."""
Answer = Accepted | Exception

log = logging.getLogger(__name__)


@dataclass
class _Group:
    """What a group works with, and what it found out; the numbers are places in ``sends``.

    Attributes:
        sends: The group, in the order of arrival.
        answers: What is answered already: repeats of earlier sends, and refusals.
        repeats: Sends that repeat another one of this group, with that one's place.
        rendered: In-app content and remarks of each send that has such content.
        planned: What is to be stored.
        read: Types as this transaction found or made them.
        changes: The change numbers of the people's inboxes, when they are known beforehand.
    """

    sends: Sequence[Send]
    answers: dict[int, Answer] = field(default_factory=dict[int, Answer])
    repeats: dict[int, int] = field(default_factory=dict[int, int])
    rendered: dict[int, Rendered] = field(default_factory=dict[int, Rendered])
    planned: dict[int, Planned] = field(default_factory=dict[int, Planned])
    read: dict[types.Key, Kind] = field(default_factory=dict[types.Key, Kind])
    changes: Mapping[int, int] | None = None

    @property
    def now(self) -> datetime:
        """When the last of them came in."""
        return max(send.accepted_at for send in self.sends)

    def open(self) -> list[tuple[int, Send]]:
        """The sends that are still to be decided, with their places."""
        settled = self.answers.keys() | self.repeats.keys()
        return [(i, send) for i, send in enumerate(self.sends) if i not in settled]

    def answer(self, index: int) -> Answer:
        """What the sender at ``index`` is told."""
        index = self.repeats.get(index, index)
        if index in self.answers:
            return self.answers[index]
        planned = self.planned[index]
        return Accepted(planned.send.tracking_id, planned.messages)


@dataclass(frozen=True)
class _Stored:
    """What a group left behind.

    Attributes:
        changes: The new change number of each user whose inbox changed.
        due: How many deliveries workers can send at once.
    """

    changes: dict[int, int]
    due: int


class Acceptor:
    """Stores groups of sends; the ``work`` of a `Gatherer`."""

    def __init__(self, database: Database, hub: Hub, engine: Engine) -> None:
        self._database = database
        self._hub = hub
        self._engine = engine
        self._kinds: Memo[types.Key, Kind] = Memo(TYPE_MEMORY)

    async def __call__(self, sends: Sequence[Send]) -> Sequence[Answer]:
        """Commits the group and returns one answer per send, in order.

        When the group as a whole cannot be stored, each send is tried on its own, so that one
        that the database refuses does not take the others with it.
        """
        group = _Group(sends)
        try:
            stored = await self._commit(group)
        except Exception as error:
            if isinstance(error, Unavailable) and not isinstance(error, Contended):
                raise
            log.debug("A group of %d sends is tried one by one.", len(sends), exc_info=True)
            return [await self._alone(send) for send in sends]
        await self._tell(stored)
        return [group.answer(index) for index in range(len(sends))]

    async def _alone(self, send: Send) -> Answer:
        """Commits one send, after its group failed.

        Another process may have stored the same idempotency key or deleted the same user in the
        same moment; a second look finds what the first one ran into.
        """
        group = _Group([send])
        self._kinds.forget((send.environment.id, send.type_name))
        try:
            stored = await self._commit(group)
        except Unavailable:
            raise
        except Exception as error:
            return error
        await self._tell(stored)
        return group.answer(0)

    async def _commit(self, group: _Group) -> _Stored:
        """Stores the group; what others are to be told of it."""
        _render(group)
        async with self._database.write() as tx:
            await _find_repeats(tx, group)
            opened = await self._open(tx, group)
            merged = _plan(group, opened, await facts.history(tx, opened))
            stored = await _store(tx, group, merged)
        # Not before: what a transaction made is only true once it is committed.
        for key, kind in group.read.items():
            self._kinds.put(key, kind, group.now)
        return stored

    async def _open(self, tx: Transaction, group: _Group) -> list[Open]:
        """The sends that are to be decided, with their users and types."""
        sends = group.open()
        kinds = await self._types(tx, group)
        limited = any(each.type.throttling or each.type.deduplication for each in kinds.values())
        people, group.changes = await users_of(tx, [send for _, send in sends], locked=limited)
        return [
            Open(
                index,
                send,
                people[send.environment.id, send.user_id],
                kinds[send.environment.id, send.type_name],
            )
            for index, send in sends
        ]

    async def _types(self, tx: Transaction, group: _Group) -> Mapping[types.Key, Kind]:
        """The types of the group, some of them as they were a few seconds ago."""
        now, wanted = group.now, dict[types.Key, Send]()
        for _, send in group.open():
            wanted.setdefault((send.environment.id, send.type_name), send)
        remembered = {key: self._kinds.get(key, now) for key in wanted}
        unknown = {key: send for key, send in wanted.items() if remembered[key] is None}
        if unknown:
            group.read = await facts.kinds(tx, await types_of(tx, unknown))
        return {key: kind for key, kind in remembered.items() if kind} | group.read

    async def _tell(self, stored: _Stored) -> None:
        if stored.due:
            await self._engine.wake(1 + stored.due // BATCH)
        try:
            await self._hub.publish(stored.changes)
        except Exception:
            # Committed is accepted: trouble with the telling must not read as a failed send.
            log.exception("Readers of %d inboxes could not be told.", len(stored.changes))


async def _find_repeats(tx: Transaction, group: _Group) -> None:
    """Finds sends whose idempotency key is known, from storage or from earlier in this group."""
    keyed = [(i, send, send.idempotency) for i, send in enumerate(group.sends) if send.idempotency]
    if not keyed:
        return
    known = await notifications.answers(tx, {(s.environment.id, key.key) for _, s, key in keyed})
    first: dict[notifications.Key, tuple[int, IdempotencyKey]] = {}
    for index, send, key in keyed:
        place = (send.environment.id, key.key)
        if place in known:
            stored, answer = known[place]
            group.answers[index] = answer if stored == key else _other_request(key)
        elif index in group.answers:
            continue  # Refused for its content: it claims no key.
        elif place in first:
            earlier, stored = first[place]
            if stored == key:
                group.repeats[index] = earlier
            else:
                group.answers[index] = _other_request(key)
        else:
            first[place] = (index, key)


def _other_request(key: IdempotencyKey) -> Conflict:
    return Conflict(
        f"The idempotency key {key.key!r} was used with another request.",
        fix="Use a new key for a new request.",
    )


def _render(group: _Group) -> None:
    """Renders before anything is stored: a send with unusable content leaves no trace.

    Also before the transaction is open, which others wait for.
    """
    for index, send in group.open():
        if send.in_app is None:
            continue
        try:
            group.rendered[index] = in_app.render(send.in_app, send.parameters, send.replacements)
        except InboxError as error:
            group.answers[index] = error


def _plan(group: _Group, opened: Sequence[Open], history: History) -> list[Merged]:
    """Decides one send after the other; the inbox items that take in some of them."""
    merged: list[Merged] = []
    for each in opened:
        try:
            planned, grown = plan_one(each, history, group.rendered.get(each.index))
        except InboxError as error:
            group.answers[each.index] = error
            continue
        group.planned[each.index] = planned
        if grown is not None:
            merged.append(grown)
    return merged


async def _store(tx: Transaction, group: _Group, merged: Sequence[Merged]) -> _Stored:
    """Stores what was planned: inboxes before digests, the order of `storage.engine`."""
    planned: Sequence[Planned] = list(group.planned.values())
    if not planned:
        return _Stored({}, 0)
    changes, numbered = await items.number(tx, planned, merged, group.changes)
    planned = await _with_digests(tx, planned)
    await notifications.add(tx, planned, numbered)
    await items.grow(tx, merged, changes)
    now = group.now
    due = sum(_is_due(each, now) for one in planned for each in one.deliveries)
    return _Stored(changes, due)


def _is_due(delivery: Delivery, now: datetime) -> bool:
    return delivery.status is DeliveryStatus.PENDING and delivery.due_at <= now


async def _with_digests(tx: Transaction, planned: Sequence[Planned]) -> Sequence[Planned]:
    """The same, each delivery that is to ride in a digest with the one it rides in."""
    riders = [
        (each, _decision_of(one, each))
        for one in planned
        for each in one.deliveries
        if each.status is DeliveryStatus.HELD
    ]
    if not riders:
        return planned
    joined = {each.id: each for each in await digest.join(tx, riders)}
    return [
        replace(one, deliveries=tuple(joined.get(each.id, each) for each in one.deliveries))
        for one in planned
    ]


def _decision_of(planned: Planned, delivery: Delivery) -> Decision:
    return next(each for each in planned.decisions if each.channel is delivery.channel)
