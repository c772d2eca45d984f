"""A mail server with sign-in."""

from __future__ import annotations

from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY

EXAMPLE = Example(
    Wire.SMTP,
    lambda port: {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": "hub",
        "password": CANARY,
        "from_address": "hub@sender.test",
    },
)
