"""Notifications as they were kept, with what is needed to render them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import Send
from inbox_app.domain.user import User
from inbox_app.pipeline import facts, outbox
from inbox_app.pipeline.facts import Kind
from inbox_app.storage import notifications, types
from inbox_app.storage.engine import Transaction


@dataclass(frozen=True)
class Told:
    """One of them."""

    send: Send
    user: User
    kind: Kind


async def read_told(
    tx: Transaction, environment: Environment, names: Collection[str], people: Mapping[int, User]
) -> dict[str, Told]:
    """Those of the named notifications of these people that were not cancelled."""
    kept = await notifications.get_many(tx, names)
    by_id = await types.by_ids(tx, {each.type_id for each in kept.values()})
    kinds = await facts.kinds(tx, {(k.id, k.name): k for k in by_id.values()})
    return {
        name: Told(outbox.as_sent(environment, each, user.external_id, kind.type.name), user, kind)
        for name, each in kept.items()
        if (user := people.get(each.user_id)) and not each.cancelled_at
        for kind in [kinds[each.type_id, by_id[each.type_id].name]]
    }
