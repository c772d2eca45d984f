"""Apple's keys: what is taken for one."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from inbox_app.channels.apns.tokens import Signer, signing_key
from tests.channels.parcels import CANARY
from tests.standins.keys import ec_key, pem, rsa_key

KEY = pem(ec_key())


@pytest.mark.parametrize(
    "text",
    [KEY, KEY.replace("\n", "\r\n"), KEY.replace("\n", ""), f"  AuthKey_ABC.p8:\n{KEY}\n\n"],
    ids=["as it is", "with carriage returns", "on one line", "below its name"],
)
def test_a_key_is_read_however_it_was_pasted(text: str):
    assert numbers(signing_key(text)) == numbers(ec_key())


def test_an_older_form_of_a_key_is_read_as_well():
    old = ec_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert numbers(signing_key(old.decode())) == numbers(ec_key())


def numbers(key: ec.EllipticCurvePrivateKey) -> int:
    return key.private_numbers().private_value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no private key"),
        (CANARY, "there is no private key"),
        (pem(ec_key()).replace("PRIVATE", "PUBLIC"), "there is no private key"),
        (pem(ec_key(), b"pw"), "cannot be read"),
        ("-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----", "cannot be read"),
        (f"-----BEGIN PRIVATE KEY-----{CANARY}-----END", "cannot be read"),
        (pem(rsa_key()), "not on the curve P-256"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "not on the curve P-256"),
    ],
    ids=["empty", "no PEM", "public", "with a password", "hollow", "no base64", "RSA", "P-384"],
)
def test_what_is_no_key_of_apples_is_not_taken(text: str, words: str):
    with pytest.raises(ValueError, match=words) as caught:
        signing_key(text)
    assert CANARY not in str(caught.value)


def test_who_signs_shows_no_key():
    signer = Signer("DEF123GHIJ", "ABC123DEFG", pem(ec_key()))
    assert "ABC123DEFG" in repr(signer)
    assert "PRIVATE" not in repr(signer)
