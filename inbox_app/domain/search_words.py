"""Text as words: the same for what is indexed and what is looked for, in any script."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

LONGEST_WORD = 40
MOST_WORDS = 8_000
"""Of a document; PostgreSQL counts places up to 16,383."""
MOST_BYTES = 700_000
"""Of the words of a document, in UTF-8; PostgreSQL holds 1 MB with what stands before each."""
MOST_PLACES = 255
"""Of one word in a document; PostgreSQL keeps no more."""
BREAK = ""
"""Stands between two parts of a document, so that no phrase reaches over; every document has it."""

# Written without spaces between words: each sign is a word, and a word of several a phrase.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_ACCENT = re.compile("[\u0300-\u036f]")


def words(text: str) -> list[str]:
    """The words of a text without case and accents, in order."""
    return [found[:LONGEST_WORD] for found in _WORD.findall(_folded(text))]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", plain.casefold())


def document(parts: Iterable[str], senders: Iterable[str]) -> list[str]:
    """The words of an item, with a `BREAK` after each part; those of its senders marked."""
    found: list[str] = [BREAK]
    for part in parts:
        found += [*words(part), BREAK]
    for sender in senders:
        found += [*(f"_{word}" for word in words(sender)), *words(sender), BREAK]
    found = found[:MOST_WORDS]
    ends = list(accumulate(len(word.encode()) for word in found))
    return _thinned(found[: bisect(ends, MOST_BYTES)])


def _thinned(found: list[str]) -> list[str]:
    """What stands too often gives way to a `BREAK`: left out, its neighbours would be a phrase."""
    if len(found) <= MOST_PLACES:
        return found
    times = Counter[str]()
    kept: list[str] = []
    for word in found:
        times[word] += 1
        kept.append(word if times[word] <= MOST_PLACES else BREAK)
    return kept


def parameters_named(parameters: Mapping[str, object], names: Sequence[str]) -> list[str]:
    """Those of the named merge values that are texts."""
    return [value for name in names if isinstance(value := parameters.get(name), str)]
