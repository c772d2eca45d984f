"""Whether a mail is from whom it says: by what the service that took it in has checked.

Anybody can write any ``From``. What counts is that the domain named there has let the mail out, by
the rule of DMARC (RFC 7489, 3.1): a check of a domain of the sender's own proves nothing of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

from inbox_app.lib.mailbox import NotAMailbox, mailbox

SIGNER = re.compile(r"(?:^|;)d=([^;]*)")
"""The domain that has signed, in a ``DKIM-Signature`` without spaces (RFC 6376, 3.5)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Origin:
    """Who a mail says it is from, and what speaks for that.

    Attributes:
        author: The address of who is said to have written it.
        envelope_from: Who it comes back to.
        signers: The domains of all its signatures, "" for one that names none.
        spf: The server it came from may send for the domain of the envelope (RFC 7208).
        dkim: Its signatures hold; of several it is not known which (RFC 6376).
        dmarc: What the service itself has made of both; None when it has not.
    """

    author: str
    envelope_from: str
    signers: tuple[str, ...] = ()
    spf: bool = False
    dkim: bool = False
    dmarc: bool | None = None

    @property
    def is_proven(self) -> bool:
        """Whether the author's domain has let it out."""
        if self.dmarc is not None:
            return self.dmarc
        domain = _domain(self.author)
        sent = self.spf and _belong_together(domain, _domain(self.envelope_from))
        signed = bool(self.signers) and all(_belong_together(domain, e) for e in self.signers)
        return sent or (self.dkim and signed)


def is_believed(origin: Origin, advice: str = "") -> bool:
    """Whether it is proven; what is not is told to the operator.

    Args:
        advice: What could be done about it.
    """
    if not origin.is_proven:
        told = "An answer is left: nothing proves that it came from %s. %s"
        log.warning(told, _domain(origin.author) or "the domain it names", advice)
    return origin.is_proven


def signers_of(headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The domains of the signatures among the headers of a mail."""
    signatures = [value for name, value in headers if name.strip().lower() == "dkim-signature"]
    found = (SIGNER.search(re.sub(r"\s", "", each)) for each in signatures)
    return tuple(_domain(f"signer@{each.group(1)}") if each else "" for each in found)


def _domain(address: str) -> str:
    try:
        return mailbox(address).domain
    except NotAMailbox:
        return ""


def _belong_together(one: str, other: str) -> bool:
    """Whether one of two domains is the other or below it, as far as that shows without a list.

    Neither can be a top-level domain: those sign nothing and send no mail.
    """
    if "." not in one or "." not in other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
