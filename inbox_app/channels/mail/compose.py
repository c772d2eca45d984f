"""From a parcel to a message in MIME, for every adapter of e-mail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from inbox_app.channels.mail.attachments import Attachment, attachments
from inbox_app.channels.mail.mime import People, build, flatten, people
from inbox_app.channels.spec import Parcel, Tools
from inbox_app.domain.errors import Transient
from inbox_app.lib.mailbox import mailbox

SHORTEST = 0.1
"""Seconds that are always left for the call itself."""


@dataclass(frozen=True)
class Sender:
    """Who an integration writes as, where the message does not say.

    Attributes:
        provider: Name of the provider, for errors.
        reply_domain: Where answers come back to this server, or "".
    """

    provider: str
    address: str
    name: str = ""
    reply_domain: str = ""


@dataclass(frozen=True)
class Mail:
    """A message, ready to be handed over.

    Attributes:
        utf8: Addresses beyond ASCII are in it (RFC 6531).
    """

    who: People
    message_id: str
    content: bytes = field(repr=False)
    utf8: bool = False

    @property
    def notes(self) -> list[str]:
        """Whom it does not go to though that was asked for."""
        return [f"Not sent to {one}." for one in self.who.skipped]


async def compose(parcel: Parcel, sender: Sender, tools: Tools) -> Mail:
    """The message of a parcel, its files fetched.

    Raises:
        Permanent: one of the two main addresses is none.
        UnsupportedContent: the message cannot be expressed as an e-mail.
        Transient: an attachment cannot be fetched now.
    """
    who = people(parcel, sender.provider, sender.address, sender.name, sender.reply_domain)
    files = await _files(parcel, sender.provider, tools)
    message = build(parcel, who, files, tools.now(), sender.provider)
    # Bounces go to the operator, whoever the message says it is from.
    everybody = (mailbox(sender.address), *who.in_headers, *who.blind)
    utf8 = any(one.needs_utf8 for one in everybody)
    return Mail(who, str(message["Message-ID"]), flatten(message, utf8=utf8), utf8)


async def compose_in_time(parcel: Parcel, sender: Sender, tools: Tools) -> tuple[Mail, Tools]:
    """As `compose`, and the tools with the time that is left for handing it over."""
    clock = asyncio.get_running_loop().time
    started = clock()
    mail = await compose(parcel, sender, tools)
    left = tools.timeout - (clock() - started)
    return mail, replace(tools, timeout=max(left, SHORTEST))


async def _files(parcel: Parcel, provider: str, tools: Tools) -> list[Attachment]:
    given = parcel.options.get("attachments") or ()
    try:
        async with asyncio.timeout(tools.timeout):
            return await attachments(given, provider, tools.http, tools.timeout)
    except TimeoutError:
        raise Transient(
            provider,
            "The attachments cannot be fetched in time.",
            status="attachment",
            about_message=True,
        ) from None
