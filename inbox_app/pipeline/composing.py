"""Composing: the message of a delivery, from what was sent and what the type says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from inbox_app.domain import template
from inbox_app.domain.delivery import Delivery, Message
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification import Action, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.template import Mode
from inbox_app.pipeline.plan import content_mode, zone_of
from inbox_app.pipeline.recheck import Going
from inbox_app.pipeline.told import Told
from inbox_app.rendering import messages
from inbox_app.rendering.messages import Part, Reader
from inbox_app.rendering.parts import Filler


def render(going: Going, unsubscribe_url: str, preferences_url: str) -> Message:
    """The message of a delivery, as it leaves but for what reports opening and clicks.

    Args:
        unsubscribe_url: Where the person ends messages such as this one, or "".
        preferences_url: Where the person says what arrives, or "".

    Raises:
        InvalidInput: the content cannot be used.
    """
    delivery, reader = going.delivery, _reader(going, unsubscribe_url, preferences_url)
    parts = [_part(told, delivery) for told in going.parts]
    if not delivery.is_digest or (delivery.option is DeliveryOption.INSTANT and len(parts) == 1):
        return messages.render(delivery.channel, parts[0], reader)
    kind = going.parts[0].kind
    alone = delivery.type_id == kind.type.id
    form = None
    if alone:
        mode = content_mode(delivery.option)
        found = template.chosen(kind.templates, delivery.channel, mode, None)
        form = found.content if found and mode is not Mode.INSTANT else None
    title = kind.type.title if alone else "While you were away"
    return messages.render_digest(delivery.channel, parts, reader, form, title)


def titles(going: Going) -> list[str]:
    """What each part of a digest is called; by its type when its content cannot be used."""
    reader = _reader(going, "", "")
    return [_title(told, going.delivery, reader) for told in going.parts]


def _title(told: Told, delivery: Delivery, reader: Reader) -> str:
    try:
        return messages.title_of(_part(told, delivery), reader)
    except InvalidInput:
        return told.kind.type.title


def _reader(going: Going, unsubscribe_url: str, preferences_url: str) -> Reader:
    user = going.user
    return Reader(
        name=user.display_name,
        user_id=user.external_id,
        zone=str(zone_of(user)),
        environment=going.environment.title,
        preferences_url=preferences_url,
        unsubscribe_url=unsubscribe_url,
    )


def _part(told: Told, delivery: Delivery) -> Part:
    send = told.send
    in_app = send.in_app
    return Part(
        # Without one of its own it is called by what the message says first, such as its subject.
        title=_filled(in_app.title, send) if in_app else "",
        values=send.parameters,
        content=content_of(told, delivery.channel),
        replacements=send.replacements,
        at=send.accepted_at,
        url=_filled(in_app.url, send) if in_app else "",
    )


def _filled(text: str, send: Send) -> str:
    """In-app text as the inbox shows it; "" when it cannot be filled, so that others still go."""
    try:
        return Filler({}, send.parameters, send.replacements).filled(text)
    except InvalidInput:
        return ""


def content_of(told: Told, channel: Channel) -> dict[str, Any]:
    """The named template, else what was sent inline, else the type's default template.

    Raises:
        InvalidInput: there is none of them any more.
    """
    send, known = told.send, told.kind.templates
    found = template.chosen(known, channel, Mode.INSTANT, send.template) if send.template else None
    if found is None and channel in send.content:
        return dict(send.content[channel])
    found = found or template.chosen(known, channel, Mode.INSTANT, None)
    if found is None:
        raise InvalidInput(f"There is no text for {channel.label} any more.")
    return dict(found.content)


def buttons_of(told: Told) -> tuple[Action, ...]:
    """The buttons that the notification has in the inbox; none where it is not in it."""
    in_app = told.send.in_app
    channels = told.send.forced_channels or told.kind.type.channels
    if in_app is None or Channel.INAPP_WEB not in channels:
        return ()
    return tuple(
        Action(_filled(each.label, told.send), _filled(each.url, told.send))
        for each in in_app.actions
    )


def auto_reply(told: Told, channel: Channel) -> str:
    """What the sender wants whoever replies on this channel to be answered; "" when nothing."""
    try:
        given: object = content_of(told, channel).get("autoReply")
    except InvalidInput:
        return ""
    text: object = cast("Mapping[str, Any]", given).get("message") if given else None
    return _filled(text, told.send) if isinstance(text, str) else ""


def options_of(send: Send, name: str) -> Mapping[str, Any]:
    """A group of the send's options; what is no object says nothing."""
    given: object = send.options.get(name)
    return cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}
