"""Google's services, and a service account that has a canary in it."""

from __future__ import annotations

import json

from inbox_app.domain.notification_type import Channel
from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY, make_parcel
from tests.standins.http import Respond
from tests.standins.keys import service_account

TOKEN = f"ya29.{CANARY}"
GIVEN = Respond(
    headers={"Content-Type": "application/json"},
    body=json.dumps({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}).encode(),
)
"""What Google answers who asks for an access token."""
PARCEL = make_parcel(
    Channel.PUSH,
    to="d3v1ce:APA91b",
    fields={"title": "Order 7", "message": "It is on its way", "icon": "", "url": ""},
    kind="FCM",
)

EXAMPLE = Example(
    Wire.HTTP2,
    lambda port: {"service_account": service_account(private_key_id=CANARY)},
    PARCEL,
    hosts=("oauth2.googleapis.com", "fcm.googleapis.com"),
    before=(GIVEN,),
    yes=Respond(body=b'{"name": "projects/shop-1f2e/messages/0:1500415314455276%31bd1c96"}'),
)
