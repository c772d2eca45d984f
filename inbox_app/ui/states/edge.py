"""The edge of the event handlers: errors become something to show here and nowhere else."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from reflex.state import BaseState

from inbox_app.domain.errors import InboxError
from inbox_app.ui.states.flash import FlashState, Trouble

logger = logging.getLogger("inbox.ui")


@asynccontextmanager
async def guarded(
    what: str, tell: Callable[[Trouble], Awaitable[None] | None]
) -> AsyncGenerator[None]:
    """Turns an error of the block into a `Trouble` and hands it to `tell`.

    Args:
        what: What the block does, a key of the catalogue after ``failed.``.
        tell: Shows it to the person.
    """
    try:
        yield
    except InboxError as error:
        trouble = Trouble.of(f"failed.{what}", error)
    except Exception:
        reference = secrets.token_hex(4)
        logger.exception("An event failed: %s [%s]", what, reference)
        trouble = Trouble(f"failed.{what}", reference=reference)
    else:
        return
    told = tell(trouble)
    if told is not None:
        await told


def quietly(trouble: Trouble) -> None:
    """For what the person did not ask for: only the log tells of it."""
    logger.warning("%s: %s", trouble.what, trouble.message or trouble.reference)


def by_flash(state: BaseState, attempt: str = "") -> Callable[[Trouble], Awaitable[None]]:
    """Shows a trouble as a message."""

    async def tell(trouble: Trouble) -> None:
        (await state.get_state(FlashState)).complain(trouble, attempt)

    return tell
