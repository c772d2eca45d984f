"""Builds the message: headers that cannot be broken out of, text and HTML, attachments."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.generator import BytesGenerator
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import cache
from io import BytesIO
from typing import Any

from inbox_app.channels.mail.attachments import Attachment
from inbox_app.channels.mail.replies import reply_address
from inbox_app.channels.spec import Parcel
from inbox_app.domain.errors import Permanent, UnsupportedContent
from inbox_app.lib.mailbox import Mailbox, NotAMailbox, clean, mailbox

AS_THEY_ARE = {"message-id", "list-unsubscribe", "list-unsubscribe-post", "x-tracking-id"}
LONGEST_URL = 900
"""A header line has at most 998 signs (RFC 5322, 2.1.1), and a URL cannot be folded."""


class _Headers(HeaderRegistry):
    """Keeps the class of each header: making one for each takes a third of the time of a mail."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


class _Policy(EmailPolicy):
    """Leaves machine-read headers whole: the standard one encodes words too long for a line."""

    def fold(self, name: str, value: Any) -> str:  # noqa: ANN401 - as in the base class
        if name.lower() in AS_THEY_ARE:
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 - as in the base class
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


# Seven bits pass every server.
POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit", header_factory=_Headers())


@dataclass(frozen=True)
class People:
    """Who writes to whom.

    Attributes:
        carbon: In the header ``Cc``.
        blind: In no header.
        skipped: What was asked for and is no address: said in the result, not failed for.
    """

    sender: Mailbox
    to: Mailbox
    reply_to: tuple[Mailbox, ...] = ()
    carbon: tuple[Mailbox, ...] = ()
    blind: tuple[Mailbox, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def in_headers(self) -> tuple[Mailbox, ...]:
        return (self.sender, self.to, *self.reply_to, *self.carbon)

    @property
    def besides(self) -> tuple[Mailbox, ...]:
        """All who get it but the one it is for, each once."""
        others = dict.fromkeys(str(one) for one in (*self.carbon, *self.blind))
        known = {str(one): one for one in (*self.carbon, *self.blind)}
        return tuple(known[address] for address in others if address != str(self.to))


def people(
    parcel: Parcel, provider: str, address: str, name: str, reply_domain: str = ""
) -> People:
    """Who the parcel is from and for; ``address`` and ``name`` when it does not say from whom.

    Args:
        reply_domain: Where answers come back to this server: they go there when the send names no
            address for them.

    Raises:
        Permanent: one of the two main addresses is none.
    """
    options, fields = parcel.options, parcel.fields
    try:
        sender = mailbox(
            str(options.get("fromAddress") or fields.get("sender_email") or address),
            str(options.get("fromName") or fields.get("sender_name") or name),
        )
    except NotAMailbox as error:
        raise Permanent(provider, f"The sender's address: {error}.", status="sender") from None
    try:
        to = mailbox(parcel.to)
    except NotAMailbox as error:
        raise Permanent(
            provider, f"The address: {error}.", status="address", dead_address=True
        ) from None
    reply_to, carbon, blind = (
        _valid(options.get(key)) for key in ("replyToAddresses", "ccAddresses", "bccAddresses")
    )
    skipped = reply_to[1] + carbon[1] + blind[1]
    answers = reply_to[0]
    if reply_domain and parcel.reply_token and not options.get("replyToAddresses"):
        answers = (reply_address(parcel.reply_token, reply_domain),)
    return People(sender, to, answers, carbon[0], blind[0], skipped)


def _valid(texts: Iterable[object] | None) -> tuple[tuple[Mailbox, ...], tuple[str, ...]]:
    valid: list[Mailbox] = []
    skipped: list[str] = []
    for text in texts or ():
        try:
            valid.append(mailbox(str(text)))
        except NotAMailbox:
            skipped.append(clean(str(text)))
    return tuple(valid), tuple(skipped)


def build(
    parcel: Parcel, who: People, files: Sequence[Attachment], now: datetime, provider: str
) -> EmailMessage:
    """The whole message; a later try of the same parcel carries the same ``Message-ID``.

    Raises:
        UnsupportedContent: there is neither text nor HTML, or the unsubscribe URL is none.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = who.sender.header()
    message["To"] = who.to.header()
    if who.reply_to:
        message["Reply-To"] = tuple(one.header() for one in who.reply_to)
    if who.carbon:
        message["Cc"] = tuple(one.header() for one in who.carbon)
    message["Subject"] = clean(str(parcel.fields.get("subject") or ""))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(parcel.key, who.sender.domain)
    if parcel.tracking_id:
        message["X-Tracking-Id"] = re.sub(r"[^\x21-\x7e]", "", parcel.tracking_id)[:200]
    if url := parcel.fields.get("list_unsubscribe"):
        _offer_unsubscribe(message, str(url), provider)
    _fill(message, parcel, provider)
    for one in files:
        kind, _, subkind = one.content_type.partition("/")
        message.add_attachment(
            one.content, maintype=kind, subtype=subkind, cte="base64", filename=one.filename
        )
    return message


def message_id(key: str, domain: str) -> str:
    """The same for the same key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _offer_unsubscribe(message: EmailMessage, url: str, provider: str) -> None:
    """One click, and by POST alone (RFC 8058)."""
    if not re.fullmatch(r"https?://[!-;=?-~]+", url) or len(url) > LONGEST_URL:
        raise UnsupportedContent(provider, "The unsubscribe link is not a URL.")
    message["List-Unsubscribe"] = f"<{url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _fill(message: EmailMessage, parcel: Parcel, provider: str) -> None:
    text, html = (_plain(parcel.fields.get(name)) for name in ("text", "html"))
    if text:
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    else:
        raise UnsupportedContent(provider, "The message has no content.")


def _plain(value: object) -> str:
    """Text that can be encoded: half of a surrogate pair cannot."""
    return str(value or "").encode("utf-8", "replace").decode()


def flatten(message: EmailMessage, *, utf8: bool) -> bytes:
    """The message as it goes over the line.

    Args:
        utf8: Headers hold addresses beyond ASCII (RFC 6532).
    """
    out = BytesIO()
    BytesGenerator(out, policy=POLICY.clone(utf8=utf8)).flatten(message)
    return out.getvalue()
