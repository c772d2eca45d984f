"""What an adapter is handed: the message, the address, and what is needed to write there."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from inbox_app.channels import registry
from inbox_app.channels.spec import Parcel
from inbox_app.domain.address import Address
from inbox_app.domain.delivery import Integration, Message
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.pipeline import composing, mail_links
from inbox_app.pipeline.recheck import Going
from inbox_app.runtime import Runtime

OPTIONS = {
    Channel.EMAIL: ("email",),
    Channel.PUSH: ("apn", "fcm", "push"),
    Channel.SMS: ("sms",),
}
"""Which of the native API's options concern a channel."""


def address_of(going: Going) -> Address:
    """The address of a delivery with what is known of it."""
    delivery = going.delivery
    known = going.user.profile.reached(delivery.channel)
    here = (each for each in known if each.value == delivery.address)
    return next(here, Address(delivery.channel, delivery.address))


def fitting(integrations: list[Integration], address: Address) -> list[Integration]:
    """Those whose provider takes this kind of address."""
    return [each for each in integrations if _fits(each, address.kind)]


def _fits(integration: Integration, kind: str) -> bool:
    try:
        kinds = registry.provider_named(integration.provider).kinds
    except NotFound:
        # Calling it says so, and the message waits until somebody has mended that.
        return True
    return not kinds or kind in kinds


def parcel(rt: Runtime, going: Going, message: Message, address: Address) -> Parcel:
    """A message for an address, for whichever integration takes it."""
    delivery, send = going.delivery, going.parts[0].send
    options: dict[str, Any] = {}
    for name in OPTIONS.get(delivery.channel, ()):
        options |= composing.options_of(send, name)
    made = Parcel(
        delivery_id=delivery.id,
        tracking_id=delivery.tracking_id or "",
        channel=delivery.channel,
        to=delivery.address,
        fields=message.fields,
        options={} if delivery.is_digest else options,
        key=f"delivery-{delivery.id}",
        page=_page(rt, going),
        reply_token=mail_links.reply_token(rt, going),
        buttons=() if delivery.is_digest else composing.buttons_of(going.parts[0]),
    )
    return addressed(rt, made, address)


def addressed(rt: Runtime, parcel: Parcel, address: Address) -> Parcel:
    """The parcel with all that is known of its address."""
    return replace(parcel, kind=address.kind, details=address.details, secret=opened(rt, address))


def _page(rt: Runtime, going: Going) -> str:
    """The notification in the person's inbox; the inbox where it is not in it, or is several."""
    inbox, told = f"{rt.settings.public_url}/inbox/", going.parts[0]
    channels = told.send.forced_channels or told.kind.type.channels
    if going.delivery.is_digest or Channel.INAPP_WEB not in channels:
        return inbox
    return f"{inbox}?id={quote(told.send.tracking_id)}"


def opened(rt: Runtime, address: Address) -> str:
    """The address's secret; "" when it was sealed with a key that is gone, as if it had none."""
    try:
        return rt.sealer.unseal(address.secret) if address.secret else ""
    except CannotUnseal:
        return ""


def callback_url(rt: Runtime, integration: Integration) -> str:
    """Where a provider reports to; "" when this server cannot be reached from outside."""
    root = rt.settings.public_url
    if not _is_public(urlsplit(root).hostname or ""):
        return ""
    return f"{root}/callbacks/{integration.provider}/{integration.id}"


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".test"))
