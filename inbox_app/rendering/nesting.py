"""How deep HTML is nested, told before a parser that recurses into it is run."""

from __future__ import annotations

import re
from collections import Counter

from inbox_app.domain.errors import InvalidInput
from inbox_app.rendering.plain import VOID

MAX_DEPTH = 1_000
"""Levels. The style inliner uses up the stack at some ten thousand, and ends the process."""
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
FORMATTING = frozenset(
    {
        *("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong"),
        *("tt", "u"),
    }
)
"""Tags that a parser opens again in each new block until they are closed themselves."""
CLOSED_BY_NEXT = frozenset({"p", "li", "tr", "td", "th", "dt", "dd", "option"})


def check_nesting(name: str, html: str) -> None:
    """Raises InvalidInput when the HTML may have more than `MAX_DEPTH` levels."""
    open_tags: list[str] = []
    counts: Counter[str] = Counter()
    reopened = 0
    for closing, written in TAG.findall(html):
        tag = written.lower()
        if tag in VOID:
            continue
        if not closing:
            if not (tag in CLOSED_BY_NEXT and open_tags and open_tags[-1] == tag):
                open_tags.append(tag)
                counts[tag] += 1
        elif counts[tag]:
            reopened += _close(tag, open_tags, counts)
        if len(open_tags) + reopened > MAX_DEPTH:
            raise InvalidInput(
                f"{name} has more than {MAX_DEPTH:,} tags within each other.",
                fix="Close the tags it opens.",
            )


def _close(tag: str, open_tags: list[str], counts: Counter[str]) -> int:
    """Closes a tag and all within it; says how many of those a parser would open again."""
    reopened = 0
    while True:
        last = open_tags.pop()
        counts[last] -= 1
        if last == tag:
            return reopened
        reopened += last in FORMATTING
