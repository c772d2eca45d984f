"""A visit: a signed-in browser with the person and the environment behind it."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_app.domain.environment import Environment
from inbox_app.domain.personal import NOTHING_CHOSEN, Personal
from inbox_app.domain.user import Session, User


@dataclass(frozen=True)
class Visit:
    """Everything a session cookie stands for."""

    session: Session
    user: User
    environment: Environment
    personal: Personal = NOTHING_CHOSEN
