"""Amazon SES, with the host of SNS that its reports are proven at."""

from __future__ import annotations

from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY
from tests.standins.http import Respond

REGION = "us-east-1"
API, SNS = f"email.{REGION}.amazonaws.com", f"sns.{REGION}.amazonaws.com"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:mail"
EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {
        "region": REGION,
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": CANARY,
        "from_address": "hub@sender.test",
        "topics": TOPIC,
        "reply_domain": "in.sender.test",
    },
    hosts=(API, SNS),
    yes=Respond(body=b'{"MessageId": "0100-ses"}'),
)
