"""Encrypting a web push for one browser (RFC 8291, over RFC 8188)."""

from __future__ import annotations

import hmac
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

POINT_BYTES, SECRET_BYTES, SALT_BYTES, KEY_BYTES, NONCE_BYTES = 65, 16, 16, 16, 12
RECORD = 4096
LAST = b"\x02"
"""Ends the last record; there is one alone."""


def encrypted(body: bytes, point: bytes, key: ec.EllipticCurvePublicKey, secret: bytes) -> bytes:
    """The body with all its browser needs to read it, with keys made for this one message.

    Args:
        body: At most `browser.LARGEST` bytes.
        point: The browser's public key as an uncompressed point.
        key: The same as a key.
        secret: What the browser and this server alone know.
    """
    mine = ec.generate_private_key(ec.SECP256R1())
    own = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared, salt = mine.exchange(ec.ECDH(), key), os.urandom(SALT_BYTES)
    material = _derived(secret, shared, b"WebPush: info\0" + point + own, 32)
    content_key = _derived(salt, material, b"Content-Encoding: aes128gcm\0", KEY_BYTES)
    nonce = _derived(salt, material, b"Content-Encoding: nonce\0", NONCE_BYTES)
    sealed = AESGCM(content_key).encrypt(nonce, body + LAST, None)
    return salt + struct.pack("!IB", RECORD, POINT_BYTES) + own + sealed


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869), for what fits into one round of it."""
    extracted = hmac.digest(salt, material, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")[:length]
