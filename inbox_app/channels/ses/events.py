"""What Amazon SES reports, as receipts.

The shapes are those of "Contents of event data that Amazon SES publishes to Amazon SNS", and of the
older notifications, which say ``notificationType`` and carry no tags. Each recipient has a receipt
of their own: copies are reported together with the message.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_app.channels import foreign
from inbox_app.channels.foreign import NOTHING, Document, inner
from inbox_app.channels.mail.fields import address, line, moment, number, texts
from inbox_app.channels.mail.inbound import is_automatic, parsed, writer
from inbox_app.channels.mail.origin import Origin, is_believed
from inbox_app.channels.mail.replies import token_in
from inbox_app.channels.ses.sns import Notice
from inbox_app.channels.words import spoken
from inbox_app.domain.receipt import Receipt, ReceiptKind

TAG = "delivery"
"""Names the delivery in every report of its message."""
SUPPRESSED = "OnAccountSuppressionList"
BOUNCES: Mapping[tuple[str, str], str] = {
    ("Permanent", "NoEmail"): "PERMANENT_NO_EMAIL_BOUNCE",
    ("Permanent", "Suppressed"): "PERMANENT_SUPPRESSED_BOUNCE",
    ("Permanent", SUPPRESSED): "SUPPRESSED_BOUNCE",
    ("Permanent", "UnsubscribedRecipient"): "PERMANENT_SUPPRESSED_BOUNCE",
    ("Transient", "MailboxFull"): "TRANSIENT_MAILBOX_FULL_BOUNCE",
    ("Transient", "MessageTooLarge"): "TRANSIENT_MESSAGE_TOO_LARGE_BOUNCE",
    ("Transient", "ContentRejected"): "TRANSIENT_CONTENT_REJECTED_BOUNCE",
    ("Transient", "AttachmentRejected"): "TRANSIENT_ATTACHMENT_REJECTED_BOUNCE",
}
"""Codes by ``bounceType`` and ``bounceSubType``."""
GENERAL = {"Permanent": "PERMANENT_GENERAL_BOUNCE", "Transient": "TRANSIENT_GENERAL_BOUNCE"}
LIVING = {"UnsubscribedRecipient"}
"""Kinds of permanent bounces that say nothing against the mailbox."""
COMPLAINTS = {
    "abuse": "COMPLAINT_ABUSE",
    "auth-failure": "COMPLAINT_AUTH",
    "fraud": "COMPLAINT_FRAUD",
    "not-spam": "COMPLAINT_NOT_SPAM",
    "virus": "COMPLAINT_VIRUS",
}
"""Codes by ``complaintFeedbackType`` (RFC 5965, and the registry of feedback report types)."""
NOT_SPAM = "not-spam"
MAYBE = "One of several recipients did it, and SES does not know which."
HARM = ("spamVerdict", "virusVerdict")


@dataclass(frozen=True)
class Report:
    """One event.

    Attributes:
        said: All of it.
        about: The part that only events of its kind have.
        base: What all its receipts have in common.
    """

    said: Document
    about: Document
    base: Receipt

    def receipt(self, kind: ReceiptKind, address: str = "") -> Receipt:
        """A receipt about one recipient, or about the message."""
        key = f"{self.base.key} {address}".strip()
        return replace(self.base, key=key, kind=kind, address=address)


def receipts_of(notice: Notice, reply_domain: str) -> tuple[Receipt, ...]:
    """What a notification of SNS reports; nothing when it is none of a kind that is known."""
    said = foreign.parsed(notice.message)
    kind = line(said, "eventType") or line(said, "notificationType")
    if kind == "Received":
        return _received(said, notice, reply_domain)
    known = KINDS.get(kind)
    if known is None:
        return ()
    name, read = known
    about = inner(said, name)
    base = Receipt(
        key=notice.id,
        kind=ReceiptKind.SENT,
        at=_at(about, said, notice.at),
        delivery_id=number(line(said, "mail", "tags", TAG)),
        message_id=line(said, "mail", "messageId"),
    )
    return tuple(read(Report(said, about, base)))


def _at(about: Document, said: Document, otherwise: datetime) -> datetime:
    return (
        moment(line(about, "timestamp"))
        or (moment(line(said, "mail", "timestamp")) if not about else None)
        or otherwise
    )


def _sent(report: Report) -> Iterable[Receipt]:
    yield report.receipt(ReceiptKind.SENT)


def _delivered(report: Report) -> Iterable[Receipt]:
    for each in texts(report.about, "recipients") or [""]:
        yield report.receipt(ReceiptKind.DELIVERED, address(each))


def _delayed(report: Report) -> Iterable[Receipt]:
    for each in list(foreign.each(report.about, "delayedRecipients")) or [NOTHING]:
        one = report.receipt(ReceiptKind.DELAYED, address(line(each, "emailAddress")))
        detail = spoken(line(each, "diagnosticCode"))
        yield replace(one, code=line(report.about, "delayType"), detail=detail)


def _bounced(report: Report) -> Iterable[Receipt]:
    kind, subkind = (line(report.about, name) for name in ("bounceType", "bounceSubType"))
    code = BOUNCES.get((kind, subkind)) or GENERAL.get(kind, "UNDETERMINED_BOUNCE")
    dead = kind == "Permanent" and subkind not in LIVING
    for each in list(foreign.each(report.about, "bouncedRecipients")) or [NOTHING]:
        one = report.receipt(ReceiptKind.FAILED, address(line(each, "emailAddress")))
        detail = spoken(line(each, "diagnosticCode") or line(each, "status"))
        yield replace(one, code=code, detail=detail, dead_address=dead)


def _complained(report: Report) -> Iterable[Receipt]:
    feedback = line(report.about, "complaintFeedbackType")
    code = COMPLAINTS.get(feedback, "COMPLAINT_OTHER")
    kind = ReceiptKind.COMPLAINED
    if feedback == NOT_SPAM:
        # It takes a complaint back that a program made.
        kind = ReceiptKind.DELIVERED
    people = list(foreign.each(report.about, "complainedRecipients")) or [NOTHING]
    # Providers do not say who it was: SES lists all those at the provider who may have.
    dead = kind is ReceiptKind.COMPLAINED and len(people) == 1
    if line(report.about, "complaintSubType") == SUPPRESSED:
        # Of an earlier message, by SES's own list: this one was not even sent.
        code, kind, dead = "SUPPRESSED_COMPLAINT", ReceiptKind.FAILED, True
    detail = MAYBE if kind is ReceiptKind.COMPLAINED and not dead else ""
    for each in people:
        one = report.receipt(kind, address(line(each, "emailAddress")))
        yield replace(one, code=code, dead_address=dead, detail=detail)


def _rejected(report: Report) -> Iterable[Receipt]:
    detail = spoken(line(report.about, "reason"))
    yield replace(report.receipt(ReceiptKind.FAILED), code="SPAM_CONTENT", detail=detail)


def _unrendered(report: Report) -> Iterable[Receipt]:
    detail = spoken(line(report.about, "errorMessage"))
    yield replace(report.receipt(ReceiptKind.FAILED), code="TEMPLATE_NOT_FOUND", detail=detail)


def _opened(report: Report) -> Iterable[Receipt]:
    yield from _read(report, ReceiptKind.OPENED)


def _clicked(report: Report) -> Iterable[Receipt]:
    yield from _read(report, ReceiptKind.CLICKED)


def _read(report: Report, kind: ReceiptKind) -> Iterable[Receipt]:
    """Copies of one message carry the same links: of several, nobody knows whose was read."""
    everybody = _everybody(report)
    if len(everybody) != 1:
        return
    agent, ip, url = (line(report.about, name) for name in ("userAgent", "ipAddress", "link"))
    yield replace(report.receipt(kind, everybody[0]), detail=agent, ip=ip, url=url)


def _everybody(report: Report) -> list[str]:
    """All that the message went to, copies among them."""
    return [address(each) for each in texts(inner(report.said, "mail"), "destination")]


def _subscribed(report: Report) -> Iterable[Receipt]:
    """Wishes for all mail; those for single topics concern lists that are not ours."""
    was, wants = (
        inner(report.about, name).get("unsubscribeAll") is True
        for name in ("oldTopicPreferences", "newTopicPreferences")
    )
    everybody = _everybody(report)
    if was is wants or len(everybody) != 1:
        return
    kind = ReceiptKind.UNSUBSCRIBED if wants else ReceiptKind.RESUBSCRIBED
    yield report.receipt(kind, everybody[0])


Reader = Callable[[Report], Iterable[Receipt]]
KINDS: Mapping[str, tuple[str, Reader]] = {
    "Send": ("send", _sent),
    "Delivery": ("delivery", _delivered),
    "DeliveryDelay": ("deliveryDelay", _delayed),
    "Bounce": ("bounce", _bounced),
    "Complaint": ("complaint", _complained),
    "Reject": ("reject", _rejected),
    "Rendering Failure": ("failure", _unrendered),
    "RenderingFailure": ("failure", _unrendered),
    "Open": ("open", _opened),
    "Click": ("click", _clicked),
    "Subscription": ("subscription", _subscribed),
}
"""Kinds of events: where what they report stands, and who reads it."""


def _received(said: Document, notice: Notice, reply_domain: str) -> tuple[Receipt, ...]:
    """Mail that came in: an answer of a person, or nothing."""
    receipt, source = inner(said, "receipt"), line(said, "mail", "source")
    token = token_in(texts(receipt, "recipients"), reply_domain)
    if not token or "FAIL" in {_verdict(receipt, name) for name in HARM}:
        return ()
    letter = parsed(_content(said))
    if not letter.text or is_automatic(letter.headers, source):
        return ()
    author = writer(letter.headers, source)
    if not is_believed(_origin(receipt, Origin(author, source, letter.signers))):
        return ()
    # Two rules, or two topics, tell of one mail in two notices.
    name = line(said, "mail", "messageId")
    return (
        Receipt(
            key=f"{name} {token}" if name else notice.id,
            kind=ReceiptKind.REPLIED,
            at=_at(receipt, {}, notice.at),
            address=author,
            text=letter.text,
            reply_token=token,
        ),
    )


def _origin(receipt: Document, claimed: Origin) -> Origin:
    """With what SES has checked; a domain that has no policy has no verdict by it."""
    spf, dkim = (_verdict(receipt, name) == "PASS" for name in ("spfVerdict", "dkimVerdict"))
    dmarc = {"PASS": True, "FAIL": False}.get(_verdict(receipt, "dmarcVerdict"))
    return replace(claimed, spf=spf, dkim=dkim, dmarc=dmarc)


def _verdict(receipt: Document, name: str) -> str:
    return line(receipt, name, "status").upper()


def _content(said: Document) -> bytes:
    """The mail as it came in, which the rule has sent along as text or in base64."""
    content = said.get("content")
    text = content if isinstance(content, str) else ""
    # Every mail has a header, and base64 no colon.
    if ":" in text:
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""
