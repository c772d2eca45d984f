"""Integrations: saved, changed and tried out, with secrets that nobody sees again."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from inbox_app.channels import registry
from inbox_app.channels.spec import Tools
from inbox_app.domain.delivery import AttemptOutcome, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib.http import Http
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, integrations, outgoing
from inbox_app.services.integrations import MOST, NOBODY, IntegrationView
from inbox_app.storage import outbox
from tests.channels.parcels import CANARY
from tests.factories import make_environment, send
from tests.standins.http import HttpStandIn, Respond
from tests.standins.smtp import SmtpStandIn, Step

MAIL: dict[str, Any] = {"subject": "Order 17", "html": "<p>It has shipped</p>"}


def settings(port: int, **more: object) -> dict[str, object]:
    fixed = {"host": "127.0.0.1", "security": "none", "from_address": "hub@acme.example"}
    return {**fixed, "port": port, **more}


async def add(
    rt: Runtime, environment: Environment, port: int = 25, **more: object
) -> IntegrationView:
    change: integrations.IntegrationChange = {"settings": settings(port, **more)}
    return await integrations.add(rt, environment, Channel.EMAIL, "smtp", change)


async def stored(rt: Runtime, environment: Environment) -> list[dict[str, Any]]:
    """All settings as they are kept, secrets too."""
    async with rt.database.read() as tx:
        found = await outbox.integrations(tx, environment.id, rt.sealer)
    return [dict(each.settings) for each in found]


async def mail(rt: Runtime, environment: Environment) -> str:
    tracking_id = await send(
        rt,
        environment,
        channels_with_content=(Channel.EMAIL,),
        in_app=None,
        forced_channels=(Channel.EMAIL,),
        content={Channel.EMAIL: MAIL},
        profile=Profile(email="ada@acme.example"),
    )
    while await delivering.work(rt):
        pass
    return tracking_id


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return closed.getsockname()[1]


@pytest.fixture
async def near(runtime: Runtime) -> AsyncIterator[Runtime]:
    """A runtime that may reach gateways on this machine."""
    tools = Tools(Http(allow=["127.0.0.1"]), runtime.clock.now)
    yield replace(runtime, tools=tools)
    await tools.close()


async def test_what_is_added_really_delivers(runtime: Runtime, environment: Environment):
    with SmtpStandIn() as server:
        await add(runtime, environment, server.port)
        await mail(runtime, environment)
        (message,) = server.messages
    assert message.parsed["Subject"] == "Order 17"
    assert await outgoing.captured(runtime, environment, 10) == []


async def test_the_next_one_takes_over_in_their_order(
    runtime: Runtime, environment: Environment, closed_port: int
):
    with SmtpStandIn() as server:
        second = await add(runtime, environment, server.port)
        first = await add(runtime, environment, closed_port)
        await integrations.change(
            runtime, environment, second.integration.id, {"position": 5, "name": "spare"}
        )
        await integrations.change(runtime, environment, first.integration.id, {"position": 0})
        views = await integrations.every(runtime, environment)
        assert [each.integration.name for each in views] == ["SMTP", "spare"]
        tracking_id = await mail(runtime, environment)
        assert len(server.messages) == 1
    story = await outgoing.story(runtime, environment, tracking_id)
    assert [each.integration_id for each in story.attempts] == [
        first.integration.id,
        second.integration.id,
    ]


async def test_one_that_is_disabled_or_removed_carries_nothing(
    runtime: Runtime, environment: Environment
):
    with SmtpStandIn() as server:
        made = await add(runtime, environment, server.port)
        number = made.integration.id
        await integrations.change(runtime, environment, number, {"enabled": False})
        await mail(runtime, environment)
        await integrations.remove(runtime, environment, number)
        await mail(runtime, environment)
        assert server.messages == []
    # The first waits; without any integration the sandbox takes the second.
    assert len(await outgoing.captured(runtime, environment, 10)) == 1


async def test_new_ones_come_last(runtime: Runtime, environment: Environment):
    made = [await add(runtime, environment) for _ in range(3)]
    assert [each.integration.position for each in made] == [0, 1, 2]
    assert await integrations.every(runtime, environment) == made


async def test_there_are_only_so_many(runtime: Runtime, environment: Environment):
    for _ in range(MOST):
        await add(runtime, environment)
    with pytest.raises(Conflict, match=f"EMAIL has {MOST}"):
        await add(runtime, environment)


async def test_a_secret_is_kept_and_not_shown(
    runtime: Runtime, environment: Environment, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    made = await add(runtime, environment, username="hub", password=CANARY)
    changed = await integrations.change(
        runtime, environment, made.integration.id, {"settings": {"from_name": "Acme"}}
    )
    assert changed.secrets == ("password",)
    assert changed.settings["from_name"] == "Acme"
    assert (await stored(runtime, environment))[0]["password"] == CANARY
    listed = await integrations.every(runtime, environment)
    assert CANARY not in f"{made!r} {changed!r} {listed!r} {caplog.text}"


async def test_a_secret_is_taken_out_by_null(runtime: Runtime, environment: Environment):
    made = await add(runtime, environment, username="hub", password=CANARY)
    changed = await integrations.change(
        runtime, environment, made.integration.id, {"settings": {"password": None}}
    )
    assert changed.secrets == ()
    assert CANARY not in json.dumps(await stored(runtime, environment))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": CANARY}, "Port: "),
        ({"host": f"{CANARY} {CANARY}"}, "Server: "),
        ({"from_address": CANARY}, "From address: "),
        ({"password": CANARY, "username": ""}, "a password needs a user name"),
        ({"colour": CANARY}, "colour: "),
    ],
)
async def test_wrong_settings_are_named_without_their_value(
    runtime: Runtime, environment: Environment, wrong: dict[str, Any], said: str
):
    with pytest.raises(InvalidInput) as refused:
        await add(runtime, environment, **wrong)
    assert said in refused.value.message
    assert CANARY not in f"{refused.value} {refused.value!r} {refused.value.__context__!r}"
    assert await integrations.every(runtime, environment) == []


async def test_a_provider_carries_its_channels_only(runtime: Runtime, environment: Environment):
    with pytest.raises(InvalidInput, match="smtp does not carry SMS") as refused:
        await integrations.add(runtime, environment, Channel.SMS, "smtp", {})
    able = [each.name for each in registry.providers().values() if Channel.SMS in each.channels]
    assert refused.value.fix == f"Use {', '.join(able)}."
    with pytest.raises(NotFound, match="no provider 'pigeon'"):
        await integrations.add(runtime, environment, Channel.SMS, "pigeon", {})


async def test_those_of_another_environment_are_out_of_reach(
    runtime: Runtime, environment: Environment
):
    number = (await add(runtime, await make_environment(runtime, "Other"))).integration.id
    assert await integrations.every(runtime, environment) == []
    with pytest.raises(NotFound):
        await integrations.change(runtime, environment, number, {"enabled": False})
    with pytest.raises(NotFound):
        await integrations.try_out(runtime, environment, number, "ada@acme.example")
    with pytest.raises(NotFound):
        await integrations.remove(runtime, environment, number)


async def test_settings_that_are_too_old_say_so(runtime: Runtime, environment: Environment):
    made = await add(runtime, environment)
    number = made.integration.id
    async with runtime.database.write() as tx:
        (each,) = await outbox.integrations(tx, environment.id, runtime.sealer)
        each.settings["port"] = "none"  # pyright: ignore[reportIndexIssue] - as an old release
        await outbox.put_integration(tx, each, runtime.sealer, runtime.clock.now())
    (found,) = await integrations.every(runtime, environment)
    assert found.problem.startswith("Port: ")
    mended = await integrations.change(runtime, environment, number, {"settings": {"port": 26}})
    assert (mended.problem, mended.settings["port"]) == ("", 26)


# Trying out


async def test_a_trial_goes_through_exactly_this_one(runtime: Runtime, environment: Environment):
    with SmtpStandIn() as first, SmtpStandIn() as second:
        await add(runtime, environment, first.port)
        made = await add(runtime, environment, second.port)
        number = made.integration.id
        await integrations.change(runtime, environment, number, {"enabled": False})
        tried = await integrations.try_out(runtime, environment, number, "ada@acme.example")
        assert first.messages == []
        (message,) = second.messages
    assert tried.outcome is AttemptOutcome.SENT
    assert message.parsed["Subject"] == "Test from Acme"
    assert message.recipients == ("ada@acme.example",)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("451 4.7.1 later", AttemptOutcome.TRANSIENT),
        ("550 5.1.1 no such user", AttemptOutcome.PERMANENT),
    ],
)
async def test_a_trial_that_fails_tells_why(
    runtime: Runtime, environment: Environment, answer: str, outcome: AttemptOutcome
):
    with SmtpStandIn() as server:
        server.always(Step.RCPT, answer)
        number = (await add(runtime, environment, server.port)).integration.id
        tried = await integrations.try_out(runtime, environment, number, "ada@acme.example")
    assert tried.outcome is outcome
    assert answer.split(" ", 2)[2] in tried.detail


@pytest.mark.parametrize("channel", Channel)
async def test_the_sandbox_can_be_tried_on_every_channel(
    runtime: Runtime, environment: Environment, channel: Channel
):
    made = await integrations.add(runtime, environment, channel, "capture", {})
    tried = await integrations.try_out(runtime, environment, made.integration.id, "somewhere")
    assert tried.outcome is AttemptOutcome.SENT


# What only an operator can mend


@pytest.fixture
async def gateway() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as server:
        yield server


async def texting(rt: Runtime, environment: Environment, gateway: HttpStandIn) -> int:
    """An integration that texts through the gateway; its id."""
    change: integrations.IntegrationChange = {"settings": {"url": gateway.url("/send")}}
    made = await integrations.add(rt, environment, Channel.SMS, "http_sms", change)
    return made.integration.id


async def text(rt: Runtime, environment: Environment) -> None:
    await send(
        *(rt, environment),
        channels_with_content=(Channel.SMS,),
        in_app=None,
        content={Channel.SMS: {"message": "It has shipped"}},
        profile=Profile(number="+34600000001"),
    )
    while await delivering.work(rt):
        pass


async def problems(rt: Runtime, environment: Environment) -> list[str]:
    return [each.problem for each in await integrations.every(rt, environment)]


async def test_what_only_an_operator_can_mend_is_kept_until_something_goes_well(
    near: Runtime, environment: Environment, gateway: HttpStandIn
):
    number = await texting(near, environment, gateway)
    assert await integrations.troubled(near) == []
    gateway.script(Respond(401, body=b"who?"))
    await text(near, environment)
    refused = "The gateway refuses the secret (who?). Correct this integration's settings."
    assert await problems(near, environment) == [refused]
    [troubled] = await integrations.troubled(near)
    assert (troubled.integration.id, troubled.problem) == (number, refused)
    # What passes by itself says nothing of that.
    gateway.script(Respond(503))
    await text(near, environment)
    assert await problems(near, environment) == [refused]
    await text(near, environment)
    assert await problems(near, environment) == [""]


@pytest.mark.parametrize("answer", [Respond(503), Respond(400), Respond(429), Respond(500)])
async def test_what_an_operator_cannot_mend_is_no_problem_of_the_integration(
    near: Runtime, environment: Environment, gateway: HttpStandIn, answer: Respond
):
    await texting(near, environment, gateway)
    gateway.script(answer)
    await text(near, environment)
    assert await problems(near, environment) == [""]


async def test_other_settings_have_a_new_chance(
    near: Runtime, environment: Environment, gateway: HttpStandIn
):
    number = await texting(near, environment, gateway)
    gateway.script(Respond(404))
    await text(near, environment)
    assert await problems(near, environment) != [""]
    await integrations.change(near, environment, number, {"enabled": False})
    assert await problems(near, environment) == [""]


async def test_a_trial_tells_of_problems_too(
    near: Runtime, environment: Environment, gateway: HttpStandIn
):
    number = await texting(near, environment, gateway)
    gateway.script(Respond(403, body=b"no"))
    await integrations.try_out(near, environment, number, "+34600000001")
    assert "refuses the secret" in (await problems(near, environment))[0]
    await integrations.try_out(near, environment, number, "+34600000001")
    assert await problems(near, environment) == [""]


async def test_one_that_is_switched_off_troubles_nobody(
    near: Runtime, environment: Environment, gateway: HttpStandIn
):
    number = await texting(near, environment, gateway)
    await integrations.change(near, environment, number, {"enabled": False})
    gateway.script(Respond(403))
    await integrations.try_out(near, environment, number, "+34600000001")
    assert await integrations.troubled(near) == []


async def test_settings_that_no_key_opens_are_a_problem(
    near: Runtime, environment: Environment, gateway: HttpStandIn
):
    number = await texting(near, environment, gateway)
    found = Integration(number, environment.id, Channel.SMS, "http_sms", "SMS", {"url": "no"})
    async with near.database.write() as tx:
        await outbox.put_integration(tx, found, near.sealer, near.clock.now())
    await text(near, environment)
    assert "URL" in (await problems(near, environment))[0]
    assert len(await integrations.troubled(near)) == 1


# Web push from the start


@pytest.mark.parametrize(
    ("public_url", "contact"),
    [
        ("https://inbox.acme.example", "https://inbox.acme.example"),
        ("https://inbox.acme.example:8443", "https://inbox.acme.example"),
        ("https://acme.example/inbox", "https://acme.example"),
        ("https://localhost", NOBODY),
        ("https://[::1]", NOBODY),
        ("https://[::ffff:10.0.0.1]", NOBODY),
        ("https://" + "a." * 200 + "example", NOBODY),
        ("http://inbox.acme.example", NOBODY),
        ("http://127.0.0.1:8000", NOBODY),
    ],
)
async def test_push_services_are_told_whom_to_turn_to(
    runtime: Runtime, environment: Environment, public_url: str, contact: str
):
    runtime = replace(runtime, settings=replace(runtime.settings, public_url=public_url))
    made = integrations.web_push(runtime, environment)
    assert made.settings["contact"] == contact
    assert made.settings["private_keys"]
