"""The commands of ``inbox``."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from inbox_app import __version__
from inbox_app.cli import demo, doctor, frontend, integrations, keys, send, serve, users, worker
from inbox_app.cli.session import explained, with_runtime
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.services import first_start
from inbox_app.storage import migrate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A self-hosted notification hub with a live in-app inbox.",
    epilog="Settings are read from INBOX_* environment variables; the README lists them.",
)
app.add_typer(users.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(integrations.app, name="integrations")
app.command("send")(send.send)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("worker")(worker.worker)


@app.callback(invoke_without_command=True)
def commands(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        typer.echo(f"inbox {__version__}")
        raise typer.Exit


@app.command()
def run() -> None:
    """Migrates the database, builds the front end when needed, and serves everything."""
    with explained():
        settings = Settings.from_env()
        # Before the build as well: a minute of building must not end in a taken port.
        serve.ensure_port_free(settings.host, settings.port)
        frontend.ensure_built(frontend.ROOT, typer.echo)
        greeting = asyncio.run(with_runtime(settings, _prepare))
        serve.serve(settings, lambda: typer.echo(greeting))


@app.command(name="migrate")
def migrate_command(
    new: Annotated[
        str | None, typer.Option(help="Write a new migration of this name instead.")
    ] = None,
) -> None:
    """Brings the database to the newest schema."""

    async def work(rt: Runtime) -> None:
        await migrate.upgrade(rt.database)
        if new is not None:
            await migrate.revision(rt.database, new)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"The database is at schema {migrate.newest()}.")


async def _prepare(rt: Runtime) -> str:
    """What a start needs before it serves; the text to greet with."""
    await migrate.upgrade(rt.database)
    made = await first_start.ensure(rt)
    if made is not None:
        return first_environment(made)
    return await demo.greeting(rt)


def first_environment(made: first_start.FirstEnvironment) -> str:
    return (
        "\nThe first environment was made. Its API key is shown only now:\n\n"
        f"  API key        {made.api_key}\n"
        f"  client id      {made.environment.client_id}\n"
        f"  client secret  {made.environment.client_secret}\n"
    )
