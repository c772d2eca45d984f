"""Secrets at rest, and proofs that a text is ours, under keys derived from ``INBOX_SECRET_KEY``.

Secrets are sealed with AES-256-GCM; proofs are HMAC-SHA256 (RFC 2104), cut to 128 bits.
"""

from __future__ import annotations

import base64
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "1"
NONCE_BYTES = 12
PROOF_BYTES = 16


class CannotUnseal(Exception):
    """No configured key opens the value."""


class Sealer:
    """Seals and proves with the first key and accepts any, so that keys can be rotated.

    Args:
        keys: Key material, newest first; each at least 32 characters.
    """

    def __init__(self, *keys: str) -> None:
        self._ciphers = [AESGCM(_derive(key, b"inbox sealing")) for key in keys]
        self._provers = [_derive(key, b"inbox proofs") for key in keys]

    def seal(self, text: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, text.encode(), VERSION.encode())
        return f"{VERSION}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str) -> str:
        """Opens what `seal` made.

        Raises:
            CannotUnseal: sealed under another key, damaged, or not sealed at all.
        """
        version, _, body = sealed.partition(".")
        try:
            raw = base64.urlsafe_b64decode(body)
        except ValueError as error:
            raise CannotUnseal("The stored secret is damaged.") from error
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(
                    raw[:NONCE_BYTES], raw[NONCE_BYTES:], version.encode()
                ).decode()
            except (InvalidTag, ValueError):
                continue
        raise CannotUnseal("INBOX_SECRET_KEY is not the key this database was sealed with.")

    def proof(self, text: bytes) -> bytes:
        """`PROOF_BYTES` that nobody makes for this text without the key."""
        return _proof(self._provers[0], text)

    def proves(self, text: bytes, proof: bytes) -> bool:
        """Whether `proof` made this for the text."""
        return any(hmac.compare_digest(_proof(key, text), proof) for key in self._provers)


def _proof(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")[:PROOF_BYTES]


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(key.encode())
