"""The bag of resources that services and pipeline functions take as first argument."""

from __future__ import annotations

from dataclasses import dataclass, field

from inbox_app.channels.spec import Tools
from inbox_app.config import Settings
from inbox_app.domain.breaker import Breakers
from inbox_app.domain.changes import Changes, Since
from inbox_app.domain.delivery import Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.fair_share import FairShare
from inbox_app.domain.mail_report import MailReport
from inbox_app.domain.notification import Accepted, Send
from inbox_app.domain.visit import Visit
from inbox_app.engine.engine import Engine
from inbox_app.engine.limits import Concurrency, Limiter
from inbox_app.lib import ids
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
        changes: Where readers who ask what changed are gathered into groups and told.
        reports: Where reports of opening and clicks are gathered into groups and kept.
        keys: Environments by API key, remembered for a few seconds.
        integrations: Integrations by environment, remembered for a few seconds.
        visits: Visits by hash of the session token, remembered for a few seconds.
        engine: Says when deliveries are due.
        tools: What adapters work with.
        limiter: Keeps to the rates of integrations.
        concurrency: Keeps to their numbers of calls at a time.
        breakers: What lately failed is left alone for a while.
        fair: Whose deliveries are next.
        worker: Name of this process on its leases.
        leases: Ids of the deliveries this process is sending.
    """

    settings: Settings
    clock: Clock
    database: Database
    hub: Hub
    sealer: Sealer
    sends: Gatherer[Send, Accepted]
    changes: Gatherer[Since, Changes]
    reports: Gatherer[MailReport, None]
    keys: Memo[str, Environment]
    integrations: Memo[int, tuple[Integration, ...]]
    visits: Memo[str, Visit]
    engine: Engine
    tools: Tools
    limiter: Limiter
    concurrency: Concurrency = field(default_factory=Concurrency)
    breakers: Breakers = field(default_factory=Breakers)
    fair: FairShare = field(default_factory=FairShare)
    worker: str = field(default_factory=lambda: ids.token("worker_"))
    leases: set[int] = field(default_factory=set[int])
