"""Private keys that people paste into settings."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key

LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""When a token was made that is not made yet."""
_PEM = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(.*?)-----END", re.DOTALL)


# Settings are checked for every message, and reading an RSA key takes milliseconds.
@lru_cache(maxsize=256)
def private_key(pem: str) -> PrivateKeyTypes:
    """The key of a PEM file (RFC 7468), of one too whose line ends were lost in a form.

    Raises:
        ValueError: there is none that can be read without a password; its text holds nothing of it.
    """
    found = _PEM.search(pem)
    if found is None:
        raise ValueError("there is no private key in PEM form in it")
    try:
        return load_der_private_key(base64.b64decode("".join(found[1].split())), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("its private key cannot be read") from None
