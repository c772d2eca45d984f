"""Environments: isolated spaces with their keys, users and settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from inbox_app.domain.look import PLAIN, Look
from inbox_app.domain.notification_type import Channel


@dataclass(frozen=True)
class Environment:
    """One isolated space.

    Attributes:
        id: Internal key.
        client_id: Public name that end-user credentials carry.
        client_secret: Signs sign-in links and end-user hashes.
        title: Name shown to people.
        secure_mode: Whether end-user credentials must carry a hash.
        disable_sending: Channels on which nothing is sent.
        demo: Whether it was seeded with demo data.
        look: Its logo and accent.
    """

    id: int
    client_id: str
    client_secret: str = field(repr=False)
    title: str
    secure_mode: bool = False
    disable_sending: frozenset[Channel] = frozenset()
    demo: bool = False
    look: Look = PLAIN


@dataclass(frozen=True)
class ApiKey:
    """A key as it is listed; its secret is shown once, when it is made."""

    id: int
    environment_id: int
    name: str
    hint: str
    created_at: datetime
    revoked_at: datetime | None = None
