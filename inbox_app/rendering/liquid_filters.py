"""Liquid's filters with limits on what they take, and without a way around escaping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from liquid import Markup
from liquid.exceptions import ResourceLimitError

from inbox_app.domain.merging import as_text, check_length

MAX_ITEMS = 10_000
MAX_BITS = 1_024
MAX_STRIPPED = 50_000
MAX_DATE = 200
ESCAPING = frozenset({"escape", "newline_to_br", "strip_newlines"})
"""Filters that escape what they are given, so that their result is markup."""

Filter = Callable[..., Any]


class Counting(Protocol):
    """A render context that counts work."""

    env: Any

    def charge(self, units: int) -> None: ...


def guarded(name: str, run: Filter) -> Filter:
    """The filter with its arguments measured, as plain text, and its result checked.

    Markup that goes through a filter is text afterwards and escaped when shown: decoding or
    cutting it could bring a value's own tags back.
    """
    wants_environment = getattr(run, "with_environment", False)

    def call(left: object, *arguments: object, context: Counting, **named: object) -> object:
        given = (left, *arguments, *named.values())
        context.charge(1 + sum(map(_weight, given)))
        plain = [_plain(value) for value in (left, *arguments)]
        extra = {key: _plain(value) for key, value in named.items()}
        _check(name, plain, context)
        if wants_environment:
            extra["environment"] = context.env
        result = run(*plain, **extra)
        _weight(result)
        if isinstance(result, Markup):
            return result if name in ESCAPING else str(result)
        return _as_given(result, plain, (left, *arguments)) if name == "default" else result

    cast("Any", call).with_context = True
    return call


def _plain(value: object) -> object:
    return str.__str__(value) if isinstance(value, Markup) else value


def _as_given(result: object, plain: list[object], given: tuple[object, ...]) -> object:
    """What `default` passes through stays markup where it was; the value itself comes first."""
    if isinstance(result, str):
        for same, value in zip(plain, given, strict=True):
            if result is same:
                return value
    return result


def _weight(value: object) -> int:
    """Units of work to handle a value.

    Raises:
        InvalidInput, ResourceLimitError: it is too large to handle at all.
    """
    if isinstance(value, str):
        check_length(len(value))
        return len(value) // 100
    if isinstance(value, int):
        _most(value.bit_length(), MAX_BITS)
        return 0
    if isinstance(value, range):
        _most(value.stop - value.start, MAX_ITEMS)
        return len(value) // 10
    if isinstance(value, (list, tuple)):
        return _items(cast("list[object]", value)) // 10
    return 0


def _items(value: list[object]) -> int:
    """How many items, those of lists within it too: filters flatten them."""
    count = 0
    todo: list[object] = [value]
    while todo:
        inner = todo.pop()
        if isinstance(inner, (list, tuple)):
            items = cast("list[object]", inner)
            count += len(items)
            _most(count, MAX_ITEMS)
            todo.extend(items)
    return count


def _most(size: int, most: int) -> None:
    if size > most:
        raise ResourceLimitError("a filter is given too much", token=None)


def _check(name: str, given: list[object], context: Counting) -> None:
    check = CHECKS.get(name)
    if check is not None:
        check(given, context)


def _replace(given: list[object], context: Counting) -> None:
    text, old, new = (as_text(value) for value in (*given, "", "")[:3])
    check_length(len(text) + text.count(old) * (len(new) - len(old)))


def _join(given: list[object], context: Counting) -> None:
    value, separator = (*given, " ")[:2]
    if isinstance(value, (list, tuple, range)):
        check_length(len(cast("list[object]", value)) * len(as_text(separator)))


def _uniq(given: list[object], context: Counting) -> None:
    if isinstance(given[0], (list, tuple, range)):
        context.charge(len(cast("list[object]", given[0])) ** 2 // 20)


def _strip_html(given: list[object], context: Counting) -> None:
    length = len(as_text(given[0]))
    _most(length, MAX_STRIPPED)
    context.charge(length * length // 50_000)


def _date(given: list[object], context: Counting) -> None:
    for value in given:
        _most(len(value) if isinstance(value, str) else 0, MAX_DATE)


CHECKS: Mapping[str, Callable[[list[object], Counting], None]] = {
    "replace": _replace,
    "remove": _replace,
    "join": _join,
    "uniq": _uniq,
    "strip_html": _strip_html,
    "date": _date,
}
"""What some filters could make out of little, or take long for."""
