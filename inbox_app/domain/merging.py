"""Merging parameters into plain ``{{name}}`` placeholders, and how values read as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from inbox_app.domain.errors import InvalidInput

# What Liquid reads as more than a name (``true``, ``items.size``) is not a plain placeholder.
SEGMENT = r"[A-Za-z_](?:[\w\-]*\w)?"
NAME = (
    rf"(?!(?:true|false|nil|null|empty|blank)(?![\w\-])){SEGMENT}"
    rf"(?:\.(?!(?:size|first|last|true|false|nil|null|empty|blank)(?![\w\-])){SEGMENT})*"
)
PLACEHOLDER = re.compile(rf"\{{\{{\s*({NAME})\s*\}}\}}")
LONGEST = 1_000_000
"""Characters. A value of a megabyte put in ten thousand times would fill the memory."""


def as_text(value: object) -> str:
    """A value as people write it: ``17`` for 17.0, ``a, b`` for a list, nothing for None."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(as_text(item) for item in cast("list[object]", value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def merge(
    text: str,
    parameters: Mapping[str, Any],
    missing: list[str],
    shown: Callable[[object], str] = as_text,
) -> str | None:
    """Fills every placeholder; a dotted name looks into nested objects.

    A name with dots of its own comes first.

    Args:
        text: Text with ``{{name}}`` placeholders.
        parameters: The send's merge values.
        missing: Names without a value are appended here; they merge as nothing.
        shown: How a value becomes text.

    Returns:
        The text, or None when it holds more than plain placeholders and takes a template engine.

    Raises:
        InvalidInput: the values put in are longer than `LONGEST` together, or nested too deep.
    """
    parts = PLACEHOLDER.split(text)
    around = "\n".join(parts[::2])
    if "{{" in around or "{%" in around:
        return None
    length = 0
    for index in range(1, len(parts), 2):
        name = parts[index]
        value = parameters.get(name)
        # Most values are texts; this runs for each placeholder of each send.
        if shown is not as_text or not isinstance(value, str):
            value = _shown(name, value, parameters, missing, shown)
        length += len(value)
        if length > LONGEST:
            check_length(length)
        parts[index] = value
    return "".join(parts)


def replaced(text: str, replacements: Mapping[str, str]) -> str:
    """The text with each literal replacement made, one after the other.

    Raises:
        InvalidInput: it would become longer than `LONGEST`.
    """
    for old, new in replacements.items():
        check_length(len(text) + text.count(old) * (len(new) - len(old)))
        text = text.replace(old, new)
    return text


def check_length(length: int) -> None:
    """Raises InvalidInput when a merged text would have more than `LONGEST` characters."""
    if length > LONGEST:
        raise InvalidInput(
            f"The text has more than {LONGEST:,} characters once merged.",
            fix="Send shorter parameters, or fewer placeholders.",
        )


def _shown(
    name: str,
    found: object,
    parameters: Mapping[str, Any],
    missing: list[str],
    shown: Callable[[object], str],
) -> str:
    if found is None:
        found = None if name in parameters else _inside(name, parameters)
    if found is None:
        missing.append(name)
        return ""
    try:
        return shown(found)
    except (RecursionError, ValueError) as error:
        raise InvalidInput(
            f"The value of {name} cannot be written as text.",
            fix="Send a text, a number, or a list with fewer levels.",
        ) from error


def _inside(name: str, parameters: Mapping[str, Any]) -> object:
    found: object = parameters
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, object]", found).get(part)
    return found
