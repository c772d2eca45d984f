"""Secrets at rest: AES-256-GCM under a key derived from ``INBOX_SECRET_KEY``."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "1"
NONCE_BYTES = 12


class CannotUnseal(Exception):
    """No configured key opens the value."""


class Sealer:
    """Seals with the first key and opens with any, so that keys can be rotated.

    Args:
        keys: Key material, newest first; each at least 32 characters.
    """

    def __init__(self, *keys: str) -> None:
        self._ciphers = [AESGCM(_derive(key)) for key in keys]

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


def _derive(key: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"inbox sealing").derive(key.encode())
