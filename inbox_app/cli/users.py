"""``inbox users``: the people in an environment."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from inbox_app.cli.keys import ClientId
from inbox_app.cli.session import explained, with_runtime
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.services import access, environments, users

app = typer.Typer(no_args_is_help=True, help="List and delete users, and make sign-in links.")
UserId = Annotated[str, typer.Argument(help="The sender's id of the user.")]


@app.command("list")
def list_users(
    limit: Annotated[int, typer.Option(min=1, max=users.LARGEST_PAGE)] = 100,
    after: Annotated[str, typer.Option(help="Continue after this id.")] = "",
    client_id: ClientId = None,
) -> None:
    """Lists users by id."""

    async def work(rt: Runtime) -> None:
        page = await users.page(rt, await environments.named(rt, client_id), limit, after)
        for user in page.users:
            email = user.profile.email or "-"
            typer.echo(f"{user.external_id:<24} {email:<32} {user.display_name}")
        if page.more:
            typer.echo(f"… more: --after {page.users[-1].external_id}", err=True)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))


@app.command("sign-in")
def sign_in(user_id: UserId, client_id: ClientId = None) -> None:
    """Prints a link that signs a user in; it works once, within ten minutes."""

    async def work(rt: Runtime) -> str:
        return await access.sign_in_link(rt, await environments.named(rt, client_id), user_id)

    with explained():
        typer.echo(asyncio.run(with_runtime(Settings.from_env(), work)))


@app.command()
def delete(
    user_id: UserId,
    client_id: ClientId = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Deletes a user with every notification of theirs."""
    if not yes:
        typer.confirm(f"Delete {user_id} and everything that was sent to them?", abort=True)

    async def work(rt: Runtime) -> None:
        await users.remove(rt, await environments.named(rt, client_id), user_id)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"{user_id} is deleted.")
