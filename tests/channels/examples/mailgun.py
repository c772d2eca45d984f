"""Mailgun in both of its regions."""

from __future__ import annotations

from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY
from tests.standins.http import Respond

DOMAIN = "mg.sender.test"
EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {
        "domain": DOMAIN,
        "api_key": CANARY,
        "signing_key": "key-of-webhooks",
        "from_address": "hub@sender.test",
        "reply_domain": "in.sender.test",
    },
    hosts=("api.mailgun.net", "api.eu.mailgun.net"),
    yes=Respond(body=f'{{"id": "<1@{DOMAIN}>", "message": "Queued. Thank you."}}'.encode()),
)
