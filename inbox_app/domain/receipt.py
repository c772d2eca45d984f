"""Receipts: what providers report later of what they took, in one vocabulary.

They come in any order, late, more than once; where a delivery stands by them depends on which there
are alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.lib.mailbox import same_mailbox


class ReceiptKind(StrEnum):
    """What is reported."""

    SENT = "sent"
    """The provider has handed it on."""
    DELAYED = "delayed"
    """It has not arrived yet; the provider goes on trying."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It will not arrive: bounced, undelivered, nobody there."""
    COMPLAINED = "complained"
    """It was marked as spam."""
    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    PRESSED = "pressed"
    """One of its buttons was."""
    DISMISSED = "dismissed"
    """It was put away unread."""
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"


@dataclass(frozen=True)
class Receipt:
    """One report.

    Attributes:
        key: Names it among those of its integration: the same report has the same key.
        at: When it happened, by the provider's clock.
        delivery_id: What was sent, by the id this server gave along; None when it comes not back.
        message_id: What was sent, by the provider's name for it, or "".
        address: Who it is about: the writer of a reply, the number that wants no more, the mailbox
            that took or refused a message, or whose copy was opened; or "".
        ip: Where it was opened or followed from, or "".
        dead_address: The address is not to be used again.
        code: The provider's own code, or "".
        detail: Its words, without secrets.
        url: The link that was followed.
        text: The reply.
        number: The button that was pressed, 1 or 2.
        agrees: The reply takes back a wish for no more, if its writer had one; else it is a reply.
        reply_token: What was answered, by `channels.spec.Parcel.reply_token`; or "".
        shared: It was said where others write as well: ``address`` may be anybody's.
    """

    key: str
    kind: ReceiptKind
    at: datetime
    delivery_id: int | None = None
    message_id: str = ""
    address: str = ""
    dead_address: bool = False
    code: str = ""
    detail: str = ""
    ip: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    number: int = 0
    agrees: bool = False
    reply_token: str = field(default="", repr=False)
    shared: bool = False

    def concerns(self, delivery: Delivery) -> bool:
        """Whether it is about the one whom a delivery is for.

        Copies of an e-mail go to others, and whoever it was forwarded to can answer it: what is
        reported of their mailboxes says nothing of the person's.
        """
        return "@" not in self.address or same_mailbox(self.address, delivery.address)


@dataclass(frozen=True)
class Proof:
    """What shows that a provider reported, where it does not cover the report itself.

    It is good for the report it first came with, however often that is repeated.

    Attributes:
        name: Names it among all proofs; nobody can make one of it.
        report: What it came with, as a hash.
        until: When it is accepted no more.
    """

    name: str
    report: str
    until: datetime


ARRIVING = frozenset(
    {
        *(ReceiptKind.DELIVERED, ReceiptKind.COMPLAINED, ReceiptKind.OPENED, ReceiptKind.CLICKED),
        *(ReceiptKind.REPLIED, ReceiptKind.PRESSED, ReceiptKind.DISMISSED),
    }
)
"""Who has done anything with a message has got it."""
_RANK: Mapping[DeliveryStatus, int] = {
    DeliveryStatus.UNKNOWN: 0,
    DeliveryStatus.SENT: 1,
    DeliveryStatus.DELIVERED: 2,
    DeliveryStatus.FAILED: 3,
}


def status_after(status: DeliveryStatus, kinds: Iterable[ReceiptKind]) -> DeliveryStatus:
    """Where a delivery stands by all receipts of its message, whatever order they came in.

    It never goes back: what failed in the end may have counted as delivered before (a mail server
    takes a message and then sends it back), never the other way round.
    """
    if status not in _RANK:
        return status
    stands = {status, *map(_status_of, kinds)}
    return max(stands, key=lambda each: _RANK[each])


def _status_of(kind: ReceiptKind) -> DeliveryStatus:
    if kind is ReceiptKind.FAILED:
        return DeliveryStatus.FAILED
    if kind in ARRIVING:
        return DeliveryStatus.DELIVERED
    # Nothing else says more than that the provider has it.
    return DeliveryStatus.SENT if kind is ReceiptKind.SENT else DeliveryStatus.UNKNOWN
