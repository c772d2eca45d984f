"""What a person granted when they connected Slack: its answer to ``oauth.v2.access``, as JSON.

``{"access_token", "refresh_token"?, "expires_in"?, "authed_user": {"id", "access_token"?, ...}}``:
the bot's token stands at the top, that of the person under ``authed_user``; an application may have
asked for either. With token rotation a token ends after ``expires_in`` seconds (12 hours), and its
refresh token is taken once and never again. ``expires_at`` (seconds since 1970) is ours: it is
worked out when the token is told of (`dated`), since from later on nobody knows when that was.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from inbox_app.channels.foreign import Document, inner, number, parsed, text
from inbox_app.channels.spec import Age

BEFORE = timedelta(hours=2)
"""How long before its end a token is renewed: as Slack's own SDK does it by default."""
USER = "authed_user"
_VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Grant:
    """The token that is used of a grant.

    Attributes:
        token: "" when there is none.
        refresh_token: "" for one that does not end, or cannot be renewed.
        user_id: Who granted it, or "".
        expires_in: Seconds from some moment on; None when it does not end.
        expires_at: When it ends; None when that is not known, or never.
        under: Where it stands: at the top when "".
    """

    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    user_id: str
    expires_in: float | None
    expires_at: float | None
    under: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be quoted."""
        return tuple(filter(None, (self.token, self.refresh_token)))

    def age(self, now: datetime) -> Age:
        """Where it stands. One of which nobody knows when it was told is renewed at once."""
        if not self.refresh_token or self.expires_in is None:
            return Age.FRESH
        if self.expires_at is None:
            return Age.DUE
        left = self.expires_at - now.timestamp()
        if left > BEFORE.total_seconds():
            return Age.FRESH
        return Age.DUE if left > 0 else Age.OVER


def read(secret: str) -> Grant | None:
    """What a person granted; None when there is nothing to be read."""
    told = parsed(secret)
    if not told:
        return None
    user = inner(told, USER)
    used, under = (told, "") if text(told, "access_token") else (user, USER)
    return Grant(
        token=_token(used, "access_token"),
        refresh_token=_token(used, "refresh_token"),
        user_id=text(user, "id"),
        expires_in=number(used, "expires_in"),
        expires_at=number(used, "expires_at"),
        under=under,
    )


def _token(told: Document, name: str) -> str:
    """What can stand in a header; anything else was no token of Slack's."""
    found = text(told, name)
    return found if _VISIBLE.fullmatch(found) else ""


def dated(told: Document, now: datetime) -> dict[str, Any]:
    """The grant with the moments at which its tokens end; those that are told stay."""
    made = _dated(told, now)
    if inner(made, USER):
        made[USER] = _dated(inner(made, USER), now)
    return made


def _dated(told: Document, now: datetime) -> dict[str, Any]:
    seconds = number(told, "expires_in")
    if seconds is None or number(told, "expires_at") is not None:
        return dict(told)
    return {**told, "expires_at": int(now.timestamp() + seconds)}


def renewed(secret: str, answer: Document, now: datetime) -> str | None:
    """The grant with what was answered for its refresh token; None when that is no token.

    What stands beside the tokens stays: an answer to a refresh does not repeat who granted it.
    """
    told, grant = parsed(secret), read(secret)
    fresh = answer if text(answer, "access_token") else inner(answer, USER)
    names = ("access_token", "refresh_token", "expires_in", "scope", "token_type")
    news = {name: fresh[name] for name in names if fresh.get(name)}
    if grant is None or not text(news, "access_token") or not text(news, "refresh_token"):
        return None
    known = inner(told, grant.under) if grant.under else told
    kept = {
        name: value for name, value in known.items() if name not in {"expires_in", "expires_at"}
    }
    changed = _dated({**kept, **news}, now)
    return json.dumps({**told, grant.under: changed} if grant.under else changed)
