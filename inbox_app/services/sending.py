"""Sending: what a developer's application does."""

from __future__ import annotations

from inbox_app.domain.errors import Unavailable
from inbox_app.domain.notification import Accepted, Send
from inbox_app.lib.gathering import Overloaded
from inbox_app.runtime import Runtime


async def send(rt: Runtime, request: Send) -> Accepted:
    """Keeps a send durably, then answers.

    Raises:
        InvalidInput: the content cannot be used.
        Conflict: the idempotency key was used with another request.
        Unavailable: too many sends are waiting, or the database cannot be written.
    """
    try:
        return await rt.sends.submit(request)
    except Overloaded:
        raise Unavailable(
            "Too many sends are waiting.", fix="Send again in a few seconds."
        ) from None
