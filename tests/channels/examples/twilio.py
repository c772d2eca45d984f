"""Twilio, by its own host and by that of another region."""

from __future__ import annotations

from inbox_app.domain.notification_type import Channel
from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY, make_parcel
from tests.standins.http import Respond

EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {
        "account_sid": f"AC{17:032x}",
        "auth_token": CANARY,
        "from_number": "+15005550006",
    },
    make_parcel(Channel.SMS),
    hosts=("api.twilio.com", "api.dublin.ie1.twilio.com"),
    yes=Respond(201, body=b'{"sid": "SM1", "status": "queued"}'),
)
