"""What services over HTTP do to us, and what it means: the same for every provider of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from inbox_app.channels import registry
from inbox_app.channels.spec import SendResult, Tools
from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, RateLimited, Transient
from tests.channels.examples import Wire, examples, speaking
from tests.channels.faults import HTTP_ELSEWHERE, HTTP_FAULTS, patience
from tests.channels.parcels import outcome
from tests.channels.world import World
from tests.standins.http import Action, Do, Respond

OVER_HTTP = speaking(Wire.HTTP)
OVER_HTTP2 = speaking(Wire.HTTP2)
ALL = [*OVER_HTTP, *OVER_HTTP2]
Meanings = Mapping[int, type[ProviderError]]
HTTP2_FAULTS: list[tuple[Action, type[ProviderError]]] = [
    (Respond(500), Transient),
    (Respond(503), Transient),
    (Respond(503, {"Retry-After": "9"}), RateLimited),
    (Respond(429), RateLimited),
    (Respond(408), Transient),
    (Respond(302, {"Location": "https://127.0.0.1/"}), Transient),
    (Respond(405), Transient),
    (Do.STALL, OutcomeUnknown),
    (Do.CUT_BEFORE_READING, OutcomeUnknown),
    (Do.CUT_AFTER_READING, OutcomeUnknown),
]


FOR_GOOD: Meanings = dict.fromkeys(HTTP_ELSEWHERE, Permanent)
MAYBE: Meanings = dict.fromkeys((500, 502, 504), OutcomeUnknown)
OTHERWISE: Mapping[str, Meanings] = {
    **{name: FOR_GOOD for name in OVER_HTTP if registry.provider_named(name).place},
    **dict.fromkeys(("twilio", "http_sms"), MAYBE),
}
"""What statuses mean to those whose address comes from outside, and to those who send a message
twice when it comes twice."""


async def sent(world: World, name: str, tools: Tools, seconds: float = 10):
    example = examples()[name]
    return await outcome(name, example.parcel, example.settings(world.port), tools, seconds)


@pytest.mark.parametrize("name", ALL)
async def test_what_is_taken_is_sent(name: str, world: World, world_tools: Tools):
    world.play(examples()[name], examples()[name].yes)
    result = await sent(world, name, world_tools)
    assert isinstance(result, SendResult), result
    assert examples()[name].secret not in f"{result!r} {result.fields}"


@pytest.mark.parametrize(
    ("name", "action", "kind"),
    [(n, *fault) for n in OVER_HTTP for fault in HTTP_FAULTS]
    + [(n, *fault) for n in OVER_HTTP2 for fault in HTTP2_FAULTS],
)
async def test_a_fault_says_what_it_means(
    name: str, action: Action, kind: type[ProviderError], world: World, world_tools: Tools
):
    example = examples()[name]
    # What was called before is answered, and only then comes the fault.
    world.play(example, action)
    error = await sent(world, name, world_tools, patience(action))
    assert isinstance(error, ProviderError)
    kind = OTHERWISE.get(name, {}).get(getattr(action, "status", 0), kind)
    assert type(error) is kind or (kind is Permanent and isinstance(error, Permanent))
    assert example.secret not in f"{error} {error!r} {error.__dict__} {error.__context__!r}"


@pytest.mark.parametrize("name", ALL)
async def test_a_service_that_repeats_the_secret_is_not_quoted(
    name: str, world: World, world_tools: Tools
):
    secret = examples()[name].secret
    world.play(examples()[name], Respond(401, body=f"{secret} is not a valid key".encode()))
    error = await sent(world, name, world_tools)
    assert isinstance(error, ProviderError)
    assert secret not in f"{error} {error!r} {error.__dict__}"
