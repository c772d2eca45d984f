"""A chat that a person connected by themselves, rather than an application for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inbox_app.domain.address import Address


@dataclass(frozen=True)
class ConnectedChat:
    """How the person knows it. It is kept with the address, as its details.

    Attributes:
        app_id: The app at the service that they connected to.
        team_id: The workspace.
        team: What people call that.
        place: What people call the channel or the person that messages go to; "" is the person
            themselves.
    """

    app_id: str
    team_id: str
    team: str
    place: str = ""

    def as_details(self) -> Mapping[str, Any]:
        """As `domain.address.Address.details` keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, address: Address) -> ConnectedChat | None:
        """What an address says of that; None when an application told of it."""
        known = address.details
        names = ("app_id", "team_id", "team", "place")
        return cls(*(str(known.get(name, "")) for name in names)) if "team_id" in known else None
