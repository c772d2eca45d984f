"""Where a person is reached: their addresses, as the preference centre lists them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from inbox_app.channels.slack.errors import ENDED as RECONNECT
from inbox_app.domain.address import GIVEN_OUT, WEBHOOK, Address
from inbox_app.domain.address_code import AddressCode, AddressKind
from inbox_app.domain.connected_chat import ConnectedChat
from inbox_app.domain.delivery import Attempt, Suppression, SuppressionReason
from inbox_app.domain.failure import Failure, failure_of
from inbox_app.domain.json_document import moment_text
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.runtime import Runtime
from inbox_app.services.centre_views import ENDED, AddressView
from inbox_app.storage import address_codes, types
from inbox_app.storage import outbox as rows
from inbox_app.storage.engine import Transaction
from inbox_app.storage.last_delivered import Stretch, last_delivered, last_failed

LOOKED_BACK = timedelta(days=90)
MOST = 300
"""Notifications among which the last delivery is looked for."""
CHANNELS: Mapping[str, tuple[Channel, ...]] = {
    AddressKind.EMAIL: (Channel.EMAIL,),
    AddressKind.NUMBER: (Channel.SMS, Channel.CALL),
    "device": (Channel.PUSH,),
    "browser": (Channel.WEB_PUSH,),
    "slack": (Channel.SLACK,),
}


@dataclass(frozen=True)
class _Known:
    """What is asked of all addresses at once."""

    suppressed: Mapping[tuple[int, Channel, str], Suppression]
    provided: frozenset[Channel]
    last: Mapping[tuple[Channel, str], datetime]
    failed: Mapping[tuple[Channel, str], Attempt]


async def where(rt: Runtime, tx: Transaction, user: User) -> list[AddressView]:
    """The person's addresses, and those that wait for their code."""
    place, now = user.environment_id, rt.clock.now()
    listed = list(listed_of(user.profile))
    asked = {(place, c, each.value) for kind, each, _ in listed for c in CHANNELS[kind]}
    found = await rows.integrations(tx, place, rt.sealer)
    stretch = Stretch(user.id, await types.ids_ever_of(tx, place), now - LOOKED_BACK, MOST)
    known = _Known(
        suppressed=await rows.suppressed(tx, asked),
        provided=frozenset(each.channel for each in found),
        last=await last_delivered(tx, stretch),
        failed=await last_failed(tx, stretch),
    )
    views = [_view(user, known, *each) for each in listed]
    pending = await address_codes.pending(tx, user.id, now)
    return [*views, *(_pending(known, each) for each in pending)]


def listed_of(profile: Profile) -> Iterable[tuple[str, Address, str]]:
    """Kind, address and what the person knows it as."""
    for kind, channels in CHANNELS.items():
        for address in profile.reached(channels[0]):
            yield kind, address, text_of(address)


def text_of(address: Address) -> str:
    """What the person knows an address as; "" for a browser that did not say what it is."""
    match address.channel:
        case Channel.PUSH:
            return _device(address.details.get("device"))
        case Channel.WEB_PUSH:
            return str(address.details.get("name") or "")
        case _ if chat := ConnectedChat.of(address):
            return chat.place
        case _ if address.kind == WEBHOOK:
            # Whoever knows all of it can write there.
            return urlsplit(address.value).hostname or ""
        case _:
            return address.value


def _device(device: object) -> str:
    known: Mapping[str, Any] = device if isinstance(device, Mapping) else {}  # pyright: ignore
    parts = (known.get(name) for name in ("manufacturer", "model", "platform"))
    return " ".join(str(part) for part in parts if part)


def _view(user: User, known: _Known, kind: str, listed: Address, text: str) -> AddressView:
    if listed.channel in GIVEN_OUT:
        return _given_out(known, kind, listed, text)
    channels, address = CHANNELS[kind], listed.value
    dead = [
        known.suppressed[user.environment_id, channel, address]
        for channel in channels
        if (user.environment_id, channel, address) in known.suppressed
    ]
    last = [known.last[c, address] for c in channels if (c, address) in known.last]
    view = AddressView(
        key=key_of(kind, address),
        kind=kind,
        text=text,
        channels=[channel.value for channel in channels],
        status="suppressed" if dead else "verified",
        reason=dead[0].reason.value if dead else "",
        sandbox=not known.provided.intersection(channels),
        last=moment_text(max(last)) if last else "",
        editable=kind in list(AddressKind),
    )
    failed = [known.failed[c, address] for c in channels if (c, address) in known.failed]
    latest = max(failed, key=lambda each: each.started_at, default=None)
    return _failing(view, latest) if latest and not _since(latest, last) else view


def _given_out(known: _Known, kind: str, address: Address, text: str) -> AddressView:
    """How a device or a chat fares is kept with it."""
    fares, channel, chat = address.standing, address.channel, ConnectedChat.of(address)
    view = AddressView(
        key=key_of(kind, address.value),
        kind=kind,
        text=text,
        channels=[channel.value],
        status="suppressed" if address.disabled else "verified",
        reason=_why_dead(address),
        sandbox=channel not in known.provided,
        last=moment_text(fares.last_success_at) if fares.last_success_at else "",
        editable=chat is not None,
        workspace=chat.team if chat else "",
    )
    failed = known.failed.get(address.key)
    arrived = [fares.last_success_at] if fares.last_success_at else []
    if failed and not _since(failed, arrived):
        return _failing(view, failed)
    at = fares.last_failure_at
    if at is None or any(went > at for went in arrived):
        return view
    # It is known from a report alone.
    why = Failure.ADDRESS if address.disabled else Failure.REFUSED
    failing = replace(view, failure=why.value, failure_at=moment_text(at))
    return replace(failing, failure_detail=fares.last_failure)


def _why_dead(address: Address) -> str:
    if not address.disabled:
        return ""
    ended = address.standing.disabled_reason.startswith(RECONNECT)
    return ENDED if ended else SuppressionReason.INVALID.value


def _since(failed: Attempt, arrived: Iterable[datetime]) -> bool:
    """Whether something has arrived since."""
    return any(at > failed.started_at for at in arrived)


def _failing(view: AddressView, attempt: Attempt) -> AddressView:
    return replace(
        view,
        failure=failure_of(attempt).value,
        failure_detail=attempt.detail,
        failure_at=moment_text(attempt.started_at),
    )


def _pending(known: _Known, code: AddressCode) -> AddressView:
    channels = CHANNELS[code.kind]
    view = AddressView(
        key=key_of(code.kind, code.address),
        kind=code.kind,
        text=code.address,
        channels=[channel.value for channel in channels],
        status="unverified",
        sandbox=not known.provided.intersection(channels),
        editable=True,
    )
    return replace(view, expires=moment_text(code.expires_at), again_at=moment_text(code.again_at))


def key_of(kind: str, address: str) -> str:
    """Names an address without saying it."""
    return f"{kind}-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
