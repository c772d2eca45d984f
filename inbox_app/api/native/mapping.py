"""Wire shapes to domain values and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from inbox_app.api.errors import from_validation
from inbox_app.api.native.schemas import (
    ActionAnswer,
    AttachmentAnswer,
    Counts,
    InAppAnswer,
    InAppExtras,
    InAppInput,
    ReplyAnswer,
    SendBody,
    SlackToken,
    StatusBody,
    UserAnswer,
    UserInput,
)
from inbox_app.channels.slack import tokens
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.horizon import FARTHEST_YEARS, within_horizon
from inbox_app.domain.item_state import CLEARABLE, InboxState, Mark, StateChange
from inbox_app.domain.notification import Action, IdempotencyKey, InAppContent, Reply, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.lib.clock import exact_iso, iso, parse_moment
from inbox_app.lib.sealing import Sealer
from inbox_app.lib.telephone import tidy
from inbox_app.rendering.inline import check_content
from inbox_app.services.inbox import Entry, NewReply

MAX_KEY = 255
# In the order of `Channel`.
INLINE = {
    "email": Channel.EMAIL,
    "inapp": Channel.INAPP_WEB,
    "sms": Channel.SMS,
    "call": Channel.CALL,
    "mobile_push": Channel.PUSH,
    "web_push": Channel.WEB_PUSH,
    "slack": Channel.SLACK,
}
PARAMETER = "inapp"
"""Name of the merge parameter that carries what the vendor's SDK cannot put into ``inapp``."""


def send_from(
    body: SendBody,
    raw: bytes,
    environment: Environment,
    now: datetime,
    sealer: Sealer,
    idempotency_key: str | None,
) -> Send:
    """A validated request as a `Send`.

    Raises:
        InvalidInput: a part of it cannot be used.
    """
    return Send(
        tracking_id=ids.tracking_id(),
        environment=environment,
        user_id=body.to.id,
        profile=profile_from(body.to, sealer, now),
        type_name=body.type,
        accepted_at=now,
        channels_with_content=_inline_channels(body),
        forced_channels=tuple(body.force_channels or ()),
        in_app=_in_app(body),
        parameters={k: v for k, v in body.parameters.items() if k != PARAMETER},
        replacements=body.replace,
        sub_notification_id=body.sub_notification_id,
        secondary_id=body.secondary_id,
        request=_record(body, raw),
        idempotency=_idempotency(idempotency_key, raw),
        content=_content(body),
        options=body.options.model_dump(by_alias=True, exclude_unset=True) if body.options else {},
        template=body.template_id,
        schedule=_schedule(body.schedule, now),
    )


def _record(body: SendBody, raw: bytes) -> str:
    """The request as it is kept: as it came, but without secrets, which are kept sealed."""
    if body.to.slack_token is None:
        return raw.decode()
    return body.model_dump_json(by_alias=True, exclude_unset=True, exclude={"to": {"slack_token"}})


def _schedule(text: str | None, now: datetime) -> datetime | None:
    """The time a send is for (`clock.parse_moment`).

    Raises:
        InvalidInput: it is no time, or too far ahead.
    """
    if text is None:
        return None
    at = moment("schedule", text)
    if not within_horizon(at, now):
        raise InvalidInput(
            f"schedule: {text[:40]!r} is more than {FARTHEST_YEARS} years ahead.",
            fix=f"Send a time within {FARTHEST_YEARS} years.",
        )
    return at


def _content(body: SendBody) -> dict[Channel, dict[str, Any]]:
    """Inline content of the channels that workers serve, in the wire's terms.

    Raises:
        InvalidInput: a text is wrong Liquid.
    """
    found: dict[Channel, dict[str, Any]] = {}
    for name, channel in INLINE.items():
        given: BaseModel | None = getattr(body, name)
        if given is not None and channel is not Channel.INAPP_WEB:
            found[channel] = given.model_dump(by_alias=True, exclude_none=True)
            check_content(name, found[channel], body.replace)
    return found


def _inline_channels(body: SendBody) -> tuple[Channel, ...]:
    given = body.model_fields_set
    return tuple(
        channel
        for name, channel in INLINE.items()
        if name in given and getattr(body, name) is not None
    )


def _in_app(body: SendBody) -> InAppContent | None:
    if body.inapp is None:
        return None
    given = _with_extras(body.inapp, body.parameters.get(PARAMETER))
    return InAppContent(
        title=given.title,
        body=given.body or "",
        html=given.html or "",
        url=given.url or "",
        image=given.image or "",
        actions=tuple(Action(action.label, action.url) for action in given.actions),
        replies=given.replies,
    )


def _with_extras(given: InAppInput, extras: object) -> InAppInput:
    if not isinstance(extras, dict):
        return given
    try:
        known = InAppExtras.model_validate(extras)
    except ValidationError as error:
        raise from_validation(error) from None
    update = {name: value for name, value in known if value is not None}
    return given.model_copy(update=update)


def _idempotency(key: str | None, raw: bytes) -> IdempotencyKey | None:
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY:
        raise InvalidInput(f"Idempotency-Key must have 1 to {MAX_KEY} characters.")
    try:
        canonical = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        canonical = raw
    return IdempotencyKey(key, hashlib.sha256(canonical).hexdigest())


