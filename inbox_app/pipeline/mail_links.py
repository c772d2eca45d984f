"""What a message carries that leads back here: links, and the name its answers come under."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from inbox_app.domain.delivery import Message
from inbox_app.domain.feed import micros
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt
from inbox_app.domain.unsubscribing import can_stop
from inbox_app.lib import links
from inbox_app.lib.links import (
    EVERYTHING,
    ClickLink,
    OpenLink,
    PreferenceLink,
    ReplyLink,
    UnsubscribeLink,
)
from inbox_app.lib.signing import BadSignature
from inbox_app.pipeline.composing import options_of
from inbox_app.pipeline.recheck import Going
from inbox_app.pipeline.told import Told
from inbox_app.rendering.tracking import tracked
from inbox_app.runtime import Runtime

EXAMPLE = "example"
"""Stands for the token where nothing is sent; no token looks like it, so the link does nothing."""
LONGEST_TRACKED = 2_048
"""Addresses with more characters stay as they are: not everything on the way takes longer ones."""


def unsubscribe_url(rt: Runtime, going: Going, *, example: bool = False) -> str:
    """Where the person ends e-mails such as this one; "" where that cannot be.

    A digest with notifications of one type ends that type, a mixed one all e-mail.

    Args:
        example: A link that looks the same and does nothing, for what is only shown.
    """
    delivery, kinds = going.delivery, {each.kind.type.id: each.kind.type for each in going.parts}
    if delivery.channel is not Channel.EMAIL or not any(map(can_stop, kinds.values())):
        return ""
    about = next(iter(kinds)) if len(kinds) == 1 else EVERYTHING
    link = UnsubscribeLink(going.environment.id, going.user.id, about, delivery.id)
    token = EXAMPLE if example else links.unsubscribe_token(rt.sealer, link)
    return f"{rt.settings.public_url}/unsubscribe/{token}"


def preferences_url(rt: Runtime, going: Going, *, example: bool = False) -> str:
    """Where the person says what arrives; "" in what goes to an address that is not theirs yet.

    Args:
        example: As in `unsubscribe_url`.
    """
    delivery, user = going.delivery, going.user
    if delivery.channel is not Channel.EMAIL:
        return ""
    if example:
        return _preferences(rt, EXAMPLE)
    if delivery.address not in user.profile.addresses(Channel.EMAIL):
        return ""
    return preferences_link(rt, user.id, rt.clock.now())


def preferences_link(rt: Runtime, user_id: int, made_at: datetime) -> str:
    """A link that opens a person's preferences."""
    link = PreferenceLink(user_id, micros(made_at))
    return _preferences(rt, links.preference_token(rt.sealer, link))


def _preferences(rt: Runtime, token: str) -> str:
    return f"{rt.settings.public_url}/preferences/?key={token}"


def reply_token(rt: Runtime, going: Going) -> str:
    """What answers to an e-mail, and a browser's reports of a push, name it by; else ""."""
    if going.delivery.channel not in {Channel.EMAIL, Channel.WEB_PUSH}:
        return ""
    return links.reply_token(rt.sealer, ReplyLink(going.delivery.id))


def answered(rt: Runtime, told: Iterable[Receipt]) -> list[Receipt]:
    """The receipts, with what those answer that come with a token; without those of false ones."""
    found: list[Receipt] = []
    for each in told:
        if not each.reply_token:
            found.append(each)
            continue
        try:
            link = links.read_reply(rt.sealer, each.reply_token)
        except BadSignature:
            continue
        found.append(replace(each, delivery_id=link.delivery_id, reply_token=""))
    return found


def with_reports(rt: Runtime, going: Going, message: Message) -> Message:
    """The message with what reports opening and clicks, as far as all of its parts ask for it."""
    opens = all(_asks(each, "openTracking", each.kind.type.track_opens) for each in going.parts)
    clicks = all(_asks(each, "clickTracking", each.kind.type.track_clicks) for each in going.parts)
    if message.channel is not Channel.EMAIL or not (opens or clicks):
        return message
    root, mine = rt.settings.public_url, going.delivery.id

    def led_over(url: str) -> str:
        if len(url) > LONGEST_TRACKED:
            return url
        return f"{root}/c/{links.click_token(rt.sealer, ClickLink(mine, url))}"

    pixel = f"{root}/o/{links.open_token(rt.sealer, OpenLink(mine))}.gif" if opens else None
    html = tracked(str(message.fields["html"]), pixel, led_over if clicks else None)
    return replace(message, fields={**message.fields, "html": html})


def _asks(told: Told, option: str, usual: bool) -> bool:
    """What the send says, else what its type does."""
    said = options_of(told.send, "email").get(option)
    return said if isinstance(said, bool) else usual
