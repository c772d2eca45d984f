"""Repository of what people connected by themselves: other places for it, and who shares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from inbox_app.domain.address import UNTRIED
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.addresses import ADDRESSES, key_of
from inbox_app.storage.engine import Transaction

KNOWN = ADDRESSES.c


async def move(
    tx: Transaction, user_id: int, value: str, details: Mapping[str, Any], now: datetime
) -> bool:
    """Has a person's chat be another place, of which nothing is known yet; its secret stays.

    That may be exchanged by a worker meanwhile, so it is neither read nor written here.

    Returns:
        Whether the person still has a chat that they connected.
    """
    theirs = (KNOWN.user_id == user_id, KNOWN.channel == Channel.SLACK.value)
    place = {"key": key_of(value), "value": value, "details": dict(details)}
    fares = vars(replace(UNTRIED, told_at=now))
    statement = update(ADDRESSES).where(*theirs, KNOWN.details.is_not(None))
    return (await tx.execute(statement.values({**place, **fares}))).rowcount == 1


async def of_workspace(
    tx: Transaction, environment_id: int, app_id: str, team_id: str
) -> list[tuple[int, str]]:
    """Who in an environment has connected an app in a workspace (internal keys), each with the
    name of the address."""
    theirs = select(KNOWN.user_id, KNOWN.value).where(
        KNOWN.environment_id == environment_id, *_connected(app_id, team_id)
    )
    rows = await tx.execute(theirs.order_by(KNOWN.user_id))
    return [(row.user_id, row.value) for row in rows]


async def is_shared(tx: Transaction, user_id: int, app_id: str, team_id: str) -> bool:
    """Whether anybody else, in whichever environment, has connected the same app and workspace."""
    theirs = select(KNOWN.user_id).where(KNOWN.user_id != user_id, *_connected(app_id, team_id))
    return await tx.scalar(theirs.limit(1)) is not None


def _connected(app_id: str, team_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        KNOWN.channel == Channel.SLACK.value,
        KNOWN.details["app_id"].as_string() == app_id,
        KNOWN.details["team_id"].as_string() == team_id,
    )
