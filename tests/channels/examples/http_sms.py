"""A gateway on this machine."""

from __future__ import annotations

from inbox_app.domain.notification_type import Channel
from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY, make_parcel

EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {"url": f"http://127.0.0.1:{port}/", "auth_value": f"Bearer {CANARY}"},
    make_parcel(Channel.SMS),
)
