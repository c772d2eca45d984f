"""What holds for every provider, those of tomorrow too."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from inbox_app.channels import registry
from inbox_app.channels.spec import (
    Parcel,
    Provider,
    ProviderSettings,
    Resources,
    SendResult,
    Tools,
)
from inbox_app.domain.errors import InvalidInput, NotFound, OutcomeUnknown, ProviderError, Transient
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from tests.channels.examples import examples, speaking
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.clock import SetClock
from tests.standins.certificate import Authority
from tests.standins.names import Names

ALL = sorted(registry.providers())
SPEAKING = speaking()
KEYED = [name for name in SPEAKING if examples()[name].keyed]


class Rude:
    """A server that takes connections and does one thing to each."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.answer is not None:
            writer.write(self.answer)
            writer.close()
        else:
            # Says nothing until the other side has enough.
            await reader.read()
            writer.close()


@pytest.fixture(params=[b"", b"\0\xff" * 50, b"2" * 200_000, b"550 no\r\n\r\n", None])
async def rude_port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    server = await asyncio.start_server(Rude(request.param).serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return closed.getsockname()[1]


def test_every_channel_has_the_sandbox() -> None:
    assert all("capture" in {p.name for p in registry.for_channel(c)} for c in Channel)
    assert {"capture", "smtp"} <= {p.name for p in registry.for_channel(Channel.EMAIL)}


@pytest.mark.parametrize("channel", Channel)
async def test_the_sandbox_gives_back_what_it_got(channel: Channel, tools: Tools) -> None:
    parcel = make_parcel(channel)
    result = await outcome("capture", parcel, {}, tools)
    assert isinstance(result, SendResult)
    assert result.fields == parcel.fields
    assert result.detail == "Captured by the sandbox: nothing left this server."


@pytest.mark.parametrize("name", SPEAKING)
async def test_a_rude_server_raises_nothing_foreign(
    name: str, rude_port: int, authority: Authority, clock: SetClock
) -> None:
    error = await sent_to(name, rude_port, authority, clock, 0.3)
    assert isinstance(error, ProviderError)
    assert error.status != "internal"
    assert (
        examples()[name].secret not in f"{error} {error!r} {error.__dict__} {error.__context__!r}"
    )


@pytest.mark.parametrize("name", SPEAKING)
async def test_a_closed_door_can_be_tried_again(
    name: str, closed_port: int, authority: Authority, clock: SetClock
) -> None:
    error = await sent_to(name, closed_port, authority, clock)
    assert type(error) is Transient
    assert (
        examples()[name].secret not in f"{error} {error!r} {error.__dict__} {error.__context__!r}"
    )


async def sent_to(
    name: str, port: int, authority: Authority, clock: SetClock, seconds: float = 10
) -> SendResult | ProviderError:
    """What comes of it when all services of the world are behind one port."""
    names, allow = Names({"*": port}), ["127.0.0.1"]
    http = Http(allow=allow, resolver=names, tls=authority.trusted())
    http2 = Http2(allow=allow, resolver=names, tls=authority.trusted())
    tools = Tools(http, clock.now, resources=Resources(http2))
    example = examples()[name]
    try:
        return await outcome(name, example.parcel, example.settings(port), tools, seconds)
    finally:
        await tools.close()


@pytest.mark.parametrize("name", ALL)
def test_settings_survive_storing_and_hide_their_secrets(name: str) -> None:
    settings = registry.settings_of(name, examples()[name].settings(25))
    stored = json.loads(json.dumps(registry.dump(settings)))
    assert registry.settings_of(name, stored) == settings
    secret = examples()[name].secret
    assert secret not in f"{settings!r} {settings} {registry.shown(settings)}"
    assert (json.dumps(secret)[1:-1] in json.dumps(stored)) is (name in KEYED)


@pytest.mark.parametrize("name", SPEAKING)
def test_every_setting_can_be_asked_for_in_a_form(name: str) -> None:
    fields = registry.providers()[name].settings.model_fields
    assert all(field.title for field in fields.values())
    assert any(field.annotation is SecretStr for field in fields.values()) is (name in KEYED)


@pytest.mark.parametrize("name", ALL)
def test_wrong_settings_are_refused_without_repeating_them(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        registry.settings_of(name, {**examples()[name].settings(25), "pasword": CANARY})
    assert "pasword" in caught.value.message
    assert CANARY not in caught.value.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 0}, "Port"),
        ({"from_address": "nobody"}, "From address"),
        ({"host": "a b"}, "Server"),
        ({"username": ""}, "user name"),
        ({"helo_name": "a\r\nb"}, "Name in HELO"),
    ],
)
def test_a_wrong_setting_is_named(change: Mapping[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        registry.settings_of("smtp", {**examples()["smtp"].settings(25), **change})


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(NotFound, match="pigeon"):
        registry.settings_of("pigeon", {})


class NoSettings(ProviderSettings):
    """For providers made up by a test."""


def made_up(send: Any) -> Provider[NoSettings]:
    return Provider("made_up", "Made up", frozenset(Channel), NoSettings, send)


async def test_a_mistake_in_an_adapter_stays_inside(
    tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    async def send(parcel: Parcel, settings: NoSettings, tools: Tools) -> SendResult:
        raise KeyError(CANARY)

    with pytest.raises(Transient) as caught:
        await registry.deliver(made_up(send), make_parcel(), NoSettings(), tools, 1)
    assert caught.value.detail == "the adapter failed"
    assert caught.value.__context__ is None
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "KeyError at" in record.getMessage()


async def test_an_adapter_that_does_not_end_leaves_the_outcome_open(tools: Tools) -> None:
    async def send(parcel: Parcel, settings: NoSettings, tools: Tools) -> SendResult:
        await asyncio.Event().wait()
        return SendResult()

    with pytest.raises(OutcomeUnknown):
        await registry.deliver(made_up(send), make_parcel(), NoSettings(), tools, -0.9)


async def test_an_adapter_is_told_its_time(tools: Tools) -> None:
    told: list[float] = []

    async def send(parcel: Parcel, settings: NoSettings, tools: Tools) -> SendResult:
        told.append(tools.timeout)
        return SendResult()

    await registry.deliver(made_up(send), make_parcel(), NoSettings(), replace(tools), 7)
    assert told == [7]


async def test_every_resource_is_closed_though_one_of_them_fails(clock: SetClock) -> None:
    closed: list[str] = []

    class First:
        async def close(self) -> None:
            closed.append("first")

    class Broken:
        async def close(self) -> None:
            raise OSError("it broke")

    class Last:
        async def close(self) -> None:
            closed.append("last")

    class Line(Http):
        async def close(self) -> None:
            closed.append("line")
            await super().close()

    tools = Tools(Line(), clock.now, resources=Resources(First(), Broken(), Last()))
    with pytest.raises(OSError, match="it broke"):
        await tools.close()
    assert sorted(closed) == ["first", "last", "line"]
    # Nothing is closed twice.
    await tools.close()
    assert sorted(closed) == ["first", "last", "line", "line"]


async def test_a_worker_that_stops_is_not_held_up(tools: Tools) -> None:
    begun = asyncio.Event()

    async def send(parcel: Parcel, settings: NoSettings, tools: Tools) -> SendResult:
        begun.set()
        await asyncio.Event().wait()
        return SendResult()

    task = asyncio.create_task(
        registry.deliver(made_up(send), make_parcel(), NoSettings(), tools, 60)
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
