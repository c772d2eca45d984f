"""Proofs of origin: any changed byte, and the proof is void."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib import signing
from tests.clock import START

SECRET = "secret_" + "s" * 40
TEN_MINUTES = timedelta(minutes=10)


def token(secret: str = SECRET, now: datetime = START) -> str:
    return signing.sign_in_token("client_1", secret, "ada", "jti-1", now, TEN_MINUTES)


def forged(header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token signed with the right secret, whose claims are changed or, when None, left out."""
    claims: dict[str, Any] = jwt.decode(token(), options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, SECRET, algorithm="HS256", headers=header)


def test_a_link_says_who_it_is_for():
    claim = signing.read_sign_in(token(), SECRET, START)
    assert (claim.client_id, claim.user_id, claim.token_id) == ("client_1", "ada", "jti-1")
    assert (claim.issued_at, claim.expires_at) == (START, START + TEN_MINUTES)


TOKEN = token()


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 127))
def test_any_changed_byte_fails(place: int, byte: int):
    changed = TOKEN[:place] + chr(byte) + TOKEN[place + 1 :]
    if _same_bytes(changed, TOKEN):
        return
    with pytest.raises(signing.BadSignature) as refused:
        signing.read_sign_in(changed, SECRET, START)
    assert not refused.value.expired


def _same_bytes(one: str, other: str) -> bool:
    """Whether two tokens say the same: the last letter of base64 may carry unused bits."""

    def plain(text: str) -> list[bytes]:
        return [base64.urlsafe_b64decode(part + "==") for part in text.split(".")]

    try:
        return one == other or plain(one) == plain(other)
    except ValueError:
        return False


@given(st.text())
def test_what_is_no_token_is_refused_and_nothing_else_happens(text: str):
    with pytest.raises(signing.BadSignature):
        signing.sign_in_issuer(text)
    with pytest.raises(signing.BadSignature):
        signing.read_sign_in(text, SECRET, START)


def test_another_secret_fails():
    with pytest.raises(signing.BadSignature):
        signing.read_sign_in(token("other_" + "o" * 40), SECRET, START)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somewhere-else"},
        {"aud": None},
        {"sub": None},
        {"sub": 17},
        {"jti": None},
        {"jti": 17},
        {"exp": None},
        {"iat": None},
        {"exp": "tomorrow"},
        {"exp": 10**18},
        {"exp": float("nan")},
        {"iat": [1]},
        {"iss": None},
    ],
)
def test_an_incomplete_or_odd_token_fails(changes: dict[str, Any]):
    with pytest.raises(signing.BadSignature):
        signing.read_sign_in(forged(**changes), SECRET, START)


def test_a_token_without_a_signature_fails():
    unsigned = jwt.encode(jwt.decode(TOKEN, options={"verify_signature": False}), "", "none")
    with pytest.raises(signing.BadSignature):
        signing.read_sign_in(unsigned, SECRET, START)


def test_a_token_under_another_algorithm_fails():
    claims = jwt.decode(TOKEN, options={"verify_signature": False})
    with pytest.raises(signing.BadSignature):
        signing.read_sign_in(jwt.encode(claims, SECRET * 2, "HS512"), SECRET * 2, START)


def test_an_issuer_that_is_not_an_object_is_no_token():
    header, claims = TOKEN.split(".")[0], base64.urlsafe_b64encode(json.dumps([1]).encode())
    with pytest.raises(signing.BadSignature):
        signing.sign_in_issuer(f"{header}.{claims.decode().rstrip('=')}.")


@pytest.mark.parametrize(("late", "expired"), [(0, False), (29, False), (30, True), (86_400, True)])
def test_an_expired_link_is_told_from_a_false_one(late: float, expired: bool):
    now = START + TEN_MINUTES + timedelta(seconds=late)
    if not expired:
        assert signing.read_sign_in(TOKEN, SECRET, now).user_id == "ada"
        return
    with pytest.raises(signing.BadSignature) as refused:
        signing.read_sign_in(TOKEN, SECRET, now)
    assert refused.value.expired


def test_a_clock_may_be_a_little_ahead_but_no_more():
    assert signing.read_sign_in(token(now=START + signing.LEEWAY), SECRET, START)
    ahead = token(now=START + signing.LEEWAY + timedelta(seconds=1))
    with pytest.raises(signing.BadSignature, match="future"):
        signing.read_sign_in(ahead, SECRET, START)


def test_the_end_user_hash_is_the_vendors():
    code = hmac.new(SECRET.encode(), b"ada", hashlib.sha256).digest()
    assert signing.end_user_hash(SECRET, "ada") == base64.b64encode(code).decode()


@given(st.text(), st.text())
def test_equal_secrets_are_the_same_and_others_are_not(one: str, other: str):
    assert signing.same(one, other) == (one == other)
    assert (signing.digest(one) == signing.digest(other)) == (one == other)
