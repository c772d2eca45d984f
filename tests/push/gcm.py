"""The push service of Chromium, its part over HTTP: check-in and registration."""

from __future__ import annotations

import secrets
import time
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from tests.push import protobuf
from tests.push.protobuf import Fixed64
from tests.push.store import Ending, Store, Subscription

HOST: Final = "jmt17.google.com"
"""Where development builds of Chromium have messages sent; fixed in the binary."""
PREFIX: Final = f"https://{HOST}/fcm/send/"
CHECKIN, REGISTRATION = "/checkin", "/c2dm/register3"
WEB_PUSH: Final = "wp:"
"""Begins the subtypes of subscriptions; other registrations are Chromium's own."""
REFUSAL: Final = "Error=TOO_MANY_REGISTRATIONS"
"""Of the errors there are, the one that Chromium does not try again."""


class Gcm:
    """Gives browsers a name, and their subscriptions a token."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, app: web.Application) -> None:
        app.router.add_post(CHECKIN, self._check_in)
        app.router.add_post(REGISTRATION, self._register)

    async def _check_in(self, request: web.Request) -> web.Response:
        """Field numbers: AndroidCheckinRequest and AndroidCheckinResponse of Chromium's GCM."""
        asked = protobuf.decoded(await request.read())
        android_id = protobuf.number_of(asked, 2) or secrets.randbits(62) | 1
        token = protobuf.number_of(asked, 13) or secrets.randbits(62) | 1
        answer = protobuf.encoded(
            (1, 1),
            (3, int(time.time() * 1000)),
            (7, Fixed64(android_id)),
            (8, Fixed64(token)),
            # No difference to the settings it has.
            (9, 0),
        )
        return web.Response(body=answer, content_type="application/x-protobuffer")

    async def _register(self, request: web.Request) -> web.Response:
        form = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        subtype, device = form.get("X-subtype", ""), form["device"]
        if form.get("delete") == "true":
            return self._deleted(device, subtype)
        if not subtype.startswith(WEB_PUSH):
            return web.Response(text=f"token={secrets.token_hex(8)}")
        if self._store.refusing:
            return web.Response(text=REFUSAL)
        key = form["sender"].rstrip("=")
        made = self._store.subscribe(Subscription(device, subtype, key, PREFIX, form["app"]))
        return web.Response(text=f"token={made.token}")

    def _deleted(self, device: str, subtype: str) -> web.Response:
        if subscription := self._store.live(device, subtype):
            self._store.end(subscription, Ending.BY_PAGE)
        return web.Response(text=f"token={subtype}")
