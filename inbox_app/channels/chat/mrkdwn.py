"""Slack's markup, taken apart.

``*bold*``, ``_italic_``, ``~struck~``, code in backticks, ``<url|label>``, ``<@U1>``, ``<#C1>``,
``<!here>``, and ``&amp; &lt; &gt;`` for the three signs that are markup (Slack's reference
"Formatting text for app surfaces").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

LINKED = ("https://", "http://", "mailto:", "tel:")
_ATOMS = re.compile(
    r"```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<pointed>[^<>\n]+)>"
    # A full stop behind it belongs to the sentence, a star to what is bold.
    r"|(?P<url>https?://[^\s<>|`]*[^\s<>|`.,;:!?)\]'\"*_~])",
    re.DOTALL,
)
_POINTED = re.compile(r"<([^<>\n]+)>")
_HELD = re.compile("\0([0-9]+)\0")


class Style(StrEnum):
    """How a part of a text looks."""

    BOLD = "*"
    ITALIC = "_"
    STRUCK = "~"


_STYLED = re.compile(
    "|".join(
        rf"(?<![\w*~]){sign}(?=\S)(?P<{style.name}>[^{sign}\n]+)(?<=\S){sign}(?!\w)"
        for style in Style
        for sign in [re.escape(style.value)]
    )
)


@dataclass(frozen=True)
class Text:
    """What is to be read as it stands."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link; "" as label shows the URL."""

    url: str
    label: str = ""


@dataclass(frozen=True)
class Code:
    """Code in a line, or a block of it."""

    text: str
    block: bool = False


@dataclass(frozen=True)
class Styled:
    """A part in another style."""

    style: Style
    inner: tuple[Span, ...]


Span: TypeAlias = Text | Link | Code | Styled


def parse(text: str) -> tuple[Span, ...]:
    """The parts of a text. Whatever is no markup is text."""
    atoms: list[Span] = []

    def hold(found: re.Match[str]) -> str:
        atoms.append(_atom(found))
        return f"\0{len(atoms) - 1}\0"

    # Marks of style may stand around atoms, never within them.
    held = _ATOMS.sub(hold, text.replace("\0", ""))
    return tuple(_spans(held, atoms))


def _atom(found: re.Match[str]) -> Span:
    kind, inner = found.lastgroup, unescaped(found[found.lastgroup or 0])
    match kind:
        case "block":
            return Code(inner.strip("\n"), block=True)
        case "code":
            return Code(inner)
        case "url":
            return Link(inner)
        case _:
            return _pointed(found["pointed"])


def _pointed(inner: str) -> Text | Link:
    """What stands between < and >."""
    target, _, label = (unescaped(part) for part in inner.partition("|"))
    if target.startswith(LINKED):
        return Link(target, "" if label == target else label)
    sign, name = target[:1], label or target[1:].partition("^")[0]
    if sign in {"@", "#"} and name:
        return Text(sign + name.removeprefix(sign))
    if sign == "!" and name:
        return Text(label or f"@{name}")
    return Text(f"<{unescaped(inner)}>")


def _spans(held: str, atoms: list[Span]) -> Iterator[Span]:
    end = 0
    for found in _STYLED.finditer(held):
        yield from _plain_spans(held[end : found.start()], atoms)
        name = found.lastgroup or ""
        yield Styled(Style[name], tuple(_spans(found[name], atoms)))
        end = found.end()
    yield from _plain_spans(held[end:], atoms)


def _plain_spans(held: str, atoms: list[Span]) -> Iterator[Span]:
    # Every second part is the number of an atom.
    for place, part in enumerate(_HELD.split(held)):
        if place % 2:
            yield atoms[int(part)]
        elif part:
            yield Text(unescaped(part))


def unescaped(text: str) -> str:
    """The text with the three signs themselves; `rendering.slack.escaped` the other way round."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(text: str) -> str:
    """What a person wrote in Slack, as they read it there; marks of style stay as they typed them.

    Links keep their URL, people and channels their ids where Slack gives no name.
    """
    return "".join(
        _said(_pointed(part)) if place % 2 else unescaped(part)
        for place, part in enumerate(_POINTED.split(text))
    )


def _said(span: Text | Link) -> str:
    if isinstance(span, Text):
        return span.text
    url = span.url.removeprefix("mailto:").removeprefix("tel:")
    # Slack makes links of bare names: <http://shop.example|shop.example>.
    return url if not span.label or span.label in url else f"{span.label} ({url})"
