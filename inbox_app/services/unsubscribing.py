"""Unsubscribing: what a person does with the link at the end of an e-mail.

The link is all the authority it needs, and all it gives: it switches e-mail off, or less often,
and back. Whoever was forwarded the e-mail can do as much and learns no more than its type's title.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from inbox_app.domain import preference
from inbox_app.domain import unsubscribing as rules
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InboxError, NotFound
from inbox_app.domain.event import EventKind
from inbox_app.domain.mail_report import Evidence
from inbox_app.domain.notification_type import NotificationType
from inbox_app.domain.user import User
from inbox_app.lib import links
from inbox_app.lib.links import EVERYTHING, UnsubscribeLink
from inbox_app.lib.signing import BadSignature
from inbox_app.pipeline import mail_links, mail_reports
from inbox_app.runtime import Runtime
from inbox_app.services import preference_links, preferences
from inbox_app.storage import deliveries, environments, personal, types, users
from inbox_app.storage import preferences as changes
from inbox_app.storage.engine import Transaction

LOOKED_BACK = 200
"""Changes of a person's preferences among which the earlier choice is looked for."""

log = logging.getLogger(__name__)


class Act(StrEnum):
    """What can be done with a link."""

    STOP = "stop"
    WEEKLY = "weekly"
    UNDO = "undo"


@dataclass(frozen=True)
class Standing:
    """How things stand, for the page.

    Attributes:
        sender: Title of the environment.
        title: Title of the type, None when it is about all e-mail.
        fixed: It cannot be switched off.
        stopped: It is off.
        weekly: It comes once a week.
        offers_weekly: It could come once a week.
        undoable: A link changed it, and that can be taken back.
        language: What the person chose, or "".
        preferences: Link to all of the person's preferences, as the e-mail had one, or "".
    """

    sender: str
    title: str | None
    fixed: bool
    stopped: bool
    weekly: bool
    offers_weekly: bool
    undoable: bool
    language: str
    preferences: str


@dataclass(frozen=True)
class _Found:
    link: UnsubscribeLink
    environment: Environment
    user: User
    kind: NotificationType | None
    earlier: rules.Earlier
    language: str
    preferences: str


async def look(rt: Runtime, token: str) -> Standing:
    """How things stand; changes nothing.

    Raises:
        NotFound: the token is not ours, or what it names is no more.
    """
    return _standing(await _find(rt, token))


async def act(rt: Runtime, token: str, what: Act, evidence: Evidence) -> Standing:
    """Does it, unless it is done already or cannot be; how things stand then.

    Raises:
        NotFound: the token is not ours, or what it names is no more.
    """
    found = await _find(rt, token)
    change = _change(found, what)
    if not change:
        return _standing(found)
    by = rules.BY_UNDO if what is Act.UNDO else rules.BY_LINK
    chosen = await preferences.patch(rt, found.environment, found.user.external_id, change, by=by)
    if chosen != found.user.preferences:
        after = replace(found, user=replace(found.user, preferences=chosen))
        await _tell(rt, found, after, evidence)
    return _standing(await _find(rt, token))


def _change(found: _Found, what: Act) -> Mapping[str, Any]:
    kind, chosen = found.kind, found.user.preferences
    if _fixed(kind):
        return {}
    if what is Act.UNDO:
        return rules.restoring(found.earlier, kind)
    if what is Act.STOP:
        return rules.stopping(chosen, kind)
    if kind is None or not rules.can_be_weekly(kind):
        return {}
    return rules.made_weekly(chosen, kind, found.earlier)


async def _find(rt: Runtime, token: str) -> _Found:
    try:
        link = links.read_unsubscribe(rt.sealer, token)
    except BadSignature as error:
        raise _stale() from error
    async with rt.database.read() as tx:
        environment = await environments.by_id(tx, link.environment_id, rt.sealer)
        user = await users.get(tx, link.user_id)
        kinds = await types.by_ids(tx, {link.type_id} - {EVERYTHING})
        if environment is None or user is None or user.environment_id != environment.id:
            raise _stale()
        kind = kinds.get(link.type_id)
        if kind is None and link.type_id != EVERYTHING:
            raise _stale()
        past = await changes.latest(tx, user.id, LOOKED_BACK)
        language = (await personal.get(tx, user.id)).language or ""
        page = await _preferences(rt, tx, link)
    places = rules.places(user.preferences, kind)
    earlier = rules.earlier([(each.by, each.changes) for each in past], places)
    return _Found(link, environment, user, kind, earlier, language, page)


async def _preferences(rt: Runtime, tx: Transaction, link: UnsubscribeLink) -> str:
    """The link to preferences that the e-mail carried, as long as that one works.

    No newer one: a link to unsubscribe lives for years, and is not to become more than it is.
    """
    for mail in await deliveries.get_many(tx, [link.delivery_id]):
        if not await preference_links.refusal(rt, tx, link.user_id, mail.created_at):
            return mail_links.preferences_link(rt, link.user_id, mail.created_at)
    return ""


def _stale() -> NotFound:
    return NotFound(
        "This link no longer works",
        fix="It was cut short on its way, or what it was about is no more.",
        name="server.link_stale",
    )


def _fixed(kind: NotificationType | None) -> bool:
    return kind is not None and not rules.can_stop(kind)


def _standing(found: _Found) -> Standing:
    kind, chosen = found.kind, found.user.preferences
    change = rules.restoring(found.earlier, kind)
    restored = preference.patched(chosen, change)
    return Standing(
        sender=found.environment.title,
        title=kind.title if kind else None,
        fixed=_fixed(kind),
        stopped=rules.has_stopped(chosen, kind),
        weekly=kind is not None and rules.is_weekly(chosen, kind),
        offers_weekly=kind is not None and rules.can_be_weekly(kind) and rules.has_channel(chosen),
        undoable=restored != chosen,
        language=found.language,
        preferences=found.preferences,
    )


async def _tell(rt: Runtime, before: _Found, after: _Found, evidence: Evidence) -> None:
    """Tells the notification of it when e-mail went off or came back.

    What the person chose holds already; it must not seem to have failed when this does.
    """
    was = rules.has_stopped(before.user.preferences, before.kind)
    now = rules.has_stopped(after.user.preferences, after.kind)
    if was == now:
        return
    at = rt.clock.now()
    kind = EventKind.UNSUBSCRIBED if now else EventKind.RESUBSCRIBED
    about = f"“{before.kind.title}”" if before.kind else "everything"
    way = "off" if now else "on again"
    sentence = f"E-mail about {about} was switched {way} by the link in this e-mail."
    try:
        async with rt.database.write() as tx:
            for delivery in await deliveries.get_many(tx, [before.link.delivery_id]):
                await mail_reports.tell(tx, delivery, at, kind, sentence, evidence.data)
    except InboxError:
        log.exception("That somebody unsubscribed could not be told of the notification.")
