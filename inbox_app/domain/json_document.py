"""JSON documents: read with errors that name the place, patched, and compared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inbox_app.domain.errors import InvalidInput

LONGEST_NAME = 256
"""Characters of a key that a caller makes up."""
DEEPEST = 16
"""Objects within objects of a patch."""
_LONGEST_SHOWN = 60
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Change:
    """One leaf of a document that differs.

    Attributes:
        path: JSON Pointer, RFC 6901.
        before: Its value, None where there was none.
        after: Its value, None where there is none any more.
    """

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Node:
    """A value in a document, and the keys that lead to it. Its readers raise `InvalidInput`."""

    value: Any
    path: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Its JSON Pointer, made fit to be shown: shortened, without control characters."""
        return "".join(f"/{_shown(_escaped(key))}" for key in self.path) or "the document"

    def fields(self, known: Collection[str]) -> dict[str, Node]:
        """The members of an object that has no others than ``known``."""
        members = self._members()
        for name, member in members.items():
            if name not in known:
                member.refuse("is not known", f"Leave out {member.where}; use {_listed(known)}.")
        return members

    def entries(self, most: int) -> dict[str, Node]:
        """The members of an object whose keys a caller made up; at most so many."""
        members = self._members()
        if len(members) > most:
            self.refuse(f"has more than {most} entries", f"Send at most {most} in {self.where}.")
        for name, member in members.items():
            if not 0 < len(name) <= LONGEST_NAME or not _can_be_stored(name):
                fix = f"Name {member.where} with 1 to {LONGEST_NAME} characters, none of them NUL."
                member.refuse("has a name that cannot be used", fix)
        return members

    def choice(self, kind: type[E]) -> E:
        """A member of an enumeration, by its value."""
        return kind(self.one_of([member.value for member in kind]))

    def one_of(self, texts: Collection[str]) -> str:
        """One of some texts."""
        if not isinstance(self.value, str) or self.value not in texts:
            listed = _listed(texts)
            self.refuse(f"is not one of {listed}", f"Set {self.where} to one of {listed}.")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse("is neither true nor false", f"Set {self.where} to true or false.")
        return self.value

    def whole(self, most: int) -> int:
        """A whole number from 0 to ``most``."""
        value = self.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most or value != int(value):
            fix = f"Set {self.where} to a whole number from 0 to {most}."
            self.refuse(f"is not a whole number from 0 to {most}", fix)
        return int(value)

    def clock(self) -> time:
        """A time of day, hours and minutes, with or without seconds."""
        if not isinstance(self.value, str) or not _CLOCK.fullmatch(self.value):
            fix = f"Set {self.where} to a time such as 08:00, from 00:00 to 23:59."
            self.refuse("is not a time of day", fix)
        return time.fromisoformat(self.value)

    def moment(self) -> datetime:
        """An ISO 8601 date, time and offset, in UTC."""
        if (at := _moment(self.value)) is None:
            fix = f"Set {self.where} to a moment such as 2026-03-02T09:30:00Z."
            self.refuse("is not a date and time with an offset", fix)
        return at

    def zone(self) -> str:
        """The name of a time zone."""
        value = self.value
        try:
            known = isinstance(value, str) and bool(ZoneInfo(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            known = False
        if not isinstance(value, str) or not known:
            fix = f"Set {self.where} to an IANA name such as Europe/Berlin."
            self.refuse("is not a time zone", fix)
        return value

    def refuse(self, problem: str, fix: str) -> NoReturn:
        """Raises `InvalidInput`: this place ``problem``."""
        place = self.where
        raise InvalidInput(f"{place[0].upper()}{place[1:]} {problem}.", fix=fix)

    def _members(self) -> dict[str, Node]:
        value: object = self.value
        if not isinstance(value, Mapping):
            self.refuse("is not an object", f"Set {self.where} to an object.")
        members = cast("Mapping[str, Any]", value)
        return {name: Node(value, (*self.path, name)) for name, value in members.items()}


def merged(target: object, patch: object, *, room: int = DEEPEST) -> object:
    """``target`` with a JSON merge patch applied, RFC 7396; neither is changed.

    Raises:
        InvalidInput: the patch is nested deeper than ``room``.
    """
    if not isinstance(patch, Mapping):
        return patch
    if room == 0:
        raise InvalidInput(
            f"The patch has more than {DEEPEST} objects within each other.",
            fix="Send the keys of the document only.",
        )
    result: dict[str, object] = {}
    if isinstance(target, Mapping):
        result.update(cast("Mapping[str, object]", target))
    for key, value in cast("Mapping[str, object]", patch).items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value, room=room - 1)
    return result


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every leaf that differs, by path. What is no object is a leaf; an empty object is nothing."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return [Change(path, old.get(path), new.get(path)) for path in paths]


def clock_text(clock: time) -> str:
    """A time of day as `Node.clock` reads it; parts of a second are left out."""
    return clock.isoformat("seconds" if clock.second else "minutes")


def moment_text(at: datetime) -> str:
    """A moment as `Node.moment` reads it, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def pointer(keys: Iterable[str]) -> str:
    """The JSON Pointer (RFC 6901) of a value, from the keys that lead to it."""
    return "".join(f"/{_escaped(key)}" for key in keys)


def keys_of(path: str) -> tuple[str, ...]:
    """The keys that lead to a value, from its JSON Pointer; the opposite of `pointer`."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:])


def leaf(document: object, keys: Iterable[str]) -> object:
    """The value that keys lead to, None where there is none."""
    for key in keys:
        if not isinstance(document, Mapping):
            return None
        document = cast("Mapping[str, object]", document).get(key)
    return document


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, member in cast("Mapping[str, Any]", value).items():
        yield from _leaves(member, path + pointer((key,)))


def _moment(value: object) -> datetime | None:
    """The moment a text names; None when it names none, or no offset."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _shown(key: str) -> str:
    short = key if len(key) <= _LONGEST_SHOWN else f"{key[:_LONGEST_SHOWN]}..."
    return "".join(c if c.isprintable() else "?" for c in short)


def _listed(texts: Collection[str]) -> str:
    return ", ".join(texts)


def _can_be_stored(name: str) -> bool:
    try:
        return b"\0" not in name.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: JSON can hold it, no database does.
        return False
