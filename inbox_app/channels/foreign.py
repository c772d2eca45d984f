"""Reading JSON of others: what is missing, or of another kind than documented, reads as empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

Document: TypeAlias = Mapping[str, Any]
NOTHING: Document = {}
LARGEST = 1e12


def parsed(text: str | bytes) -> Document:
    """The object that a text holds."""
    try:
        return document(json.loads(text))
    except (ValueError, RecursionError):
        return NOTHING


def document(value: object) -> Document:
    """The value, if it is an object."""
    return cast("Document", value) if isinstance(value, dict) else NOTHING


def inner(told: Document, *path: str) -> Document:
    """The object at a path of names."""
    for name in path:
        told = document(told.get(name))
    return told


def items(told: Document, name: str) -> Sequence[object]:
    """What the list under a name holds."""
    found: object = told.get(name)
    return cast("list[object]", found) if isinstance(found, list) else ()


def each(told: Document, name: str) -> Iterator[Document]:
    """The objects in the list under a name."""
    for value in items(told, name):
        if isinstance(value, dict):
            yield document(cast("object", value))


def text(told: Document, name: str) -> str:
    """The text under a name."""
    found: object = told.get(name)
    return found if isinstance(found, str) else ""


def number(told: Document, name: str) -> float | None:
    """The number under a name; None for anything else, and for one beyond all reason."""
    found: object = told.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return found if abs(found) < LARGEST else None
