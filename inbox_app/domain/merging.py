"""Merging parameters into ``{{name}}`` placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from inbox_app.domain.errors import InvalidInput

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.\-]*)\s*\}\}")
LONGEST = 1_000_000
"""Characters. A value of a megabyte put in ten thousand times would fill the memory."""


def merge(text: str, parameters: Mapping[str, Any], missing: list[str]) -> str:
    """Fills every placeholder; a dotted name looks into nested objects.

    Args:
        text: Text with ``{{name}}`` placeholders.
        parameters: The send's merge values.
        missing: Names without a value are appended here; they merge as nothing.

    Raises:
        InvalidInput: the values put in are longer than `LONGEST` together.
    """
    if "{{" not in text:
        return text
    length = 0

    def value(match: re.Match[str]) -> str:
        nonlocal length
        found = _look_up(match[1], parameters)
        if found is None:
            missing.append(match[1])
        shown = _as_text(found)
        length += len(shown)
        _check(length)
        return shown

    return PLACEHOLDER.sub(value, text)


def replaced(text: str, replacements: Mapping[str, str]) -> str:
    """The text with each literal replacement made, one after the other.

    Raises:
        InvalidInput: it would become longer than `LONGEST`.
    """
    for old, new in replacements.items():
        _check(len(text) + text.count(old) * (len(new) - len(old)))
        text = text.replace(old, new)
    return text


def _check(length: int) -> None:
    if length > LONGEST:
        raise InvalidInput(
            f"The text has more than {LONGEST:,} characters once merged.",
            fix="Send shorter parameters, or fewer placeholders.",
        )


def _look_up(name: str, parameters: Mapping[str, Any]) -> object:
    if name in parameters:
        return parameters[name]
    found: object = parameters
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, object]", found).get(part)
    return found


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
