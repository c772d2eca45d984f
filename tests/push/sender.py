"""The application's own way to push: its adapter, its encryption and its signature."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from inbox_app.channels.spec import Parcel, Resources, SendResult, Tools
from inbox_app.channels.webpush.vapid import Key, new_key
from inbox_app.domain.errors import ProviderError
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from tests.channels.parcels import make_parcel, outcome
from tests.push.service import PushService
from tests.standins.certificate import Authority


class Sender:
    """An application server with a key pair of its own.

    Attributes:
        public: What browsers subscribe with.
    """

    def __init__(self, service: PushService, authority: Authority) -> None:
        self._service, self.authority = service, authority
        self._private = new_key()
        self.public = Key.of(self._private).public

    def push(
        self,
        subscription: Mapping[str, Any],
        title: str,
        *,
        page: str = "",
        icon: str = "",
        **settings: Any,
    ) -> SendResult | ProviderError:
        """Sends one push to a subscription as browsers write it down, and waits for the outcome.

        Args:
            page: Where a click leads.
            icon: Address of a picture.
            settings: Of the adapter.
        """
        parcel = make_parcel(
            Channel.WEB_PUSH,
            to=subscription["endpoint"],
            fields={"title": title, "message": "1 < 2 & 3", "icon": icon},
            details={"sub": subscription, "applicationServerKey": self.public},
            page=page,
            # Each its own: of two with the same key the second replaces the first.
            key=title,
        )
        work = self._send(parcel, settings)
        # Playwright keeps an event loop in this thread.
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(asyncio.run, work).result()

    async def _send(
        self, parcel: Parcel, settings: Mapping[str, Any]
    ) -> SendResult | ProviderError:
        http = Http(proxy=self._service.proxy, tls=self.authority.trusted())
        tools = Tools(http, _now, resources=Resources(Http2()))
        mine = {"contact": "mailto:ops@acme.example", "private_keys": self._private}
        try:
            return await outcome("web_push", parcel, {**mine, **settings}, tools)
        finally:
            await tools.close()


def _now() -> datetime:
    return datetime.now(UTC)
