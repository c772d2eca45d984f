"""What every command shares: a runtime, and errors in one sentence."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import typer

from inbox_app.bootstrap import open_runtime
from inbox_app.cli.frontend import BuildFailed
from inbox_app.cli.serve import CannotServe
from inbox_app.config import InvalidSettings, Settings
from inbox_app.domain.errors import InboxError, Unavailable
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.runtime import Runtime

Result = TypeVar("Result")


async def with_runtime(settings: Settings, work: Callable[[Runtime], Awaitable[Result]]) -> Result:
    """Runs ``work`` with an open runtime."""
    async with open_runtime(settings) as runtime:
        return await work(runtime)


@contextmanager
def explained() -> Generator[None]:
    """Ends the command with one clear sentence and status 1 when something cannot be done."""
    try:
        yield
    except (InboxError, InvalidSettings, BuildFailed, CannotServe, CannotUnseal, OSError) as error:
        give_up(sentence(error))


def give_up(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(code=1)


def sentence(error: Exception) -> str:
    """What went wrong and what to do, for a person at a terminal."""
    if isinstance(error, Unavailable) and error.__cause__ is not None:
        return f"{error.message} ({_first_line(error.__cause__)}). {error.fix}".strip()
    if isinstance(error, InboxError):
        return f"{error.message} {error.fix}".strip()
    return _system(error) if isinstance(error, OSError) else str(error)


def _system(error: OSError) -> str:
    place = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{place}: free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No permission to write{place}: choose another INBOX_DATA_DIR."
    return f"{error.strerror or error}{place}."


def _first_line(error: BaseException) -> str:
    cause = str(getattr(error, "orig", None) or error).strip()
    return cause.splitlines()[0].rstrip(".") if cause else type(error).__name__
