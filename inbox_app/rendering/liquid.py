"""The merge language: Liquid, bounded in time and size, without files or includes."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from liquid.exceptions import LiquidError
from liquid.token import Token

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import as_text, merge
from inbox_app.rendering.liquid_bounds import compiled


def fill(source: str, values: Mapping[str, Any], missing: list[str], *, html: bool = False) -> str:
    """The text with its values merged in.

    Args:
        source: A Liquid template; most hold nothing but ``{{ name }}``.
        values: Merge values, JSON; a name may lead into nested objects.
        missing: Names that had no value are appended, once each; they show as nothing.
        html: Whether values are escaped for HTML; markup written in the template stays.

    Raises:
        InvalidInput: the template is wrong, or too long or too much work once merged.
    """
    if "{{" not in source and "{%" not in source:
        return source
    before = len(missing)
    text = merge(source, values, missing, _escaped if html else as_text)
    if text is None:
        text = by_engine(source, values, missing, html=html)
    if len(missing) > before:
        missing[:] = dict.fromkeys(missing)
    return text


def by_engine(source: str, values: Mapping[str, Any], missing: list[str], *, html: bool) -> str:
    """What `fill` does, without its short way for plain placeholders."""
    try:
        return compiled(source, html).filled(values, missing)
    except InvalidInput:
        raise
    except LiquidError as error:
        raise _refused(source, error) from error
    # A filter meets values of any kind, and the library lets through what Python raises then.
    except Exception as error:
        raise InvalidInput(
            f"The template cannot be filled with these parameters ({type(error).__name__}).",
            fix="Check what its filters and tags are given.",
        ) from error


def check(source: str, *, html: bool = False) -> None:
    """Refuses a template before it is used, whatever its values will be.

    Raises:
        InvalidInput: it is wrong or too long, or names a filter that there is not.
    """
    if merge(source, {}, []) is not None:
        return
    try:
        template = compiled(source, html)
    except LiquidError as error:
        raise _refused(source, error) from error
    # The language looks for filters only where it comes by them.
    named = template.analyze(include_partials=False).filters
    for name, (place, *_) in named.items():
        if name not in template.env.filters:
            token = Token("filter", name, place.index, source)
            raise _refused(source, LiquidError(f"unknown filter {name!r}", token=token))


def _escaped(value: object) -> str:
    return escape(as_text(value))


def _refused(source: str, error: LiquidError) -> InvalidInput:
    at = error.token.start_index if error.token else -1
    where = f"line {source.count(chr(10), 0, at) + 1} of the template" if at >= 0 else "a template"
    return InvalidInput(
        f"Liquid cannot take {where}: {str(error.message)[:200]}.",
        fix="Correct the tag, or put {% raw %} ... {% endraw %} around text that is to stay.",
    )
