"""The edge of the event handlers: errors become sentences here and nowhere else."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from reflex.state import BaseState

from inbox_app.domain.errors import InboxError
from inbox_app.ui import words
from inbox_app.ui.states.flash import FlashState

logger = logging.getLogger("inbox.ui")


@dataclass(frozen=True)
class Trouble:
    """What did not work, in words, and the reference under which the log tells more."""

    text: str = ""
    reference: str = ""


@asynccontextmanager
async def guarded(
    what: str, tell: Callable[[Trouble], Awaitable[None] | None]
) -> AsyncGenerator[None]:
    """Turns an error of the block into a `Trouble` and hands it to `tell`.

    Args:
        what: Key in `words.FAILED` of what the block does.
        tell: Shows it to the person.
    """
    try:
        yield
    except InboxError as error:
        trouble = Trouble(f"{words.FAILED[what]}: {error.message}")
    except Exception:
        reference = secrets.token_hex(4)
        logger.exception("%s [%s]", words.FAILED[what], reference)
        trouble = Trouble(words.FAILED[what], reference)
    else:
        return
    told = tell(trouble)
    if told is not None:
        await told


def by_flash(state: BaseState, *ids: str) -> Callable[[Trouble], Awaitable[None]]:
    """Shows a trouble as a message; the named items return to their former state."""

    async def tell(trouble: Trouble) -> None:
        reference = f" ({words.REFERENCE}{trouble.reference})" if trouble.reference else ""
        flash = await state.get_state(FlashState)
        flash.complain(trouble.text + reference, list(ids))

    return tell
