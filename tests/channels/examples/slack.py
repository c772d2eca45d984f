"""Slack, by an environment's bot."""

from __future__ import annotations

from inbox_app.domain.notification_type import Channel
from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY, make_parcel
from tests.standins.http import Respond

EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {"bot_token": f"xoxb-{CANARY}", "signing_secret": CANARY},
    make_parcel(Channel.SLACK),
    hosts=("slack.com",),
    yes=Respond(
        headers={"Content-Type": "application/json; charset=utf-8"},
        body=b'{"ok": true, "channel": "C0ORDERS", "ts": "1503435956.000247"}',
    ),
)
