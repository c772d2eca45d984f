"""The sandbox: takes every message and lets none out."""

from __future__ import annotations

from inbox_app.channels.spec import Parcel, Provider, ProviderSettings, SendResult, Tools
from inbox_app.domain.notification_type import Channel


class CaptureSettings(ProviderSettings):
    """There is nothing to set."""


async def send(parcel: Parcel, settings: CaptureSettings, tools: Tools) -> SendResult:
    """Gives the content back for keeping."""
    return SendResult(
        detail="Captured by the sandbox: nothing left this server.", fields=dict(parcel.fields)
    )


PROVIDER = Provider(
    name="capture",
    label="Sandbox",
    channels=frozenset(Channel),
    settings=CaptureSettings,
    send=send,
)
