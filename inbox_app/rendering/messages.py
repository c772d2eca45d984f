"""Messages: a notification, or several as a digest, in the terms of each channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

from inbox_app.domain.delivery import Message
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.rendering import digests, email, in_app, slack, sms
from inbox_app.rendering.parts import Filler, Part, Reader, filler, names, required, text_in
from inbox_app.rendering.text import MAX_URL, limited, web_link

__all__ = ["Part", "Reader", "render", "render_digest"]

MAX_CALL = 4_000
MAX_PUSH_TITLE = 1_000
MAX_PUSH_MESSAGE = 10_000


def render(channel: Channel, part: Part, reader: Reader) -> Message:
    """One notification for one channel.

    Raises:
        InvalidInput: a field the channel needs is missing, too long, or wrong Liquid.
    """
    return _rendered(channel, filler(part, reader), reader)


def render_digest(
    channel: Channel,
    parts: Sequence[Part],
    reader: Reader,
    content: Mapping[str, Any] | None,
    title: str,
) -> Message:
    """Several notifications as one message.

    Args:
        channel: Where it goes.
        parts: The notifications, in the order they are to be told.
        reader: Whom it is for.
        content: A digest template's fields, which see ``items``, ``count`` and ``title``; None
            takes the built-in form.
        title: What the notifications have in common, such as the title of their type.

    Raises:
        InvalidInput: as for `render`.
    """
    if content is not None:
        values: dict[str, Any] = {"items": [_item(part, reader) for part in parts]}
        values |= {"count": len(parts), "title": title}
        return _rendered(channel, Filler(content, {**names(reader), **values}), reader)
    entries = [digests.entry(filler(part, reader), part, reader) for part in parts]
    fields = digests.fields(channel, entries, title, reader)
    warnings = dict.fromkeys(warning for entry in entries for warning in entry.warnings)
    return Message(channel, fields, tuple(warnings))


def _item(part: Part, reader: Reader) -> dict[str, Any]:
    """What a digest template sees of a notification; the time is on the reader's clock."""
    at = part.at.astimezone(_zone(reader.zone))
    return {"title": title_of(part, reader), "url": part.url, "at": at, **part.values}


def title_of(part: Part, reader: Reader) -> str:
    """What a notification is called among others."""
    return part.title or digests.entry(filler(part, reader), part, reader).title


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def _rendered(channel: Channel, filled: Filler, reader: Reader) -> Message:
    try:
        fields = FIELDS[channel](filled, reader)
    except RecursionError as error:
        raise InvalidInput(
            "The content or its parameters have too many levels within each other.",
            fix="Send flatter objects and lists.",
        ) from error
    return Message(channel, fields, filled.warnings())


def _call(filled: Filler, reader: Reader) -> dict[str, Any]:
    return {"message": required("call.message", filled.text("message"), MAX_CALL)}


def _push(filled: Filler, reader: Reader) -> dict[str, Any]:
    """A push of a phone's app; its link may lead into the app, so it can have any scheme."""
    return _titled("mobile_push", filled) | {
        name: limited(f"mobile_push.{name}", filled.line(name), MAX_URL) for name in ("icon", "url")
    }


def _web_push(filled: Filler, reader: Reader) -> dict[str, Any]:
    return _titled("web_push", filled) | {
        name: web_link(f"web_push.{name}", filled.text(name)) for name in ("icon", "url")
    }


def _titled(name: str, filled: Filler) -> dict[str, Any]:
    return {
        "title": required(f"{name}.title", filled.line("title"), MAX_PUSH_TITLE),
        "message": required(f"{name}.message", filled.text("message"), MAX_PUSH_MESSAGE),
    }


def _in_app(filled: Filler, reader: Reader) -> dict[str, Any]:
    content = filled.content
    asked = InAppContent(
        **{
            name: str(content.get(name) or "") for name in ("title", "body", "html", "url", "image")
        },
        actions=_actions(content.get("actions") or []),
        replies=content.get("replies") is not False,
    )
    found = in_app.render(asked, filled.values, filled.replacements)
    filled.missing.extend(found.missing)
    return asdict(found.content) | {"actions": [asdict(action) for action in found.content.actions]}


def _actions(actions: object) -> tuple[Action, ...]:
    buttons = cast("list[object]", actions) if isinstance(actions, list) else [actions]
    return tuple(map(_action, buttons))


def _action(action: object) -> Action:
    if not isinstance(action, Mapping):
        raise InvalidInput(
            "inapp.actions holds something else than buttons.",
            fix="Send a list of objects with label and url.",
        )
    button = cast("Mapping[str, Any]", action)
    return Action(text_in(button, "label"), text_in(button, "url"))


FIELDS: Mapping[Channel, Callable[[Filler, Reader], dict[str, Any]]] = {
    Channel.EMAIL: email.render,
    Channel.INAPP_WEB: _in_app,
    Channel.SMS: sms.render,
    Channel.CALL: _call,
    Channel.PUSH: _push,
    Channel.WEB_PUSH: _web_push,
    Channel.SLACK: slack.render,
}
