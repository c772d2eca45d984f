"""Whether this process can serve."""

from __future__ import annotations

from inbox_app.domain.errors import Unavailable
from inbox_app.runtime import Runtime
from inbox_app.storage import migrate


async def check(rt: Runtime) -> None:
    """Asks the database and compares its schema with the newest one.

    Raises:
        Unavailable: it does not answer, or has another schema.
    """
    found = await migrate.current(rt.database)
    if found != migrate.newest():
        raise Unavailable(
            f"The database is at schema {found or 'nothing'}, this version needs "
            f"{migrate.newest()}.",
            fix="Run `inbox migrate`.",
        )
