"""Access tokens, each asked for once and used until shortly before it ends."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inbox_app.channels.fcm import NAME
from inbox_app.channels.fcm.account import TOKEN_URL, ServiceAccount, assertion
from inbox_app.channels.foreign import text
from inbox_app.channels.http import accepted, call, document, refused
from inbox_app.channels.keys import LONG_AGO
from inbox_app.channels.push import whole
from inbox_app.channels.spec import Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, Transient
from inbox_app.lib.http import Answer

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EARLY = timedelta(minutes=5)
"""How long before its end a token is renewed."""
STATUS = "token"
_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What may stand behind "Bearer" (RFC 6750, section 2.1), and a little more."""


@dataclass
class _Kept:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: str = field(default="", repr=False)
    renew_at: datetime = LONG_AGO


class AccessTokens:
    """One token for each service account; one instance per process."""

    def __init__(self) -> None:
        self._kept: dict[ServiceAccount, _Kept] = {}

    async def get(self, account: ServiceAccount, tools: Tools) -> str:
        """A token that holds for some minutes yet; who asks meanwhile waits for the same one.

        Raises:
            Transient, RateLimited: there is none now.
            Permanent: the guard does not let the request out.
        """
        kept = self._kept.setdefault(account, _Kept())
        try:
            async with asyncio.timeout(tools.timeout), kept.lock:
                if tools.now() >= kept.renew_at:
                    kept.token, kept.renew_at = await _asked(account, tools)
                return kept.token
        except TimeoutError:
            raise Transient(NAME, "No access token came in time.", status=STATUS) from None

    def drop(self, account: ServiceAccount, token: str) -> None:
        """Forgets a token that is refused, unless somebody has already asked for a new one."""
        kept = self._kept.get(account)
        if kept is not None and kept.token == token:
            kept.renew_at = LONG_AGO

    async def close(self) -> None:
        """Forgets all."""
        self._kept.clear()


async def _asked(account: ServiceAccount, tools: Tools) -> tuple[str, datetime]:
    """A new token and when it is to be renewed."""
    now, signed = tools.now(), assertion(account, tools.now())
    form = {"grant_type": GRANT, "assertion": signed}
    try:
        answer = await call(NAME, tools, "POST", TOKEN_URL, form=form)
    except OutcomeUnknown as error:
        # Of the message nothing has been sent.
        raise Transient(NAME, error.detail, status=error.status) from None
    if not accepted(answer):
        raise _refusal(answer, tools, account, signed)
    given = document(answer)
    token, seconds = text(given, "access_token"), whole(given, "expires_in") or 0
    if not _TOKEN.fullmatch(token):
        raise Transient(NAME, "Google answered without an access token.", status=STATUS)
    return token, now + timedelta(seconds=seconds) - EARLY


def _refusal(answer: Answer, tools: Tools, account: ServiceAccount, signed: str) -> ProviderError:
    """OAuth's own codes: RFC 6749, section 5.2. None of them is about the message."""
    given = document(answer)
    code = spoken(text(given, "error"), signed)
    words = spoken(text(given, "error_description"), signed, account.private_key_id)
    detail = f"Google gives no access token ({words or code or 'no words'})."
    error = refused(NAME, answer, detail, tools, code)
    if not isinstance(error, Permanent):
        return error
    return Transient(
        NAME,
        f"{detail} Correct the service account in this integration's settings.",
        status=error.status,
        for_operator=True,
    )
