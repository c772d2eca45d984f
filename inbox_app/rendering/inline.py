"""Content that came with a send, looked at before the send is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import cast

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import replaced
from inbox_app.rendering.liquid import check
from inbox_app.rendering.liquid_bounds import COMPILED

HTML = "html"
"""The one field whose values are escaped."""


def check_content(name: str, content: object, replacements: Mapping[str, str]) -> None:
    """Refuses wrong Liquid in any text of a channel's content; others cost nothing.

    Args:
        name: What the content is called, for the error.
        content: JSON: texts, and lists and objects that hold texts.
        replacements: Literal texts that are replaced before it is read.

    Raises:
        InvalidInput: names the field.
    """
    for place, text in _texts(name, content):
        if "{{" not in text and "{%" not in text:
            continue
        html = place.endswith(f".{HTML}")
        puts = {old: escape(new) for old, new in replacements.items()} if html else replacements
        try:
            _checked(replaced(text, puts), html)
        except InvalidInput as error:
            raise InvalidInput(f"{place}: {error.message}", fix=error.fix) from None


def _texts(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, object]", value).items():
            yield from _texts(f"{place}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(cast("list[object]", value)):
            yield from _texts(f"{place}.{number}", inner)


@lru_cache(COMPILED)
def _checked(source: str, html: bool) -> None:
    """The same texts come with many sends."""
    check(source, html=html)
