"""Addresses as they stand in headers and on the line, internationalised ones too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import getaddresses

import idna

# Dot-atom of RFC 5322, 3.2.3, widened by letters beyond ASCII (RFC 6531, 3.3).
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+", re.ASCII)
LONGEST_LOCAL, LONGEST_ADDRESS = 64, 254


class NotAMailbox(ValueError):
    """The text is no e-mail address; the text of the error does not repeat it."""


@dataclass(frozen=True)
class Mailbox:
    """One address, ready for the line.

    Attributes:
        local: What stands before the @.
        domain: In ASCII, IDNA-encoded where needed.
        name: For people, without control characters.
    """

    local: str
    domain: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def needs_utf8(self) -> bool:
        """Whether only servers with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()

    def header(self) -> Address:
        """For a header."""
        return Address(display_name=self.name, username=self.local, domain=self.domain)


def mailbox(text: str, name: str = "") -> Mailbox:
    """The address in ``text``, which may come with a name: ``Ana <ana@example.com>``.

    Raises:
        NotAMailbox: it is none, or more than one.
    """
    spoken, plain = _one_of(text) if "<" in text else ("", text.strip())
    local, _, domain = plain.rpartition("@")
    pieces = local.split(".")
    if not all(LOCAL.fullmatch(piece) and piece.isprintable() for piece in pieces):
        raise NotAMailbox("not an e-mail address")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise NotAMailbox("the domain of the address is not valid") from None
    if len(local.encode()) > LONGEST_LOCAL or len(local) + len(ascii_domain) >= LONGEST_ADDRESS:
        raise NotAMailbox("the address is too long")
    return Mailbox(local, ascii_domain, clean(name or spoken))


def same_mailbox(one: str, other: str) -> bool:
    """Whether both are one address, whatever case they are written in.

    Only the domain has none by the rules (RFC 5321, 2.4); but servers that take two mailboxes apart
    by it are hardly found, and those that change it on the way are many.
    """
    try:
        first, second = mailbox(one), mailbox(other)
    except NotAMailbox:
        return False
    return str(first).casefold() == str(second).casefold()


def _one_of(text: str) -> tuple[str, str]:
    found = getaddresses([text])
    if len(found) != 1:
        raise NotAMailbox("not one e-mail address")
    return found[0]


def clean(text: str) -> str:
    """One line without control characters, so that it cannot begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
