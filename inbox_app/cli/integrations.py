"""``inbox integrations``: the providers that carry an environment's messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any, cast

import typer

from inbox_app.cli.keys import ClientId
from inbox_app.cli.session import explained, with_runtime
from inbox_app.config import Settings
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import environments, integrations
from inbox_app.services.integrations import IntegrationChange, IntegrationView

app = typer.Typer(
    no_args_is_help=True,
    help="List, add, try out and remove what carries messages, such as a mail server.",
)
IntegrationId = Annotated[int, typer.Argument(help="The number `inbox integrations list` shows.")]


@app.command("list")
def list_integrations(client_id: ClientId = None) -> None:
    """Lists integrations in the order of fail-over. Secrets are not shown."""

    async def work(rt: Runtime) -> None:
        for view in await integrations.every(rt, await environments.named(rt, client_id)):
            for line in _lines(view):
                typer.echo(line)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))


@app.command()
def providers() -> None:
    """Lists the providers and what each needs to know."""
    for each in integrations.providers():
        typer.echo(f"{each.name}  ({each.label}: {', '.join(sorted(each.channels))})")
        for name, field in each.settings.model_fields.items():
            needed = " (needed)" if field.is_required() else ""
            typer.echo(f"  {name:<20} {field.title or name}{needed}. {field.description or ''}")


@app.command()
def add(  # noqa: PLR0913, PLR0917 - the words of the command
    channel: Annotated[Channel, typer.Argument(case_sensitive=False)],
    provider: Annotated[str, typer.Argument(help="One of `inbox integrations providers`.")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Such as host=mail.example port=587."),
    ] = None,
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Read more settings as a JSON object; for secrets."),
    ] = False,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    position: Annotated[
        int | None, typer.Option(min=0, help="Place in the order of fail-over; else the last.")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Messages per second.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Calls at a time per process.")
    ] = None,
    client_id: ClientId = None,
) -> None:
    """Saves an integration; the channel leaves the sandbox with its first one.

    Secrets belong on standard input, where no shell history keeps them:

    inbox integrations add EMAIL smtp host=mail.example username=hub
    from_address=hub@acme.example --stdin < password.json
    """
    given = {"name": name, "position": position, "rate": rate, "concurrency": concurrency}

    async def work(rt: Runtime) -> IntegrationView:
        change: dict[str, Any] = {k: value for k, value in given.items() if value is not None}
        change["settings"] = _pairs(settings or ()) | (_from_stdin() if stdin else {})
        environment = await environments.named(rt, client_id)
        return await integrations.add(
            rt, environment, channel, provider, cast("IntegrationChange", change)
        )

    with explained():
        made = asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"Integration {made.integration.id} is saved; {channel} goes through it.")


@app.command("test")
def try_out(
    integration_id: IntegrationId,
    to: Annotated[str, typer.Argument(help="An address of the channel.")],
    client_id: ClientId = None,
) -> None:
    """Sends a message through one integration and says how it went."""

    async def work(rt: Runtime) -> integrations.Trial:
        environment = await environments.named(rt, client_id)
        return await integrations.try_out(rt, environment, integration_id, to)

    with explained():
        tried = asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"{tried.outcome}: {tried.detail}")
        raise typer.Exit(0 if tried.outcome == "sent" else 1)


@app.command()
def rotate(integration_id: IntegrationId, client_id: ClientId = None) -> None:
    """Makes new secrets of the server's own, such as the keys of web push, beside the old ones."""

    async def work(rt: Runtime) -> None:
        environment = await environments.named(rt, client_id)
        await integrations.rotate(rt, environment, integration_id)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"Integration {integration_id} has new secrets; the old ones go on counting.")


@app.command()
def remove(integration_id: IntegrationId, client_id: ClientId = None) -> None:
    """Deletes an integration."""

    async def work(rt: Runtime) -> None:
        environment = await environments.named(rt, client_id)
        await integrations.remove(rt, environment, integration_id)

    with explained():
        asyncio.run(with_runtime(Settings.from_env(), work))
        typer.echo(f"Integration {integration_id} is removed.")


def _lines(view: IntegrationView) -> list[str]:
    each = view.integration
    marks = "" if each.enabled else "  disabled"
    shown = [f"{key}={value}" for key, value in view.settings.items() if value != ""]
    shown += [f"{key}=…" for key in view.secrets]
    lines = [f"{each.id:<20} {each.channel:<10} {each.provider:<10} {each.name}{marks}"]
    lines += [f"  {' '.join(shown)}"] if shown else []
    return lines + ([f"  ✗ {view.problem}"] if view.problem else [])


def _pairs(words: Sequence[str]) -> dict[str, Any]:
    """Settings as written on the command line.

    Raises:
        InvalidInput: a word is no pair; the word is not repeated, it may be a secret.
    """
    pairs = [word.partition("=") for word in words]
    if not all(equals and key for key, equals, _ in pairs):
        raise InvalidInput("A setting is not KEY=VALUE.", fix="Write them like host=mail.example.")
    return {key: value for key, _, value in pairs}


def _from_stdin() -> dict[str, Any]:
    try:
        given: object = json.loads(typer.get_text_stream("stdin").read())
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise InvalidInput("Standard input holds no JSON object.", fix='Send {"password": "…"}.')
    return cast("dict[str, Any]", given)
