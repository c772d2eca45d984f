"""A page and a service worker to prove the kit with, served on localhost (a secure context)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import web

from tests.push.aside import Aside, Watched
from tests.push.ports import answering

PAGE: Final = Path(__file__).parent / "page"
Seen = Mapping[str, Any]


class Site(Watched):
    """Serves the page, and hears from the worker what happened to it.

    Attributes:
        origin: Scheme, host and port.
        seen: What the worker saw: the names of events, and what they were about.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aside = Aside("site")
        self.clear()

    def __enter__(self) -> Self:
        self._aside.__enter__()
        app = web.Application()
        app.router.add_post("/seen", self._hear)
        app.router.add_get("/", self._index)
        app.router.add_static("/", PAGE)
        self.origin = f"http://localhost:{self._aside.open(answering(app))}"
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._aside.__exit__()

    def clear(self) -> None:
        """Forgets what was seen, for the next test."""
        with self.changing():
            self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        return f"{self.origin}/"

    def wait_for(self, event: str, number: int = 1) -> Seen:
        """The worker saw so many of these events; the last of them."""
        return self.once(
            lambda: [each for each in self.seen if each["event"] == event][number - 1 :][:1],
            f"event number {number} called {event} in {self.seen}",
        )[0]

    async def _index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _hear(self, request: web.Request) -> web.Response:
        event = await request.json()
        with self.changing():
            self.seen.append(event)
        return web.Response(status=204)
