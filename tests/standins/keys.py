"""Keys as Apple and Google give them out, made when they are first asked for."""

from __future__ import annotations

import json
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

RSA_BITS = 2048


def rsa_key(name: str = "") -> rsa.RSAPrivateKey:
    """A key; another one for another name."""
    return _rsa_key(name)


def ec_key(name: str = "") -> ec.EllipticCurvePrivateKey:
    """A key on the curve P-256; another one for another name."""
    return _ec_key(name)


@cache
def _rsa_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, RSA_BITS)


@cache
def _ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    """The file of a key (PKCS#8)."""
    sealing = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing
    ).decode()


def service_account(**changes: object) -> str:
    """The file of a service account; None takes a field out."""
    content: dict[str, object] = {
        "type": "service_account",
        "project_id": "shop-1f2e",
        "private_key_id": "0a1b2c",
        "private_key": pem(rsa_key()),
        "client_email": "hub@shop-1f2e.iam.gserviceaccount.com",
        "client_id": "104",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    }
    content |= changes
    return json.dumps({name: value for name, value in content.items() if value is not None})
