"""Wire shapes of notification types to domain values and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from inbox_app.api.native.type_schemas import (
    IN_APP_OPTIONS,
    NewType,
    OptionsShape,
    ThrottlingShape,
    TypeAnswer,
    TypeChangeBody,
    TypeFields,
    TypeTemplates,
)
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel, Throttling
from inbox_app.domain.template import Template
from inbox_app.domain.type_rules import options_document, options_from
from inbox_app.services.types import TypeChange, TypeView

SAME = (
    *("enabled", "required", "track_opens", "track_clicks", "resend_unknown"),
    *("title", "sub_notifications", "category", "description"),
)
"""Fields that mean the same here and there; null says nothing."""


def change_from(body: NewType | TypeChangeBody) -> TypeChange:
    """What a body asks for; fields it does not hold are not in it."""
    said = {name for name in SAME if getattr(body, name, None) is not None}
    change: dict[str, Any] = {name: getattr(body, name) for name in said}
    if body.channels is not None:
        change["channels"] = tuple(body.channels)
    if body.options is not None:
        change["options"] = {c: o and _options(c, o) for c, o in body.options.items()}
    return cast("TypeChange", change | _limits(body))


def _limits(body: TypeFields) -> dict[str, Any]:
    """The fields that null takes out."""
    window, limit, wait = body.deduplication, body.throttling, body.escalation_seconds
    values: dict[str, tuple[str, Any]] = {
        "deduplication": ("deduplication", window and timedelta(seconds=window.duration)),
        "throttling": ("throttling", limit and _throttling(limit)),
        "retention": ("retention", body.retention),
        "escalation_seconds": ("escalation", wait and timedelta(seconds=wait)),
    }
    given = values.keys() & body.model_fields_set
    return {values[name][0]: values[name][1] for name in given}


def _throttling(shape: ThrottlingShape) -> Throttling:
    return Throttling(shape.max, shape.period, shape.unit, shape.forever)


def _options(channel: Channel, shape: OptionsShape) -> ChannelOptions:
    options = options_from(shape.model_dump(mode="json", by_alias=True, exclude_none=True))
    return options if channel is Channel.INAPP_WEB else replace(options, batching=None)


def type_answer(view: TypeView, environment: Environment) -> TypeAnswer:
    kind = view.type
    limit, window, wait = kind.throttling, kind.deduplication, kind.escalation
    return TypeAnswer(
        env_id=environment.client_id,
        notification_id=kind.name,
        title=kind.title,
        channels=list(kind.channels),
        enabled=kind.enabled,
        options={c: _options_answer(c, o) for c, o in kind.options.items()},
        deduplication=None if window is None else {"duration": window.total_seconds()},
        throttling=limit and ThrottlingShape(**vars(limit)),
        retention=kind.retention,
        templates=_templates(view.templates),
        required=kind.required,
        escalation_seconds=None if wait is None else wait.total_seconds(),
        track_opens=kind.track_opens,
        track_clicks=kind.track_clicks,
        resend_unknown=kind.resend_unknown,
        sub_notifications=dict(kind.sub_notifications),
        category=kind.category,
        description=kind.description,
    )


def _options_answer(channel: Channel, options: ChannelOptions) -> dict[str, Any]:
    document = options_document(options)
    if channel is not Channel.INAPP_WEB:
        return document
    hidden = {option.value for option in DeliveryOption if option not in IN_APP_OPTIONS}
    return {name: value for name, value in document.items() if name not in hidden}


def _templates(templates: tuple[Template, ...]) -> list[TypeTemplates]:
    found: dict[Channel, list[str]] = {}
    for each in templates:
        found.setdefault(each.channel, []).append(each.name)
    return [TypeTemplates(channel=channel, template_ids=names) for channel, names in found.items()]
