"""Sealing: what is sealed opens under its key only."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.sealing import CannotUnseal, Sealer

OLD, NEW = "old key " * 5, "new key " * 5
SEALED = Sealer(OLD).seal("the secret")


@given(st.text())
def test_what_is_sealed_opens(secret: str):
    sealer = Sealer(OLD)
    assert sealer.unseal(sealer.seal(secret)) == secret


def test_one_secret_is_sealed_differently_each_time():
    sealer = Sealer(OLD)
    assert sealer.seal("the secret") != sealer.seal("the secret")
    assert "secret" not in sealer.seal("the secret")


@given(st.integers(0, len(SEALED) - 1), st.characters(max_codepoint=127))
def test_any_changed_byte_fails(place: int, letter: str):
    changed = SEALED[:place] + letter + SEALED[place + 1 :]
    if _raw(changed) == _raw(SEALED):
        return
    with pytest.raises(CannotUnseal):
        Sealer(OLD).unseal(changed)


def _raw(sealed: str) -> tuple[str, bytes]:
    version, _, body = sealed.partition(".")
    try:
        return version, base64.urlsafe_b64decode(body)
    except ValueError:
        return version, body.encode()


def test_another_key_does_not_open():
    with pytest.raises(CannotUnseal, match="INBOX_SECRET_KEY"):
        Sealer(NEW).unseal(SEALED)


def test_a_rotated_key_still_opens_what_the_old_one_sealed():
    rotated = Sealer(NEW, OLD)
    assert rotated.unseal(SEALED) == "the secret"
    assert Sealer(NEW).unseal(rotated.seal("a new one")) == "a new one"


@pytest.mark.parametrize("text", ["", "1", "1.", "1.AA", "plain text", "1.é", "1." + "A" * 99])
def test_what_was_never_sealed_does_not_open(text: str):
    with pytest.raises(CannotUnseal):
        Sealer(OLD).unseal(text)
