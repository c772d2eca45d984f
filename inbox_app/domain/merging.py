"""Merging parameters into ``{{name}}`` placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.\-]*)\s*\}\}")


def merge(text: str, parameters: Mapping[str, Any], missing: list[str]) -> str:
    """Fills every placeholder; a dotted name looks into nested objects.

    Args:
        text: Text with ``{{name}}`` placeholders.
        parameters: The send's merge values.
        missing: Names without a value are appended here; they merge as nothing.
    """
    if "{{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        found = _look_up(match[1], parameters)
        if found is None:
            missing.append(match[1])
        return _as_text(found)

    return PLACEHOLDER.sub(value, text)


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
