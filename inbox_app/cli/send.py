"""``inbox send``: sends a notification through the HTTP API, as an application would."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
import typer

from inbox_app.cli.session import explained, give_up, with_runtime
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.services import demo

TIMEOUT = 30.0


def send(
    to: Annotated[str, typer.Option(help="Id of the user to notify.")],
    title: Annotated[str, typer.Option(help="What happened, in one line.")],
    body: Annotated[str | None, typer.Option(help="More text.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the notification leads.")] = None,
    image: Annotated[str | None, typer.Option(help="Address of a picture.")] = None,
    action: Annotated[
        list[str] | None, typer.Option(help="Label of a button; at most twice.")
    ] = None,
    kind: Annotated[str, typer.Option("--type", help="Notification type.")] = "message",
    api_key: Annotated[
        str | None,
        typer.Option(envvar="INBOX_API_KEY", help="API key; the demo's if left out."),
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="Sending again under the same key changes nothing.")
    ] = None,
) -> None:
    """Sends a notification to a running server and prints its tracking id."""
    content = {"title": title, "body": body, "url": url, "image": image}
    message: dict[str, Any] = {name: text for name, text in content.items() if text is not None}
    message["actions"] = [{"label": label} for label in action or ()]
    request = {"type": kind, "to": {"id": to}, "inapp": message}
    with explained():
        settings = Settings.from_env()
        key = api_key or asyncio.run(with_runtime(settings, _demo_key))
        headers = {"Authorization": f"Bearer {key}"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        typer.echo(_post(f"{settings.public_url}/api/send", request, headers))


async def _demo_key(rt: Runtime) -> str:
    found = await demo.open_access(rt)
    if found is None:
        give_up("There is no demo environment: pass --api-key or set INBOX_API_KEY.")
    return found.api_key


def _post(url: str, request: dict[str, Any], headers: dict[str, str]) -> str:
    try:
        answer = httpx.request("POST", url, json=request, headers=headers, timeout=TIMEOUT)
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        give_up(f"No answer from {url} ({error}). Is the server running? Start it: inbox run")
    if answer.is_error:
        wrong = found["error"]
        give_up(f"{wrong['message']} {wrong.get('fix', '')}".strip())
    for remark in found["messages"]:
        typer.echo(remark, err=True)
    return found["trackingId"]
