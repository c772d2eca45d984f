"""A program that uses the in-app calls of pingram-python 1.0.30; run by test_in_app.py.

On each line it reads one JSON object with ``url``, ``api_key`` and ``login`` (the parts of the end
user's credentials) and a list of ``calls``, and prints a line with the list of what each call gave.
"""

# pyright: basic
# Checked against the current SDK, which has no such calls.

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import Any

from pingram import Pingram
from pingram.exceptions import ApiException


def model(name: str, fields: dict[str, Any]) -> Any:
    module = __import__(f"pingram.models.{name}", fromlist=["x"])
    kind = getattr(module, "".join(part.capitalize() for part in name.split("_")))
    return kind.from_dict(fields)


async def call(client: Any, auth: dict[str, Any] | None, name: str, arguments: Any) -> Any:
    user = client.user
    extra = {"_request_auth": auth} if auth else {}
    if name == "send":
        return await client.send(model("sender_post_body", arguments))
    if name == "list":
        return await user.user_get_in_app_notifications(**arguments, **extra)
    if name == "unread":
        return await user.user_get_in_app_unread_count(**extra)
    if name == "seen":
        body = model("in_app_notification_unread_clear_request", arguments)
        return await user.user_mark_in_app_notifications_as_seen(body, **extra)
    body = model("in_app_notification_patch_request", arguments)
    return await user.user_update_in_app_notification_status(body, **extra)


async def outcome(client: Any, auth: dict[str, Any] | None, name: str, arguments: Any) -> Any:
    try:
        found = await call(client, auth, name, arguments)
    except ApiException as error:
        return {"exception": type(error).__name__, "status": error.status, "body": error.body}
    return found.to_dict()


async def main(job: dict[str, Any]) -> list[Any]:
    auth = None
    if job["login"]:
        value = base64.b64encode(":".join(job["login"]).encode()).decode()
        auth = {"type": "basic", "in": "header", "key": "Authorization", "value": f"Basic {value}"}
    async with Pingram(api_key=job["api_key"], base_url=job["url"]) as client:
        return [await outcome(client, auth, *each) for each in job["calls"]]


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(asyncio.run(main(json.loads(line))), default=str), flush=True)  # noqa: T201
