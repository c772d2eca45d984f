"""Accept: a group of sends becomes one durable transaction, then each sender is answered.

Everything works on the group: users, types, idempotency keys and state rows cost one query each
for all of it; the plan runs per send in memory. One send that cannot be kept fails alone.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inbox_app.domain.decision import Decision, Outcome
from inbox_app.domain.errors import Conflict, InboxError, Unavailable
from inbox_app.domain.item_state import Counters, ItemState
from inbox_app.domain.notification import Accepted, IdempotencyKey, InAppContent, Planned, Send
from inbox_app.domain.notification_type import Channel, NotificationType, title_from_name
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.lib.memo import Memo
from inbox_app.live.hub import Hub
from inbox_app.pipeline.plan import plan
from inbox_app.rendering import in_app
from inbox_app.rendering.in_app import Rendered
from inbox_app.storage import inbox, notifications, types, users
from inbox_app.storage.engine import Database, Transaction

NEW_ITEM = Counters.of(ItemState())
NOTHING_KNOWN = Profile()
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
    """

    sends: Sequence[Send]
    answers: dict[int, Answer] = field(default_factory=dict[int, Answer])
    repeats: dict[int, int] = field(default_factory=dict[int, int])
    rendered: dict[int, Rendered] = field(default_factory=dict[int, Rendered])
    planned: dict[int, Planned] = field(default_factory=dict[int, Planned])
    read: dict[types.Key, NotificationType] = field(
        default_factory=dict[types.Key, NotificationType]
    )

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


