"""Receipts in words a person understands."""

from __future__ import annotations

from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt, ReceiptKind

LONGEST = 120
ARRIVED = {
    Channel.EMAIL: "The mail server of the recipient took it.",
    Channel.SMS: "It arrived on the phone.",
    Channel.CALL: "The call was answered.",
    Channel.WEB_PUSH: "The browser showed it.",
}
SENTENCES = {
    ReceiptKind.SENT: "{name}: the provider has handed it on.",
    ReceiptKind.DELAYED: "{name} has not arrived yet; the provider goes on trying{why}.",
    ReceiptKind.DELIVERED: "{name}: it arrived.",
    ReceiptKind.FAILED: "{name} did not arrive{why}.",
    ReceiptKind.COMPLAINED: "{name} was marked as spam{said}.",
    ReceiptKind.REPLIED: "They answered by {name}: {text}",
    ReceiptKind.PRESSED: "They pressed button {number} in {name}.",
    ReceiptKind.DISMISSED: "{name} was put away.",
    ReceiptKind.UNSUBSCRIBED: "They answered that they want no more of these.",
    ReceiptKind.RESUBSCRIBED: "They answered that they want these again.",
}
SHARED = {
    ReceiptKind.REPLIED: "{who} answered in {name}: {text}",
    ReceiptKind.PRESSED: "{who} pressed button {number} in {name}.",
}
"""Of what was said where others write as well."""


def sentence_of(receipt: Receipt, channel: Channel) -> str:
    """What happened, in a sentence."""
    if receipt.kind is ReceiptKind.DELIVERED and channel in ARRIVED:
        return ARRIVED[channel]
    values = {
        "name": channel.label,
        "who": _short(receipt.address) or "Somebody",
        "why": _because(receipt.detail or receipt.code),
        "said": _because(receipt.detail),
        "text": _short(receipt.text),
    }
    sentences = {**SENTENCES, **SHARED} if receipt.shared else SENTENCES
    return sentences[receipt.kind].format(number=receipt.number, **values)


def _because(said: str) -> str:
    return f": {_short(said).rstrip('.')}" if said else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
