"""Parcels and tools with sensible contents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_app.channels import registry
from inbox_app.channels.spec import Parcel, SendResult, Tools
from inbox_app.domain.errors import ProviderError
from inbox_app.domain.notification_type import Channel

CANARY = "c4n4ry-s3cret"
CONTENT: Mapping[Channel, Mapping[str, Any]] = {
    Channel.EMAIL: {"subject": "Hello", "text": "Hi Ana", "html": "<p>Hi <b>Ana</b></p>"},
    Channel.SMS: {"message": "Your order is on its way"},
    Channel.CALL: {"message": "Your order is on its way"},
    Channel.SLACK: {"text": "Your order is on its way"},
}
ADDRESS = {
    Channel.EMAIL: "ana@example.com",
    Channel.SMS: "+34600000001",
    Channel.CALL: "+34600000001",
    Channel.SLACK: "C0ORDERS",
}


def make_parcel(
    channel: Channel = Channel.EMAIL,
    *,
    to: str | None = None,
    fields: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    key: str = "delivery-1",
    **address: Any,
) -> Parcel:
    """A parcel; ``fields`` are added to the usual ones.

    Args:
        address: What is known of the address: ``kind``, ``details``, ``secret``, ``callback``.
    """
    return Parcel(
        delivery_id=1,
        tracking_id="trk_1",
        channel=channel,
        to=ADDRESS.get(channel, "somewhere") if to is None else to,
        fields={**CONTENT.get(channel, {"title": "Hello"}), **(fields or {})},
        options=options or {},
        key=key,
        **address,
    )


async def outcome(
    provider: str, parcel: Parcel, settings: Mapping[str, Any], tools: Tools, timeout: float = 10
) -> SendResult | ProviderError:
    """What came of a send, result and error alike."""
    checked = registry.settings_of(provider, settings)
    try:
        return await registry.deliver(
            registry.providers()[provider], parcel, checked, tools, timeout
        )
    except ProviderError as error:
        return error
