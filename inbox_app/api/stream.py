"""Server-sent events (WHATWG HTML, section 9.2): one person's changes, without gaps.

Each event's id is the change number it brings the reader to. Subscribe, read, follow: what is
committed while a reader connects is found by the read or announced by the hub.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse

from inbox_app.runtime import Runtime

HEARTBEAT = 15.0
"""Seconds between comments that keep proxies from closing a quiet stream."""

ReadChanges = Callable[[int], Awaitable[tuple[int, str]]]
"""From a change number to the number reached and the event's data."""


Allowed = Callable[[], Awaitable[bool]]
"""Whether the reader's credentials still hold."""


def response(
    rt: Runtime, user_id: int, since: int, read: ReadChanges, allowed: Allowed
) -> StreamingResponse:
    """Streams what changes after ``since`` until the reader goes, may no more, or the server stops.

    The credentials are asked again before each event and at each heartbeat.
    """
    return StreamingResponse(
        _events(rt, user_id, since, read, allowed),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    rt: Runtime, user_id: int, since: int, read: ReadChanges, allowed: Allowed
) -> AsyncIterator[str]:
    with rt.hub.subscribe(user_id) as subscription:
        yield "retry: 1000\n\n"
        while await allowed():
            reached, data = await read(since)
            if reached != since:
                since = reached
                yield f"id: {since}\nevent: changes\ndata: {data}\n\n"
            while (news := await subscription.wait(HEARTBEAT)) is None:
                if not await allowed():
                    return
                yield ": still here\n\n"
            if news.ended or news.closing:
                return
