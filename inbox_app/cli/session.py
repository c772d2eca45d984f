"""What every command shares: a runtime, and errors in one sentence."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from inbox_app.bootstrap import open_runtime
from inbox_app.cli.frontend import BuildFailed
from inbox_app.cli.serve import CannotServe
from inbox_app.config import InvalidSettings, Settings
from inbox_app.domain.errors import InboxError
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.runtime import Runtime

Result = TypeVar("Result")


async def with_runtime(settings: Settings, work: Callable[[Runtime], Awaitable[Result]]) -> Result:
    """Runs ``work`` with an open runtime."""
    async with open_runtime(settings) as runtime:
        return await work(runtime)


@contextmanager
def explained() -> Iterator[None]:
    """Ends the command with one clear sentence and status 1 when something cannot be done."""
    try:
        yield
    except InboxError as error:
        give_up(f"{error.message} {error.fix}".strip())
    except (InvalidSettings, BuildFailed, CannotServe, CannotUnseal) as error:
        give_up(str(error))
    except (SQLAlchemyError, sqlite3.Error) as error:
        give_up(f"The database cannot be used: {_first_line(error)}. Run `inbox doctor`.")
    except OSError as error:
        give_up(_system(error))


def give_up(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code=1)


def _system(error: OSError) -> str:
    place = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{place}: free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No permission to write{place}: choose another INBOX_DATA_DIR."
    return f"{error.strerror or error}{place}."


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0].rstrip(".") if str(cause).strip() else "no reason"
