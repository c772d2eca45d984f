"""Browsers that subscribe to web push and read what comes, by other code than the server's."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from tests.standins.http import Request


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Subscriber:
    """A browser's subscription with its own keys.

    Attributes:
        made_with: The server's public key that it subscribed with, when it tells.
    """

    endpoint: str = "https://updates.push.services.mozilla.com/wpush/v2/abc"
    made_with: str = ""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def token(self) -> dict[str, Any]:
        """As the native API takes it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": text(point), "auth": text(self.secret)}
        told = {"applicationServerKey": self.made_with} if self.made_with else {}
        return {"sub": {"endpoint": self.endpoint, "keys": keys}, **told}

    def read(self, request: Request) -> dict[str, Any]:
        """What a push says, decrypted as RFC 8291 has it."""
        assert request.headers["content-encoding"] == "aes128gcm"
        plain: bytes = http_ece.decrypt(
            request.body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return json.loads(plain)


def signed_by(request: Request) -> tuple[str, Mapping[str, Any]]:
    """The public key that a push is signed with, and what is signed (RFC 8292)."""
    scheme, _, rest = request.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    assert Vapid02.verify(request.headers["authorization"])
    parts = dict(each.strip().split("=", 1) for each in rest.split(","))
    head, claims = (
        json.loads(base64.urlsafe_b64decode(f"{each}==")) for each in parts["t"].split(".")[:2]
    )
    assert (head["alg"], head["typ"]) == ("ES256", "JWT")
    return parts["k"], claims
