"""A browser tab without a browser: events go through Reflex's whole pipeline and our middleware."""

# pyright: standard
# Reflex's own types are partly unknown to strict mode.

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import State, StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor
from reflex_base.utils.format import json_dumps

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import access
from inbox_app.ui import application, bridge
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.session import ViewerState

PATIENCE = 10.0
"""Seconds."""


class Browsers:
    """Stands for the websockets: keeps for every tab what its browser would hold."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Any]] = {}
        self._news = asyncio.Condition()

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        for state, fields in json.loads(json_dumps(update.delta or {})).items():
            names = {name.removesuffix(FIELD_MARKER): value for name, value in fields.items()}
            self._held.setdefault(token, {}).setdefault(state, {}).update(names)
        async with self._news:
            self._news.notify_all()

    def held(self, token: str, state: type[rx.State]) -> dict[str, Any]:
        return self._held.get(token, {}).get(state.get_full_name(), {})

    def forget(self, token: str) -> None:
        """As a page does that is loaded anew."""
        self._held.pop(token, None)

    async def until(self, holds: Callable[[], object]) -> None:
        async with self._news, asyncio.timeout(PATIENCE):
            await self._news.wait_for(lambda: bool(holds()))


@dataclass
class Tab:
    """One tab: an id, the cookies of its browser, and where it is."""

    processor: BaseStateEventProcessor
    browsers: Browsers
    manager: StateManagerMemory
    token: str
    cookie: str = ""
    path: str = "/inbox/"
    running: list[Awaitable[Any]] = field(default_factory=list)

    async def start(self, *events: Any) -> list[Any]:
        """Sends events; does not wait for what they start."""
        path, _, query = self.path.partition("?")
        router = {
            "pathname": path,
            "asPath": self.path,
            "query": dict(part.split("=") for part in query.split("&") if part),
            "headers": {"cookie": self.cookie, "origin": "http://inbox.test"},
        }
        prepared = [e for each in events for e in Event.from_event_type(each, router_data=router)]
        return [await self.processor.enqueue(self.token, event) for event in prepared]

    async def load(self) -> None:
        """Connects, as a page does when it loads; from then on the tab follows its person."""
        self.browsers.forget(self.token)
        await self.start(State.hydrate_and_load())
        await self.until(self._settled)

    async def run(self, *events: Any) -> None:
        """Sends events and waits until their handlers are done."""
        for future in await self.start(*events):
            await future

    def _settled(self) -> bool:
        ended = self.holds(ViewerState, "ended")
        return ended or self.holds(FeedState, "phase") == "ready"

    def holds(self, state: type[rx.State], name: str) -> Any:
        """What the browser holds of a state's field, None when it was never sent."""
        return self.browsers.held(self.token, state).get(name)

    async def until(self, holds: Callable[[], object]) -> None:
        await self.browsers.until(holds)


OpenTab = Callable[..., Awaitable[Tab]]


@pytest.fixture(scope="session")
def app() -> rx.App:
    """The interface as the entry module puts it together."""
    made = rx.App(**application.OPTIONS)
    application.install(made)
    return made


@pytest.fixture
async def open_tab(
    app: rx.App, runtime: Runtime, environment: Environment
) -> AsyncIterator[OpenTab]:
    """Opens a tab in which a user is signed in, or nobody."""
    bridge.install(runtime)
    browsers, manager = Browsers(), StateManagerMemory()
    processor = BaseStateEventProcessor(
        middleware=app,
        backend_exception_handler=application.on_backend_error,
    )

    async def open_one(user_id: str = "", path: str = "/inbox/", token: str = "") -> Tab:
        cookie = f"{access.SESSION_COOKIE}={await sign_in(user_id)}" if user_id else ""
        token = token or f"tab-{len(browsers._held)}-{user_id}"
        return Tab(processor, browsers, manager, token, cookie, path)

    async def sign_in(user_id: str) -> str:
        link = await access.sign_in_link(runtime, environment, user_id)
        return (await access.sign_in(runtime, link.partition("token=")[2])).token

    async with processor.configure(state_manager=manager, event_namespace=cast(Any, browsers)):
        yield open_one
