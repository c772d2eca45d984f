"""Reports of what was done with an e-mail after it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST_AGENT = 300
LONGEST_ADDRESS = 64


@dataclass(frozen=True)
class Evidence:
    """Who asked, as far as a request says.

    Attributes:
        agent: The ``User-Agent``, which anybody can set to anything.
        address: The IP address the request came from.
    """

    agent: str
    address: str

    @property
    def data(self) -> dict[str, str]:
        """For an event, within bounds."""
        found = {"userAgent": self.agent[:LONGEST_AGENT], "ip": self.address[:LONGEST_ADDRESS]}
        return {name: text for name, text in found.items() if text}


@dataclass(frozen=True)
class MailReport:
    """An e-mail was opened, or a link in it was followed.

    Attributes:
        url: Where the link leads, None when the e-mail was opened.
    """

    delivery_id: int
    url: str | None
    at: datetime
    evidence: Evidence
