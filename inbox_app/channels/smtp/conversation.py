"""One message over one connection, with the knowledge of how far it got."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import aiosmtplib
from aiosmtplib.protocol import normalize_message_line_endings

from inbox_app.channels.smtp.faults import SHUTTING_DOWN, Stage
from inbox_app.lib.mailbox import Mailbox

READY_FOR_CONTENT = 354
SUCCESSES = range(200, 300)
END_OF_CONTENT = b".\r\n"


@dataclass
class Progress:
    """How far a send got; read when it fails."""

    stage: Stage = Stage.FILES


@dataclass(frozen=True)
class Letter:
    """What is said on the line.

    Attributes:
        envelope_from: Where bounces go.
        to: Whom it is for; refused, all is refused.
        besides: Copies; those the server refuses are left out.
        utf8: Addresses beyond ASCII are in it (RFC 6531).
    """

    envelope_from: Mailbox
    to: Mailbox
    besides: Sequence[Mailbox]
    content: bytes = field(repr=False)
    utf8: bool = False


async def say(client: aiosmtplib.SMTP, letter: Letter, progress: Progress) -> tuple[str, list[str]]:
    """Hands the letter over; returns the server's words and the copies it refused.

    Raises:
        aiosmtplib.SMTPException, OSError: with ``progress`` telling at which stage.
    """
    encoding = "utf-8" if letter.utf8 else "ascii"
    progress.stage = Stage.SENDER
    options = _options(client, letter)
    await client.mail(str(letter.envelope_from), options=options, encoding=encoding)
    progress.stage = Stage.RECIPIENT
    await client.rcpt(str(letter.to), encoding=encoding)
    refused: list[str] = []
    for one in letter.besides:
        try:
            await client.rcpt(str(one), encoding=encoding)
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code == SHUTTING_DOWN:
                raise
            refused.append(str(one))
    progress.stage = Stage.CONTENT
    return await _hand_over(client, letter.content, progress), refused


def _options(client: aiosmtplib.SMTP, letter: Letter) -> list[str]:
    options = ["SMTPUTF8"] if letter.utf8 else []
    if client.supports_extension("size"):
        options.append(f"SIZE={len(letter.content)}")
    return options


async def _hand_over(client: aiosmtplib.SMTP, content: bytes, progress: Progress) -> str:
    """DATA in steps of our own: the client's does not tell whether the end was written."""
    ready = await client.execute_command(b"DATA")
    if ready.code != READY_FOR_CONTENT:
        raise aiosmtplib.SMTPDataError(ready.code, ready.message)
    protocol = client.protocol
    if protocol is None or client.transport is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    # Without a buffer of its own the transport says when all has left this process.
    cast("asyncio.Transport", client.transport).set_write_buffer_limits(0)
    stuffed = re.sub(rb"(?m)^\.", b"..", normalize_message_line_endings(content))
    protocol.write(stuffed)
    await protocol._drain_helper()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    progress.stage = Stage.END
    protocol.write(END_OF_CONTENT)
    answer = await protocol.read_response(timeout=client.timeout)
    if answer.code not in SUCCESSES:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)
    return answer.message
