"""Short texts made from what people wrote: initials and previews."""

from __future__ import annotations

import re

PREVIEW_LENGTH = 160
LEADING_NAMES = re.compile(r"\W*(\w[\w'\u2019.@-]*)(?:[ ,]+(?:and +|und +)?(\w[\w'\u2019.@-]*))?")


def initials(name: str) -> str:
    """One or two letters for a round picture: ``Ada Diaz`` gives ``AD``."""
    words = [word for word in name.split() if any(c.isalnum() for c in word)]
    letters = [next(c for c in word if c.isalnum()) for word in words]
    chosen = letters if len(letters) < 3 else [letters[0], letters[-1]]  # noqa: PLR2004 - a pair
    return "".join(chosen).upper() or "?"


def initials_of_title(title: str) -> str:
    """Letters for a row without a picture, from the names a title starts with.

    ``Mara Klein mentioned you`` gives ``MK``, ``Ana, Ben and 4 others`` gives ``AB``, ``Invoice
    #2041 is due`` gives ``I``.
    """
    found = LEADING_NAMES.match(title)
    if found is None:
        return "•"
    first, second = found[1], found[2] or ""
    pair = second[:1] if first[:1].isupper() and second[:1].isupper() else ""
    return (first[:1] + pair).upper()


def preview(text: str) -> str:
    """The first line with something in it, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= PREVIEW_LENGTH:
        return line
    return line[:PREVIEW_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
