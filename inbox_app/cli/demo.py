"""``inbox demo``: how to try the server out."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from inbox_app.cli.session import explained, with_runtime
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.services import demo as service
from inbox_app.services.demo import DemoAccess

SNIPPETS = """
{url}/inbox/ is the inbox, {url}/api/docs the API.

Sign in (each link works once):
{links}
  API key  {key}

Send a notification now:

  curl {url}/api/send -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"type": "greeting", "to": {{"id": "ada"}}, "inapp": {{"title": "Hello from curl"}}}}'

or in Python (paste it whole):

python3 - <<'EOF'
import json, urllib.request

body = {{"type": "greeting", "to": {{"id": "ada"}}, "inapp": {{"title": "Hello from Python"}}}}
headers = {{"Authorization": "Bearer {key}",
           "Content-Type": "application/json"}}
request = urllib.request.Request("{url}/api/send", json.dumps(body).encode(), headers)
print(urllib.request.urlopen(request).read().decode())
EOF
"""


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as one JSON object.")
    ] = False,
) -> None:
    """Prints the demo's API key, fresh sign-in links and how to send."""

    async def work(rt: Runtime) -> str:
        found = await service.open_access(rt)
        if as_json:
            return json.dumps(_as_json(rt, found) if found else {}, indent=2)
        return await greeting(rt)

    with explained():
        typer.echo(asyncio.run(with_runtime(Settings.from_env(), work)))


async def greeting(rt: Runtime) -> str:
    """What a start prints: where to look, how to sign in, how to send."""
    found = await service.open_access(rt)
    if found is None:
        return f"\n{rt.settings.public_url}/api/docs describes the API.\n"
    links = "".join(f"  {name:<7}  {link}\n" for name, link in found.links.items())
    return SNIPPETS.format(url=rt.settings.public_url, links=links, key=found.api_key)


def _as_json(rt: Runtime, found: DemoAccess) -> dict[str, object]:
    return {
        "base_url": f"{rt.settings.public_url}/api",
        "api_key": found.api_key,
        "client_id": found.environment.client_id,
        "client_secret": found.environment.client_secret,
        "users": [{"id": name, "sign_in_url": link} for name, link in found.links.items()],
    }
