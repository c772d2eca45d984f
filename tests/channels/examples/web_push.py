"""The push service of Firefox, and a browser that subscribed to it."""

from __future__ import annotations

from inbox_app.channels.webpush.vapid import new_key
from inbox_app.domain.notification_type import Channel
from tests.channels.browsers import Subscriber
from tests.channels.examples import Example, Wire
from tests.channels.parcels import make_parcel
from tests.standins.http import Respond

BROWSER = Subscriber()
KEY = new_key()
EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {"contact": "mailto:ops@acme.example", "private_keys": KEY},
    make_parcel(
        Channel.WEB_PUSH,
        to=BROWSER.endpoint,
        fields={"title": "Hello", "message": "It has shipped"},
        details=BROWSER.token,
    ),
    hosts=("updates.push.services.mozilla.com", "fcm.googleapis.com", "web.push.apple.com"),
    yes=Respond(201, {"Location": "https://updates.push.services.mozilla.com/m/1"}, b""),
    secret=KEY,
)
