"""The catalogue is complete in every language, and says what it is asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from inbox_app.lib.catalogue import (
    BUILT_IN,
    FOLDER,
    LANGUAGES,
    Phrase,
    Tongue,
    browser_texts,
    spoken,
    texts,
    wishes_of,
)

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES if language != BUILT_IN]
PLACES = re.compile(r"\{\w+(?::\w+)?\}")
# A key as it stands in code, with what is put in at run time as a wildcard.
KEY = re.compile(r"""["'`]([a-z_]+\.[\w.+]*(?:\$?\{[^}]*\}[\w.]*)?)["'`]""")
BERLIN = ZoneInfo("Europe/Berlin")


def forms(language: str, key: str) -> list[str]:
    text = texts(language)[key]
    return list(text.values()) if isinstance(text, dict) else [text]


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    assert list(texts(language)) == list(texts(BUILT_IN))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_there_twice(language: str) -> None:
    """JSON takes the last one without a word."""
    pairs: list[str] = []
    text = (FOLDER / f"{language}.json").read_text("utf-8")
    json.loads(text, object_pairs_hook=lambda found: pairs.extend(key for key, _ in found))
    keys = [key for key in pairs if "." in key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("key", texts(BUILT_IN))
def test_every_text_has_the_same_places_and_kind(language: str, key: str) -> None:
    assert isinstance(texts(language)[key], dict) == isinstance(texts(BUILT_IN)[key], dict)
    expected = {place for form in forms(BUILT_IN, key) for place in PLACES.findall(form)}
    for form in forms(language, key):
        assert form.strip()
        # A singular may do without its number.
        left_out = {"{n}"} if isinstance(texts(language)[key], dict) else set[str]()
        assert set(PLACES.findall(form)) | (left_out & expected) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_the_forms_of_their_language(language: str) -> None:
    rules = Locale.parse(language).plural_form
    expected = {*rules.rules, "other"}
    for text in texts(language).values():
        if isinstance(text, dict):
            assert set(text) == expected


def test_every_key_is_used_and_every_key_used_is_there() -> None:
    files = [*ROOT.glob("inbox_app/**/*.py"), *ROOT.glob("assets/react/**/*.js*")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    groups = {key.partition(".")[0] for key in texts(BUILT_IN) if "." in key}
    named = {key for key in KEY.findall(code) if key.partition(".")[0] in groups}
    patterns = {re.compile(re.escape(re.sub(r"\$?\{.*?\}", "\0", key)).replace("\0", r"[\w.+]+"))
                for key in named if "{" in key}  # fmt: skip
    known = set(texts(BUILT_IN))
    plain = {key for key in named if "{" not in key and not key.endswith(".")}
    prefixes = tuple(key for key in named if key.endswith("."))
    unused = {
        key
        for key in known - plain
        if "." in key
        and not any(pattern.fullmatch(key) for pattern in patterns)
        and not key.startswith(prefixes or ("\0",))
    }
    assert unused == set()
    assert {key for key in plain if key not in known and not _is_file(key)} == set()


def _is_file(name: str) -> bool:
    """Names of files, loggers and modules have a dot as well."""
    return name.endswith((".css", ".js", ".jsx", ".json", ".html"))


def test_a_text_is_filled() -> None:
    english, german = Tongue(), Tongue("de", BERLIN)
    assert english.say("said.read", n=1240) == "Marked 1,240 as read"
    assert german.say("said.read", n=1240) == "1.240 als gelesen markiert"
    assert german.say("list.replies", n=1) == "1 Antwort"
    assert german.say("list.replies", n=2) == "2 Antworten"
    since = Phrase("account.signed_in", {"at": "2026-07-01T06:00:00Z"})
    assert german.phrase(since) == "Angemeldet 1. Juli 2026, 08:00"
    no_text = Phrase("reason.no_content", {"channel": "channel.SMS"})
    assert english.phrase(no_text) == "The sender gave no text for SMS"


def test_what_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        Tongue().say("no.such.text")
    with pytest.raises(KeyError):
        Tongue().say("list.replies")
    with pytest.raises(KeyError):
        Tongue().say("frame.reference")


def test_values_are_not_filled_again() -> None:
    assert Tongue().say("frame.reference", id="{id}") == "Reference: {id}"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, de", "de"),
        ("fr, de;q=0.2, en;q=0.1", "de"),
        ("de;q=0, en", "en"),
        ("ja", "en"),
        ("", "en"),
        (";;q=,=,*", "en"),
        ("de;q=x", "en"),
        ("DE", "de"),
    ],
)
def test_the_header_of_a_browser_chooses(accept: str, language: str) -> None:
    assert spoken(wishes_of(accept)) == language


def test_the_browser_gets_no_texts_of_server_pages() -> None:
    assert "server.signed_out" in texts(BUILT_IN)
    assert not any(key.startswith("server.") for key in browser_texts(BUILT_IN))
