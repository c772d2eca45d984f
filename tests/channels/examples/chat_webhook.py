"""A webhook of Slack, whose URL is the secret."""

from __future__ import annotations

from inbox_app.domain.address import WEBHOOK
from inbox_app.domain.notification_type import Channel
from tests.channels.examples import Example, Wire
from tests.channels.parcels import CANARY, make_parcel
from tests.standins.http import Respond

EXAMPLE = Example(
    Wire.HTTP,
    lambda port: {},
    make_parcel(Channel.SLACK, to=f"https://hooks.slack.com/services/T0/B0/{CANARY}", kind=WEBHOOK),
    hosts=(
        *("hooks.slack.com", "discord.com", "chat.googleapis.com"),
        *("acme.webhook.office.com", "prod-1.westeurope.logic.azure.com"),
        *("acme.zulipchat.com", "chat.acme.example"),
    ),
    yes=Respond(body=b"ok"),
    keyed=False,
)
