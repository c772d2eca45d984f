"""A process whose second batch never ends: ``python -m tests.engine.stuck REDIS_URL``."""

from __future__ import annotations

import asyncio
import sys

from inbox_app.engine.redis_engine import RedisEngine


async def _hang(url: str) -> None:
    looks = 0

    async def work() -> bool:
        nonlocal looks
        looks += 1
        # The first look is that of the start.
        print("ready" if looks == 1 else "in the middle", flush=True)  # noqa: T201 - for the test
        if looks > 1:
            await asyncio.Event().wait()
        return False

    # With one slot it reads no further while it hangs: a wake that is on its way to a process when
    # that is killed would be lost, which is for the sweeper to mend.
    await RedisEngine(url, parallel=1).start(work)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_hang(sys.argv[1]))
