"""``inbox keys``: environments and their API keys."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from inbox_app.cli.session import explained, with_runtime
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.services import environments

app = typer.Typer(no_args_is_help=True, help="List, create and revoke API keys.")
ClientId = Annotated[
    str | None, typer.Option("--client-id", help="The environment; the oldest one if left out.")
]


@app.command("list")
def list_keys() -> None:
    """Lists environments with their keys. Secrets are not kept and cannot be shown."""

    async def work(rt: Runtime) -> None:
        for environment in await environments.every(rt):
            typer.echo(f"{environment.title}  (client id {environment.client_id})")
            for key in await environments.keys(rt, environment):
                ended = "  revoked" if key.revoked_at else ""
                made = key.created_at.date().isoformat()
                typer.echo(f"  {key.id:<20} {key.name:<16} …{key.hint}  made {made}{ended}")

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as ci.")],
    client_id: ClientId = None,
) -> None:
    """Makes a key and prints it, this once."""

    async def work(rt: Runtime) -> str:
        environment = await environments.named(rt, client_id)
        return (await environments.create_key(rt, environment, name)).secret

    with explained():
        typer.echo(asyncio.run(with_runtime(Settings.from_env(), work)))


@app.command()
def revoke(
    key_id: Annotated[int, typer.Argument(help="The number `inbox keys list` shows.")],
) -> None:
    """Ends a key; running servers refuse it within five seconds."""

    async def work(rt: Runtime) -> None:
        await environments.revoke_key(rt, key_id)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"Key {key_id} is revoked.")


@app.command()
def look(
    accent: Annotated[str, typer.Option(help="A colour as #rrggbb; ours if left out.")] = "",
    logo: Annotated[str, typer.Option(help="Address of a square picture, https.")] = "",
    client_id: ClientId = None,
) -> None:
    """Sets the logo and the accent of an environment's pages; both are ours unless given."""

    async def work(rt: Runtime) -> None:
        place = await environments.named(rt, client_id)
        await environments.set_look(rt, place, logo, accent)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo("The look is set; running servers show it within seconds.")


@app.command()
def secure(
    on: Annotated[bool, typer.Argument(help="true or false.")],
    client_id: ClientId = None,
) -> None:
    """Whether end-user credentials must carry a hash made with the client secret."""

    async def work(rt: Runtime) -> None:
        await environments.set_secure_mode(rt, await environments.named(rt, client_id), on)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"Secure mode is {'on' if on else 'off'}.")
