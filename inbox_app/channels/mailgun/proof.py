"""Whether a request is Mailgun's, by "Securing Webhooks"."""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta

from inbox_app.channels.foreign import Document
from inbox_app.channels.mail.fields import line, moment
from inbox_app.domain.errors import Unauthenticated
from inbox_app.domain.receipt import Proof
from inbox_app.lib.signing import digest

OLDEST = timedelta(hours=9)
"""Mailgun repeats a request for a bit more than eight hours, with the proof of the first time."""
AHEAD = timedelta(minutes=15)


def check(proof: Document, key: str, report: Document, now: datetime) -> Proof:
    """A proof that holds: ``{timestamp, token, signature}``.

    It covers the time and a random word and not what is reported, so whoever read one could put it
    to another report: it is good for one.

    Args:
        key: Of the account; a report about a subaccount is signed with the main one's as well.
        report: What came with it.

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
    # Not by its token: another account could have used that one.
    return Proof(digest(expected), digest(json.dumps(report, sort_keys=True)), at + OLDEST)


def _false(why: str) -> Unauthenticated:
    return Unauthenticated(f"This is not taken for a request of Mailgun. {why}")