class Acceptor:
    """Stores groups of sends; the ``work`` of a `Gatherer`."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self._kinds: Memo[types.Key, NotificationType] = Memo(TYPE_MEMORY)

    async def __call__(self, sends: Sequence[Send]) -> Sequence[Answer]:
        """Commits the group and returns one answer per send, in order.

        When the group as a whole cannot be stored, each send is tried on its own, so that one
        that the database refuses does not take the others with it.
        """
        group = _Group(sends)
        try:
            changes = await self._commit(group)
        except Unavailable:
            raise
        except Exception:
            log.debug("A group of %d sends is tried one by one.", len(sends), exc_info=True)
            return [await self._alone(send) for send in sends]
        await self._tell(changes)
        return [group.answer(index) for index in range(len(sends))]

    async def _alone(self, send: Send) -> Answer:
        """Commits one send, after its group failed.

        Another process may have stored the same idempotency key or deleted the same user in the
        same moment; a second look finds what the first one ran into.
        """
        group = _Group([send])
        self._kinds.forget((send.environment.id, send.type_name))
        try:
            changes = await self._commit(group)
        except Unavailable:
            raise
        except Exception as error:
            return error
        await self._tell(changes)
        return group.answer(0)

    async def _commit(self, group: _Group) -> dict[int, int]:
        """Stores the group; the new change number of each user with a new item."""
        _render(group)
        async with self._database.write() as tx:
            await _find_repeats(tx, group)
            people = await _users(tx, group)
            kinds = await self._types(tx, group)
            _plan(group, people, kinds)
            changes = await _store(tx, group)
        # Not before: what a transaction made is only true once it is committed.
        for key, kind in group.read.items():
            self._kinds.put(key, kind, group.now)
        return changes

    async def _types(self, tx: Transaction, group: _Group) -> Mapping[types.Key, NotificationType]:
        """The types of the group, some of them as they were a few seconds ago."""
        now, wanted = group.now, dict[types.Key, Send]()
        for _, send in group.open():
            wanted.setdefault((send.environment.id, send.type_name), send)
        remembered = {key: self._kinds.get(key, now) for key in wanted}
        unknown = {key: send for key, send in wanted.items() if remembered[key] is None}
        if unknown:
            group.read = await _types(tx, unknown)
        return {key: kind for key, kind in remembered.items() if kind} | group.read

    async def _tell(self, changes: dict[int, int]) -> None:
        try:
            await self._hub.publish(changes)
        except Exception:
            # Committed is accepted: trouble with the telling must not read as a failed send.
            log.exception("Readers of %d inboxes could not be told.", len(changes))


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


async def _users(tx: Transaction, group: _Group) -> dict[users.Key, User]:
    """The users of the group: new ones stored, known ones brought up to date."""
    sends = [send for _, send in group.open()]
    if not sends:
        return {}
    keys = {(send.environment.id, send.user_id) for send in sends}
    telling = any(send.profile != NOTHING_KNOWN for send in sends)
    known = await users.find_many(tx, keys, to_change=telling)
    if len(known) < len(keys):
        await users.add_missing(tx, _new_users(sends, known))
        known = await users.find_many(tx, keys, to_change=telling)
    people = dict(known)
    for send in sends:
        key = (send.environment.id, send.user_id)
        people[key] = _updated(people[key], send)
    await users.save(tx, [user for key, user in people.items() if user != known[key]])
    return people


def _new_users(sends: Sequence[Send], known: Mapping[users.Key, User]) -> list[User]:
    made: dict[users.Key, User] = {}
    for send in sends:
        key = (send.environment.id, send.user_id)
        if key not in known and key not in made:
            now = send.accepted_at
            made[key] = User(ids.row_id(), *key, created_at=now, updated_at=now)
    return list(made.values())


def _updated(user: User, send: Send) -> User:
    profile = user.profile.merged(send.profile)
    if profile == user.profile:
        return user
    return replace(user, profile=profile, updated_at=send.accepted_at)


async def _types(
    tx: Transaction, wanted: Mapping[types.Key, Send]
) -> dict[types.Key, NotificationType]:
    """The wanted types; those not stored are made on the fly from a send that names them."""
    known = await types.find_many(tx, wanted.keys())
    made = [(key, send) for key, send in wanted.items() if key not in known]
    if not made:
        return known
    await types.add_missing(tx, [_new_type(send) for _, send in made], made[0][1].accepted_at)
    return await types.find_many(tx, wanted.keys())


def _new_type(send: Send) -> NotificationType:
    channels = send.forced_channels or send.channels_with_content or (Channel.INAPP_WEB,)
    return NotificationType(
        id=ids.row_id(),
        environment_id=send.environment.id,
        name=send.type_name,
        title=title_from_name(send.type_name),
        channels=channels,
    )


def _plan(
    group: _Group, people: Mapping[users.Key, User], kinds: Mapping[types.Key, NotificationType]
) -> None:
    for index, send in group.open():
        user = people[send.environment.id, send.user_id]
        kind = kinds[send.environment.id, send.type_name]
        decisions = plan(send, kind, user.profile)
        item, remarks = _shown(decisions, group.rendered.get(index))
        group.planned[index] = Planned(send, user.id, kind.id, decisions, item, remarks)


def _shown(
    decisions: Sequence[Decision], rendered: Rendered | None
) -> tuple[InAppContent | None, tuple[str, ...]]:
    """The in-app content if it is to be shown, and what the sender should know."""
    refused = tuple(
        f"{d.channel}: {d.sentence}" for d in decisions if d.outcome is not Outcome.SEND
    )
    allowed = any(d.channel is Channel.INAPP_WEB and d.outcome is Outcome.SEND for d in decisions)
    if rendered is None or not allowed:
        return None, refused
    missing = tuple(f"No value for {{{{{name}}}}}." for name in rendered.missing)
    return rendered.content, refused + missing


async def _store(tx: Transaction, group: _Group) -> dict[int, int]:
    """Stores what was planned; the new change number of each user with a new item."""
    planned = list(group.planned.values())
    if not planned:
        return {}
    with_item = [each for each in planned if each.item is not None]
    new = Counter(each.user_id for each in with_item)
    changes = await inbox.advance(tx, {user: (by, NEW_ITEM * by) for user, by in new.items()})
    await notifications.add(tx, planned, _numbered(with_item, new, changes))
    return changes


def _numbered(
    planned: Sequence[Planned], new: Mapping[int, int], changes: Mapping[int, int]
) -> list[tuple[Planned, int]]:
    """Gives each new item the next change number of its user, ending at the one just reached."""
    upcoming = {user_id: changes[user_id] - by + 1 for user_id, by in new.items()}
    numbered: list[tuple[Planned, int]] = []
    for each in planned:
        numbered.append((each, upcoming[each.user_id]))
        upcoming[each.user_id] += 1
    return numbered
