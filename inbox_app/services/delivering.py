"""Delivering: what a worker does."""

from __future__ import annotations

from inbox_app.pipeline import dispatch
from inbox_app.runtime import Runtime


async def work(rt: Runtime) -> bool:
    """Delivers one batch; whether more may be due."""
    return await dispatch.work(rt)


async def sweep(rt: Runtime) -> float:
    """Wakes workers for what is due; seconds until it should be called again."""
    return await dispatch.sweep(rt)
