"""The catalogue: every text that people are shown, by key, in every language (``lib/words``).

A text has places: ``{name}`` takes a value as it is and a number in the language's own digits,
``{name:moment}`` an ISO time in the person's zone, ``{name:word}`` the text of another key. A text
that depends on a number is a table of plural forms, chosen by the value ``n``. The browser reads
the same files by the same rules (``assets/react/words.js``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

Value = str | int
Text = str | dict[str, str]

FOLDER: Final = Path(__file__).with_name("words")
BUILT_IN: Final = "en"
"""The language of the prerendered pages, and of whoever speaks none of ours."""
LANGUAGES: Final = ("en", "de")
LANGUAGE_COOKIE: Final = "inbox_language"
"""What the person chose, for pages that nobody is signed in to and before the first event."""
# Texts of pages that the server renders are no use to the others.
SERVER_ONLY: Final = ("server.", "unsubscribe.")
MOST_WISHES: Final = 20

_PLACE: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True)
class Phrase:
    """A text of the catalogue with its values, to be put into words where the language is known."""

    key: str = ""
    values: dict[str, Value] = field(default_factory=dict[str, Value])


NOTHING: Final = Phrase()


@dataclass(frozen=True)
class Tongue:
    """A language, and the zone whose clocks show its times."""

    language: str = BUILT_IN
    zone: ZoneInfo = _UTC

    def say(self, key: str, **values: Value) -> str:
        """The text of a key with its places filled.

        Raises:
            KeyError: the catalogue has no such text, or the text has a place without a value.
        """
        text = texts(self.language)[key]
        if isinstance(text, dict):
            text = text[_locale(self.language).plural_form(int(values["n"]))]
        return _PLACE.sub(lambda place: self._filled(values[place[1]], place[2]), text)

    def phrase(self, phrase: Phrase) -> str:
        """A phrase in words."""
        return self.say(phrase.key, **phrase.values)

    def _filled(self, value: Value, form: str | None) -> str:
        match form:
            case "word":
                return self.say(str(value))
            case "moment":
                return self._moment(datetime.fromisoformat(str(value)).astimezone(self.zone))
            case _ if isinstance(value, int):
                return format_decimal(value, locale=_locale(self.language))
            case _:
                return str(value)

    def _moment(self, there: datetime) -> str:
        locale = _locale(self.language)
        day, clock = format_date(there, "long", locale), format_time(there, "short", locale=locale)
        return self.say("time.day_and_clock", day=day, clock=clock)


@lru_cache
def texts(language: str) -> Mapping[str, Text]:
    """All texts of one of `LANGUAGES`, by key."""
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))


def browser_texts(language: str) -> Mapping[str, Text]:
    """The texts that the browser needs."""
    known = texts(language).items()
    return {key: text for key, text in known if not key.startswith(SERVER_ONLY)}


def spoken(wishes: Iterable[str]) -> str:
    """The first of our languages among the wishes, such as ``de-AT``; else `BUILT_IN`."""
    primary = (wish.strip().partition("-")[0].lower() for wish in wishes)
    return next((language for language in primary if language in LANGUAGES), BUILT_IN)


def wishes_of(accept_language: str) -> list[str]:
    """The languages of an ``Accept-Language`` header, the dearest first (RFC 9110, 12.5.4)."""
    ranked = [_ranked(part) for part in accept_language.split(",")[:MOST_WISHES]]
    return [tag for weight, tag in sorted(ranked, key=lambda each: -each[0]) if weight > 0]


def _ranked(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    _, _, weight = parameter.partition("=")
    try:
        return (float(weight) if weight else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)
