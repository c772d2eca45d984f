"""What a message is made from: one notification, its reader, and the names a template can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import as_text, replaced
from inbox_app.rendering.liquid import fill
from inbox_app.rendering.text import limited, one_line, printable


@dataclass(frozen=True)
class Reader:
    """What surrounds a message.

    Attributes:
        name: What the person is called, or "".
        user_id: The sender's id of the person.
        zone: The person's time zone, an IANA name.
        environment: Whom the message comes from.
        preferences_url: Where the person changes what arrives, or "".
        unsubscribe_url: Where the person ends it, or "".
        logo: Address of a picture put on top of e-mails, or "".
    """

    name: str
    user_id: str
    zone: str
    environment: str
    preferences_url: str
    unsubscribe_url: str
    logo: str = ""


@dataclass(frozen=True)
class Part:
    """One notification.

    Attributes:
        title: What it is called where it is one among several, or "".
        values: The sender's merge values.
        content: The channel's fields, by their names on the wire; texts are Liquid.
        replacements: Literal texts to replace in the content.
        at: When it was accepted.
        url: Where it leads, or "".
    """

    title: str
    values: Mapping[str, Any]
    content: Mapping[str, Any]
    replacements: Mapping[str, str]
    at: datetime
    url: str


@dataclass(frozen=True)
class Filler:
    """Fills one notification's fields, and collects the names that had no value.

    Attributes:
        content: The fields as they were sent.
        values: What their placeholders can use.
        replacements: Made before placeholders are filled.
        missing: Names without a value so far.
    """

    content: Mapping[str, Any]
    values: Mapping[str, Any]
    replacements: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: list[str] = field(default_factory=list[str])

    def filled(self, source: str) -> str:
        """Any text of the sender, filled."""
        return printable(fill(replaced(source, self.replacements), self.values, self.missing))

    def text(self, name: str) -> str:
        """A field as text, "" when it is not there."""
        return self.filled(text_in(self.content, name)).strip()

    def line(self, name: str) -> str:
        """A field as text on one line."""
        return one_line(self.text(name))

    def html(self, name: str) -> str:
        """A field as HTML: values escaped, the sender's own markup as it is."""
        replacements = {old: escape(new) for old, new in self.replacements.items()}
        source = replaced(text_in(self.content, name), replacements)
        return printable(fill(source, self.values, self.missing, html=True))

    def warnings(self) -> tuple[str, ...]:
        """A sentence for each name that had no value."""
        return tuple(f"No value for {{{{{name}}}}}." for name in dict.fromkeys(self.missing))


def filler(part: Part, reader: Reader) -> Filler:
    """Fills a notification's fields with its own values, and those every template can use."""
    return Filler(part.content, {**names(reader), **part.values}, part.replacements)


def names(reader: Reader) -> dict[str, Any]:
    """What every template can use; a sender's value of the same name takes its place."""
    return {
        "user": {"id": reader.user_id, "name": reader.name},
        "environment": reader.environment,
        "preferences_url": reader.preferences_url,
        "unsubscribe_url": reader.unsubscribe_url,
    }


def text_in(content: Mapping[str, Any], name: str) -> str:
    """A field's text, "" when it is not there; raises InvalidInput when it is no text."""
    value = content.get(name)
    if value is None or isinstance(value, (str, int, float)):
        return as_text(value)
    raise InvalidInput(f"{name} is not a text.", fix=f"Send {name} as a text.")


def required(name: str, text: str, most: int) -> str:
    """The text; raises InvalidInput when there is none, or more than so many characters."""
    if not text:
        raise InvalidInput(f"{name} is empty.", fix=f"Give the message its {name}.")
    return limited(name, text, most)
