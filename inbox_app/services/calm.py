"""What somebody is told who has nothing left to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.runtime import Runtime
from inbox_app.services import next_digests
from inbox_app.services.views import CalmView
from inbox_app.storage import inbox

LONGEST_DAY = timedelta(hours=26)
"""Days on which the clocks are put back have 25 hours."""


async def calm(rt: Runtime, user_id: int, since: datetime) -> CalmView:
    """What a person has cleared, and their next summary.

    Args:
        since: When their day began; one longer than `LONGEST_DAY` is cut.
    """
    since = max(since, rt.clock.now() - LONGEST_DAY)
    async with rt.database.read() as tx:
        cleared = await inbox.archived_since(tx, user_id, since)
    coming = [
        each
        for each in await next_digests.upcoming(rt, user_id)
        if each.option != DeliveryOption.INSTANT
    ]
    if not coming:
        return CalmView(cleared)
    return CalmView(cleared, coming[0].channel, coming[0].due)
