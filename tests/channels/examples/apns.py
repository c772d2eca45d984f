"""Apple's services, and a key with a canary beside it."""

from __future__ import annotations

from inbox_app.domain.notification_type import Channel
from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY, make_parcel
from tests.standins.http import Respond
from tests.standins.keys import ec_key, pem

TOKEN = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"
PARCEL = make_parcel(
    Channel.PUSH,
    to=TOKEN,
    fields={"title": "Order 7", "message": "It is on its way", "icon": "", "url": ""},
    kind="APN",
)

EXAMPLE = Example(
    Wire.HTTP2,
    lambda port: {
        "key": f"{CANARY}\n{pem(ec_key())}",
        "key_id": "ABC123DEFG",
        "team_id": "DEF123GHIJ",
        "bundle_id": "com.example.shop",
    },
    PARCEL,
    hosts=("api.push.apple.com", "api.sandbox.push.apple.com"),
    yes=Respond(body=b""),
)
