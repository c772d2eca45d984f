"""A crowd of applications, each with the vendor's own SDK, that send until they are answered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx
from pingram import ApiClient, Configuration, DefaultApi, SenderPostBody
from pingram.exceptions import ServiceException

Watch = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Errand:
    """One notification to send; its key makes it the same one however often it is tried."""

    key: str
    user_id: str
    title: str


@dataclass
class Crowd:
    """Senders and what they were told.

    Attributes:
        base_url: Where the API is.
        api_key: Their key.
        answers: Every tracking id that was answered for an errand's key.
    """

    base_url: str
    api_key: str
    answers: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    async def send(
        self, errands: Sequence[Errand], clients: int, seen: Watch, up: asyncio.Event
    ) -> None:
        """Sends every errand until it is answered; now and then once more afterwards.

        Args:
            clients: How many SDK clients work side by side.
            seen: Told the number of errands answered so far, after each.
            up: Set while the server is believed to run; senders wait for it after a failure.
        """
        waiting = list(reversed(errands))
        chance = random.Random(len(errands))
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._work(waiting, chance, seen, up))

    async def _work(
        self, waiting: list[Errand], chance: random.Random, seen: Watch, up: asyncio.Event
    ) -> None:
        configuration = Configuration(host=self.base_url, access_token=self.api_key)
        async with ApiClient(configuration) as client:
            api = DefaultApi(client)
            while waiting:
                errand = waiting.pop()
                await self._until_answered(api, errand, up)
                await seen(len(self.answers))
                if chance.random() < 0.1:
                    await self._until_answered(api, errand, up)

    async def _until_answered(self, api: DefaultApi, errand: Errand, up: asyncio.Event) -> None:
        body = SenderPostBody.model_validate(
            {
                "type": "chaos",
                "to": {"id": errand.user_id},
                "inapp": {"title": errand.title},
            }
        )
        while True:
            await up.wait()
            try:
                sent = await api.send(body, _headers={"Idempotency-Key": errand.key})
            except (httpx.HTTPError, OSError):
                continue
            except ServiceException:
                continue
            self.answers.setdefault(errand.key, []).append(sent.tracking_id)
            return


def errands(count: int, users: Sequence[str]) -> list[Errand]:
    """``count`` notifications, the users one after the other."""
    return [Errand(f"key-{n}", users[n % len(users)], f"Note {n}") for n in range(count)]
