"""What Mailgun reports in webhooks, as receipts; the shapes are those of "Event Types"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from inbox_app.channels.foreign import Document, inner
from inbox_app.channels.mail.fields import address, line, moment, number
from inbox_app.channels.words import spoken
from inbox_app.domain.receipt import Receipt, ReceiptKind

VARIABLE = "delivery"
"""Names the delivery in every report of its message."""
KINDS: Mapping[str, ReceiptKind] = {
    "accepted": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "failed": ReceiptKind.FAILED,
    "rejected": ReceiptKind.FAILED,
    "complained": ReceiptKind.COMPLAINED,
    "unsubscribed": ReceiptKind.UNSUBSCRIBED,
    "opened": ReceiptKind.OPENED,
    "clicked": ReceiptKind.CLICKED,
}
READ = {ReceiptKind.OPENED, ReceiptKind.CLICKED}
SUPPRESSED: Mapping[str, tuple[str, bool]] = {
    "suppress-bounce": ("SUPPRESSED_BOUNCE", True),
    "suppress-complaint": ("SUPPRESSED_COMPLAINT", True),
    "suppress-unsubscribe": ("PERMANENT_SUPPRESSED_BOUNCE", False),
    "605": ("SUPPRESSED_BOUNCE", True),
    "607": ("SUPPRESSED_COMPLAINT", True),
    "606": ("PERMANENT_SUPPRESSED_BOUNCE", False),
}
"""What Mailgun did not even try, by reason or by its own codes: its name, whether the address is
dead."""
BY_STATUS: tuple[tuple[str, str, bool], ...] = (
    (r"5\.1\.(?:1|2|3|6|10)", "PERMANENT_NO_EMAIL_BOUNCE", True),
    (r"[45]\.2\.2", "TRANSIENT_MAILBOX_FULL_BOUNCE", False),
    (r"[45]\.2\.3|[45]\.3\.4", "TRANSIENT_MESSAGE_TOO_LARGE_BOUNCE", False),
    (r"[45]\.[67]\.\d+", "TRANSIENT_CONTENT_REJECTED_BOUNCE", False),
    (r"4\.\d+\.\d+|5\.[345]\.\d+", "TRANSIENT_GENERAL_BOUNCE", False),
)
"""By the enhanced status (RFC 3463): its name, and whether the address is dead."""
HARD, SOFT = "hard", "soft"
GAVE_UP = {"old", "generic", "greylisted", "espblock"}
"""Reasons that say nothing against the mailbox."""


def receipts_of(event: Document, now: datetime) -> tuple[Receipt, ...]:
    """What one event reports; nothing when it is of a kind that says nothing of a delivery."""
    kind = KINDS.get(line(event, "event"))
    if kind is None:
        return ()
    at = moment(line(event, "timestamp")) or now
    receipt = Receipt(
        # Its id is only said to be unique within a day.
        key=f"{line(event, 'id')} {at:%Y-%m-%d}",
        kind=kind,
        at=at,
        delivery_id=number(line(event, "user-variables", VARIABLE)),
        message_id=line(event, "message", "headers", "message-id").strip("<>"),
        address=address(line(event, "recipient")),
    )
    if kind in READ:
        agent, ip = line(event, "client-info", "user-agent"), line(event, "ip")
        return (replace(receipt, ip=ip, detail=agent, url=line(event, "url")),)
    if kind is ReceiptKind.FAILED:
        return (_failed(event, receipt),)
    if kind is ReceiptKind.COMPLAINED:
        return (replace(receipt, code="COMPLAINT_ABUSE", dead_address=True),)
    return (receipt,)


def _failed(event: Document, receipt: Receipt) -> Receipt:
    status = inner(event, "delivery-status")
    words = (
        *(line(status, "message"), line(status, "description")),
        *(line(event, "reject", "reason"), line(event, "reason")),
    )
    detail = spoken(next(filter(None, words), ""))
    if line(event, "event") == "rejected":
        return replace(receipt, code="SPAM_CONTENT", detail=detail)
    if line(event, "severity") == "temporary":
        code = line(status, "code")
        return replace(receipt, kind=ReceiptKind.DELAYED, code=code, detail=detail)
    code, dead = _verdict(line(event, "reason"), status)
    return replace(receipt, code=code, detail=detail, dead_address=dead)


def _verdict(reason: str, status: Document) -> tuple[str, bool]:
    """What to call a failure, and whether the address is dead: in doubt not."""
    code = line(status, "code")
    known = SUPPRESSED.get(reason) or SUPPRESSED.get(code)
    if known is not None:
        return known
    enhanced = line(status, "enhanced-code")
    for pattern, name, dead in BY_STATUS:
        if re.fullmatch(pattern, enhanced):
            return name, dead
    kind = line(status, "bounce-type")
    if reason in GAVE_UP or kind == SOFT:
        return "TRANSIENT_GENERAL_BOUNCE", False
    return "PERMANENT_GENERAL_BOUNCE", kind == HARD or code.startswith("5")
