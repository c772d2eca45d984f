"""Whether a request is Mailgun's, by "Securing Webhooks"."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from inbox_app.channels.foreign import Document
from inbox_app.channels.mail.fields import line, moment
from inbox_app.domain.errors import Unauthenticated
from inbox_app.lib.memo import Memo

OLDEST = timedelta(hours=9)
"""Mailgun repeats a request for a bit more than eight hours, with the proof of the first time."""
AHEAD = timedelta(minutes=15)
MOST_KEPT = 10_000


class Proofs:
    """What each proof came with; one instance per process.

    The proof covers the time and a random word and not what is reported, so whoever read one could
    put it to another report. It is good for one: what comes with it later must be the same.
    """

    def __init__(self) -> None:
        self._kept: Memo[str, str] = Memo(OLDEST, MOST_KEPT)

    def use(self, token: str, report: str, now: datetime) -> None:
        """Takes ``token`` for the report of that name.

        Raises:
            Unauthenticated: it came with another.
        """
        known = self._kept.get(token, now)
        if known is None:
            self._kept.put(token, report, now)
        elif known != report:
            raise _false("Its proof belongs to another report.")

    async def close(self) -> None:
        """Nothing is open."""


def check(proof: Document, key: str, now: datetime) -> str:
    """The token of a proof that holds: ``{timestamp, token, signature}``.

    A report about a subaccount is signed with the key of the main account as well.

    Raises:
        Unauthenticated: it does not hold, is too old, or there is no key to prove it by.
    """
    if not key:
        raise _false("This integration has no webhook signing key.")
    timestamp, token = line(proof, "timestamp"), line(proof, "token")
    expected = hmac.digest(key.encode(), f"{timestamp}{token}".encode(), "sha256").hex()
    given = [line(proof, name).encode() for name in ("signature", "parent-signature")]
    # All are compared, so that the time it takes says nothing.
    if not any([hmac.compare_digest(each, expected.encode()) for each in given]):  # noqa: C419
        raise _false("Its signature is wrong.")
    at = moment(timestamp)
    if at is None or not now - OLDEST <= at <= now + AHEAD:
        raise _false("It is too old, or from the future.")
    return token


def _false(why: str) -> Unauthenticated:
    return Unauthenticated(f"This is not taken for a request of Mailgun. {why}")
