"""Templates: the content of a notification type for one channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox_app.domain.notification_type import Channel


class Mode(StrEnum):
    """How a template is delivered: at once, or as one of the digests of `DeliveryOption`."""

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True)
class Template:
    """Content of a type for one channel.

    Attributes:
        type_id: Internal key of its type.
        channel: What it is written for.
        name: The name senders use; unique within its type and channel.
        content: The channel's fields, by their names on the wire: subject, html, title ...
        default_for: The modes in which it is taken when the sender names none.
        created_at: When it was first saved.
        updated_at: When it was last saved.
    """

    type_id: int
    channel: Channel
    name: str
    content: Mapping[str, Any]
    default_for: frozenset[Mode]
    created_at: datetime
    updated_at: datetime


def chosen(
    templates: Sequence[Template], channel: Channel, mode: Mode, name: str | None
) -> Template | None:
    """The template by its name when one is given, else the mode's default.

    None when there is none; a digest then takes the built-in form, never an instant template.
    """
    for template in templates:
        if template.channel is channel and (
            template.name == name if name else mode in template.default_for
        ):
            return template
    return None