def profile_from(given: UserInput, sealer: Sealer, now: datetime) -> Profile:
    """What a wire user says; Slack's tokens are dated and sealed on the way in."""
    if given.model_fields_set <= {"id"}:
        return Profile()
    return Profile(
        email=given.email,
        # In one form only, so that who writes back from it is found by it.
        number=given.number and tidy(given.number),
        timezone=given.timezone,
        push_tokens=_plain(given.push_tokens),
        web_push_tokens=_plain(given.web_push_tokens),
        slack_channel=given.slack_channel,
        slack_token=given.slack_token and _sealed(given.slack_token, sealer, now),
        properties=given.properties,
    )


def _sealed(token: SlackToken, sealer: Sealer, now: datetime) -> str:
    return sealer.seal(json.dumps(tokens.dated(token.model_dump(mode="json"), now)))


def _plain(models: Sequence[BaseModel] | None) -> tuple[dict[str, Any], ...] | None:
    return (
        None
        if models is None
        else tuple(m.model_dump(by_alias=True, exclude_none=True) for m in models)
    )


def user_answer(user: User, sealer: Sealer) -> UserAnswer:
    profile = user.profile
    return UserAnswer(
        id=user.external_id,
        email=profile.email,
        number=profile.number,
        timezone=profile.timezone,
        push_tokens=_listed(profile.push_tokens),
        web_push_tokens=_listed(profile.web_push_tokens),
        slack_channel=profile.slack_channel,
        slack_token=_without_secrets(profile.slack_token, sealer),
        properties=dict(profile.properties) if profile.properties else None,
        last_seen_time=_time(user.last_seen_at),
        updated_at=iso(user.updated_at),
        created_at=iso(user.created_at),
    )


def _listed(tokens: Sequence[Mapping[str, Any]] | None) -> list[Any] | None:
    return None if tokens is None else list(tokens)


def _without_secrets(sealed: str | None, sealer: Sealer) -> dict[str, Any] | None:
    """Slack's answer as it was given, less what would let a reader speak as the user."""
    if sealed is None:
        return None
    token: dict[str, Any] = json.loads(sealer.unseal(sealed))
    shown = {"ok", "app_id", "bot_user_id", "scope", "token_type", "team", "enterprise"}
    return {key: value for key, value in token.items() if key in shown}


def in_app_answer(entry: Entry) -> InAppAnswer:
    item, content, state = entry.item, entry.item.content, entry.item.state
    return InAppAnswer(
        id=item.tracking_id,
        notification_id=item.type_name,
        sub_notification_id=item.sub_notification_id,
        seen=state.seen is not None,
        title=content.title,
        # To the microsecond: a page continues exactly after the last item's date.
        date=exact_iso(item.at),
        redirect_url=content.url or None,
        image_url=content.image or None,
        body=content.body or None,
        html=content.html or None,
        actions=[ActionAnswer(label=a.label, url=a.url or None) for a in content.actions] or None,
        opened=_time(state.opened),
        clicked=_time(state.clicked),
        archived=_time(state.archived),
        actioned1=_time(state.actioned1),
        actioned2=_time(state.actioned2),
        parameters=dict(item.parameters) or None,
        replies=[_reply(each, entry.urls) for each in entry.thread] or None,
        change=item.change,
    )


def _reply(reply: Reply, urls: Mapping[str, str]) -> ReplyAnswer:
    author = None if reply.from_user else reply.author
    pictures = [
        AttachmentAnswer(
            url=urls[each.id],
            content_type=each.content_type,
            width=each.width,
            height=each.height,
        )
        for each in reply.attachments
    ]
    return ReplyAnswer(
        date=iso(reply.at), message=reply.message, author=author, attachments=pictures or None
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def counts(state: InboxState) -> Counts:
    each = state.counters
    return Counts(all=each.active, unread=each.unread, unseen=each.unseen, archived=each.archived)


MARKS = {
    "opened": Mark.OPENED,
    "clicked": Mark.CLICKED,
    "archived": Mark.ARCHIVED,
    "actioned1": Mark.ACTIONED1,
    "actioned2": Mark.ACTIONED2,
}


def state_change(body: StatusBody, now: datetime) -> StateChange:
    """What a report asks for. A time in the future counts as now.

    Raises:
        InvalidInput: a time cannot be read, or a state is cleared that stays.
    """
    sets: dict[Mark, datetime] = {}
    clears: set[Mark] = set()
    for name in body.model_fields_set & MARKS.keys():
        value = getattr(body, name)
        if value is not None:
            sets[MARKS[name]] = min(moment(name, value), now)
        elif MARKS[name] in CLEARABLE:
            clears.add(MARKS[name])
        else:
            raise InvalidInput(
                f"{name} cannot be taken back.", fix="Only opened and archived may be null."
            )
    return StateChange(sets, frozenset(clears))


def new_replies(body: StatusBody, now: datetime, *, as_sender: str | None) -> list[NewReply]:
    """The replies of a report.

    Args:
        as_sender: Name to show for a reply of the application; None: the owner replies.
    """
    given = [*(body.replies or ()), *((body.reply,) if body.reply else ())]
    return [
        NewReply(
            message=each.message,
            at=min(moment("reply.date", each.date), now) if each.date else now,
            author=None if as_sender is None else (each.author or as_sender),
        )
        for each in given
    ]


def moment(name: str, text: str) -> datetime:
    """A wire time.

    Raises:
        InvalidInput: not a time.
    """
    try:
        return parse_moment(text)
    except ValueError:
        raise InvalidInput(
            f"{name}: {text[:40]!r} is not a time.",
            fix="Send ISO 8601, such as 2026-01-31T09:30:00Z.",
        ) from None
