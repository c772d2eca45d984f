"""What Twilio reports of messages and calls, and the texts that people write back.

By Twilio's documentation of status callbacks and of incoming messages. A status callback tells no
time that is worth keeping, and they come in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from inbox_app.channels.twilio.codes import MEANINGS, Means
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.receipt import Receipt, ReceiptKind
from inbox_app.lib import ids
from inbox_app.lib.telephone import e164

DELIVERY = "delivery"
"""Parameter of the callback's URL: what was sent, by this server's id."""
MOST_MEDIA = 10
MESSAGE = {
    "sent": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.OPENED,
    "undelivered": ReceiptKind.FAILED,
    "failed": ReceiptKind.FAILED,
    "canceled": ReceiptKind.FAILED,
}
"""Others say that Twilio has it still: accepted, scheduled, queued, sending."""
CALL = {
    "in-progress": ReceiptKind.DELIVERED,
    "completed": ReceiptKind.DELIVERED,
    "busy": ReceiptKind.FAILED,
    "no-answer": ReceiptKind.FAILED,
    "failed": ReceiptKind.FAILED,
    "canceled": ReceiptKind.FAILED,
}
"""Others come before anybody answers: queued, initiated, ringing."""
ANSWERED = "COMPLETED"
"""The native API's word for a call that somebody answered."""
WORDS = {
    "busy": "The line was busy.",
    "no-answer": "Nobody answered.",
    "canceled": "It was cancelled at Twilio.",
}
"""Why there is no code."""
STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
START = frozenset({"START", "UNSTOP"})
YES = "YES"
"""Twilio takes it for START from those alone who have stopped; from others it is an answer."""
HELP = frozenset({"HELP", "INFO"})
"""Twilio answers these by itself."""


def receipts_of(fields: Mapping[str, str], at: datetime) -> tuple[Receipt, ...]:
    """What a proven request says; nothing when it says nothing that counts.

    Args:
        at: Now.

    Raises:
        InvalidInput: it is about neither a message nor a call.
    """
    if fields.keys() >= {"MessageSid", "MessageStatus"}:
        return _reported(fields, at)
    if fields.keys() >= {"MessageSid", "Body"}:
        return _written(fields, at)
    if fields.keys() >= {"CallSid", "CallStatus"}:
        return _called(fields, at)
    raise InvalidInput("This says nothing of a message or a call.")


def _reported(fields: Mapping[str, str], at: datetime) -> tuple[Receipt, ...]:
    sid, status = fields["MessageSid"], fields["MessageStatus"]
    kind = MESSAGE.get(status)
    if kind is None:
        return ()
    receipt = Receipt(f"{sid} {status}", kind, at, _delivery(fields), sid)
    if kind is not ReceiptKind.FAILED:
        return (receipt,)
    return (*_opted_out(receipt, fields), _failed(receipt, fields, status))


def _called(fields: Mapping[str, str], at: datetime) -> tuple[Receipt, ...]:
    sid, status = fields["CallSid"], fields["CallStatus"]
    kind = CALL.get(status)
    if kind is None or fields.get("Direction", "").startswith("inbound"):
        return ()
    receipt = Receipt(f"{sid} {status}", kind, at, _delivery(fields), sid)
    if kind is ReceiptKind.FAILED:
        return (_failed(receipt, fields, status),)
    # That somebody answered is reported once they do and again at the end; it is told once.
    return (replace(receipt, key=f"{sid} answered", code=ANSWERED),)


def _failed(receipt: Receipt, fields: Mapping[str, str], status: str) -> Receipt:
    code = fields.get("ErrorCode", "")
    known = MEANINGS.get(code)
    return replace(
        receipt,
        code=code or status.upper().replace("-", "_"),
        detail=known.words if known else WORDS.get(status, ""),
        dead_address=known is not None and known.dead,
    )


def _opted_out(receipt: Receipt, fields: Mapping[str, str]) -> tuple[Receipt, ...]:
    """The wish of those who have answered STOP where only Twilio heard it: START ends it too."""
    known = MEANINGS.get(fields.get("ErrorCode", ""))
    number = e164(fields.get("To", ""))
    if known is None or known.means is not Means.OPTED_OUT or not number:
        return ()
    key = f"{receipt.message_id} opted out"
    return (replace(receipt, key=key, kind=ReceiptKind.UNSUBSCRIBED, address=number),)


def _written(fields: Mapping[str, str], at: datetime) -> tuple[Receipt, ...]:
    writer, body = fields.get("From", ""), fields["Body"].strip()
    receipt = Receipt(fields["MessageSid"], ReceiptKind.REPLIED, at, address=e164(writer) or writer)
    # What Twilio has done itself by the keywords of a messaging service counts before the text.
    word = fields.get("OptOutType", body).upper()
    if word in STOP:
        return (replace(receipt, kind=ReceiptKind.UNSUBSCRIBED),)
    if word in START:
        return (replace(receipt, kind=ReceiptKind.RESUBSCRIBED),)
    media = (fields.get(f"MediaUrl{number}", "") for number in range(MOST_MEDIA))
    text = "\n".join(filter(None, [body, *media]))
    replied = replace(receipt, text=text, agrees=word == YES)
    return (replied,) if text and word not in HELP else ()


def _delivery(fields: Mapping[str, str]) -> int | None:
    return ids.read(fields.get(DELIVERY, ""))
