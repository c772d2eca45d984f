"""Wire shapes of templates to stored content and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_app.api.native.template_schemas import TemplateAnswer, TemplateContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.template import Mode, Template
from inbox_app.services.templates import Place

FIELDS: Mapping[Channel, tuple[str, ...]] = {
    Channel.EMAIL: ("html", "previewText", "internal", "subject", "senderName", "senderEmail"),
    Channel.SMS: ("text",),
    Channel.CALL: ("text",),
    Channel.PUSH: ("title", "message", "icon", "url"),
    Channel.WEB_PUSH: ("title", "message", "icon", "url"),
    Channel.SLACK: ("text", "blocks", "username", "icon"),
}
"""What a channel keeps of the wire's fields; the inbox has forms instead."""
ITEM = ("title", "redirectURL", "imageURL", "body", "html")
SPOKEN = (Channel.SMS, Channel.CALL)
REQUIRED: Mapping[Channel, tuple[str, ...]] = {
    Channel.EMAIL: FIELDS[Channel.EMAIL],
    Channel.SMS: ("text",),
    Channel.CALL: ("text",),
    Channel.PUSH: ("title", "message"),
    Channel.WEB_PUSH: ("title", "message"),
    Channel.SLACK: ("text",),
}
"""What the SDK must find in an answer to know the channel by it."""
FORM = ("title", "redirectURL", "imageURL")


def content_from(channel: Channel, body: TemplateContent) -> dict[str, Any]:
    """The fields that concern the channel, as they are stored; None for one that is null.

    Texts and calls are kept as ``message``, what a send calls it, and both words are understood.
    """
    given = body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if channel is Channel.INAPP_WEB:
        return _forms(given)
    if channel in SPOKEN:
        said = [given[name] for name in ("text", "message") if name in given]
        return {"message": said[0]} if said else {}
    return {name: given[name] for name in FIELDS[channel] if name in given}


def _forms(given: Mapping[str, Any]) -> dict[str, Any]:
    beside = {name: given[name] for name in ITEM if name in given}
    within: dict[str, Any] = given.get("instant") or {}
    forms: dict[str, Any] = {"instant": beside | within} if beside or within else {}
    return forms | {name: given[name] for name in ("batch",) if name in given}


def template_answer(template: Template, place: Place) -> TemplateAnswer:
    return TemplateAnswer(
        env_id=place.environment.client_id,
        notification_id=place.type_name,
        template_id=template.name,
        channel=template.channel,
        default=bool(template.default_for),
        is_default_for={mode: mode in template.default_for for mode in Mode},
    )


def full_answer(template: Template, place: Place) -> dict[str, Any]:
    """A template with its content; texts the SDK insists on are "" when there are none."""
    head = template_answer(template, place).model_dump(mode="json", by_alias=True)
    return head | _content(template)


def _content(template: Template) -> dict[str, Any]:
    content, channel = template.content, template.channel
    if channel is Channel.INAPP_WEB:
        instant = _form(content.get("instant") or {})
        batch = _form(content.get("batch") or {})
        return {name: instant[name] for name in FORM} | {"instant": instant, "batch": batch}
    if channel in SPOKEN:
        return {"text": content.get("message") or ""}
    return dict.fromkeys(REQUIRED[channel], "") | dict(content)


def _form(stored: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in stored.items() if value is not None}
    return dict.fromkeys(FORM, "") | shown
