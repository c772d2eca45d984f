"""The bag of resources that services and pipeline functions take as first argument."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import Accepted, Send
from inbox_app.domain.visit import Visit
from inbox_app.lib.clock import Clock
from inbox_app.lib.gathering import Gatherer
from inbox_app.lib.memo import Memo
from inbox_app.lib.sealing import Sealer
from inbox_app.live.hub import Hub
from inbox_app.storage.engine import Database


@dataclass(frozen=True)
class Runtime:
    """What one process works with; made by `bootstrap` alone.

    Attributes:
        settings: The process's settings.
        clock: The time.
        database: Storage.
        hub: Tells readers of changes.
        sealer: Seals and opens stored secrets.
        sends: Where accepted sends are gathered into groups and committed.
        keys: Environments by API key, remembered for a few seconds.
        visits: Visits by hash of the session token, remembered for a few seconds.
    """

    settings: Settings
    clock: Clock
    database: Database
    hub: Hub
    sealer: Sealer
    sends: Gatherer[Send, Accepted]
    keys: Memo[str, Environment]
    visits: Memo[str, Visit]
