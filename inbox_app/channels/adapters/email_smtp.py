"""E-mail through any SMTP server."""

from __future__ import annotations

import asyncio

import aiosmtplib

from inbox_app.channels.mail.compose import Mail, Sender, compose
from inbox_app.channels.smtp.conversation import Letter, Progress, say
from inbox_app.channels.smtp.faults import SHUTTING_DOWN, Stage, broken, refusal
from inbox_app.channels.smtp.pool import Line, SmtpPools
from inbox_app.channels.smtp.settings import SmtpSettings
from inbox_app.channels.spec import Parcel, Provider, SendResult, Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import ProviderError, Transient, UnsupportedContent
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.mailbox import mailbox

NAME = "smtp"
LINE_FAULTS = (aiosmtplib.SMTPException, OSError, ValueError)
"""What the client raises: its own, TLS and sockets, and words it cannot encode or decode."""


async def send(parcel: Parcel, settings: SmtpSettings, tools: Tools) -> SendResult:
    """Sends one e-mail.

    Raises:
        Transient, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    progress = Progress()
    limit = asyncio.timeout(tools.timeout)
    try:
        async with limit:
            mail = await compose(parcel, _sender(settings), tools)
            words, refused = await _post(_letter(mail, settings), settings, tools, progress)
    except TimeoutError as error:
        timed_out = limit.expired() or isinstance(error, aiosmtplib.SMTPTimeoutError)
        raise broken(NAME, progress.stage, timed_out=timed_out) from None
    except LINE_FAULTS as error:
        raise _fault(error, progress.stage, settings) from None
    notes = [*(f"Not sent to {one}." for one in refused), *mail.notes]
    return SendResult(mail.message_id, spoken(" ".join([words, *notes]), *settings.secrets))


def _sender(settings: SmtpSettings) -> Sender:
    return Sender(NAME, settings.from_address, settings.from_name, settings.reply_domain)


def _letter(mail: Mail, settings: SmtpSettings) -> Letter:
    # Bounces go to the operator, whoever the message says it is from.
    envelope_from = mailbox(settings.from_address)
    return Letter(envelope_from, mail.who.to, mail.who.besides, mail.content, mail.utf8)


async def _post(
    letter: Letter, settings: SmtpSettings, tools: Tools, progress: Progress
) -> tuple[str, list[str]]:
    """Sends over a kept connection, and once more over a new one when that turns out stale."""
    progress.stage = Stage.CONNECT
    pools = tools.resources.get(SmtpPools)
    line: Line | None = None
    try:
        async with pools.line(settings) as line:
            return await _over(line, letter, settings, progress)
    except (aiosmtplib.SMTPException, OSError) as error:
        if not (line and line.reused and _is_stale(error, progress.stage)):
            raise
    progress.stage = Stage.CONNECT
    async with pools.line(settings, fresh=True) as line:
        return await _over(line, letter, settings, progress)


def _is_stale(error: Exception, stage: Stage) -> bool:
    """Whether the server hung up on a kept connection before anything of this message counted."""
    if stage > Stage.RECIPIENT:
        return False
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code == SHUTTING_DOWN
    return isinstance(error, aiosmtplib.SMTPServerDisconnected)


async def _over(
    line: Line, letter: Letter, settings: SmtpSettings, progress: Progress
) -> tuple[str, list[str]]:
    """As `say`, once it is clear that the server can take such addresses.

    Raises:
        UnsupportedContent: it cannot.
    """
    if letter.utf8 and not line.client.supports_extension("smtputf8"):
        raise UnsupportedContent(
            NAME, "The mail server takes no addresses with letters beyond ASCII before the @."
        )
    return await say(line.client, letter, progress)


def _fault(error: Exception, stage: Stage, settings: SmtpSettings) -> ProviderError:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        stage = Stage.AUTH if isinstance(error, aiosmtplib.SMTPAuthenticationError) else stage
        return refusal(NAME, stage, error.code, error.message, settings.secrets)
    if isinstance(error, OSError):
        return broken(NAME, stage, timed_out=False)
    # The client has no classes of their own for these two.
    if isinstance(error, aiosmtplib.SMTPException) and stage is Stage.CONNECT:
        if "STARTTLS" in error.message and "AUTH" not in error.message:
            return Transient(NAME, "The mail server offers no STARTTLS.", status="tls")
        return Transient(
            NAME,
            "The mail server offers no sign-in we know. Correct this integration's settings.",
            status="auth",
        )
    return refusal(NAME, stage, 0, "")


PROVIDER = Provider(
    name=NAME,
    label="SMTP",
    channels=frozenset({Channel.EMAIL}),
    settings=SmtpSettings,
    send=send,
)
