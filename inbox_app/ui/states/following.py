"""Which events may go on for as long as a tab is there."""

from __future__ import annotations

from reflex_base.event.context import EventContext


def of_page_load() -> bool:
    """Whether the event being handled came from another, as those of a page's ``on_load`` do.

    Whoever opens a websocket can send any event any number of times. Those of a page's load end
    with it, or with the connection; one that was sent by itself would never end.
    """
    return EventContext.get().parent_txid is not None
