"""Integrations: an environment's settings for the providers that carry its messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict
from urllib.parse import urlsplit

from inbox_app.channels import registry
from inbox_app.channels.spec import Parcel, Provider
from inbox_app.channels.webpush import NAME as WEB_PUSH
from inbox_app.domain.delivery import AttemptOutcome, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import (
    Conflict,
    InboxError,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
)
from inbox_app.domain.notification_type import Channel
from inbox_app.lib import ids
from inbox_app.pipeline import parcels
from inbox_app.rendering import messages
from inbox_app.rendering.messages import Part, Reader
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, outbox

log = logging.getLogger(__name__)

MOST = 20
"""Integrations of a channel."""
NOBODY = "mailto:operator@inbox.example"
"""Push services ask for an address; this one is nobody's (RFC 2606)."""
LONGEST_HOST = 253
TEST_CONTENT: Mapping[Channel, Mapping[str, Any]] = {
    Channel.EMAIL: {
        "subject": "Test from {{environment}}",
        "html": "<p>This integration can send e-mail.</p>",
    },
    Channel.SMS: {"message": "Test from {{environment}}: this integration can send texts."},
    Channel.CALL: {"message": "Test from {{environment}}: this integration can call."},
    Channel.PUSH: {"title": "Test", "message": "This integration can send pushes."},
    Channel.WEB_PUSH: {"title": "Test", "message": "This integration can send web pushes."},
    Channel.SLACK: {"text": "Test from {{environment}}: this integration can write to Slack."},
    Channel.INAPP_WEB: {"title": "Test from {{environment}}"},
}


class IntegrationChange(TypedDict, total=False):
    """What is to be different; the words of `domain.delivery.Integration` hold.

    ``settings`` are merged by key; None takes one back to its default.
    """

    name: str
    settings: Mapping[str, Any]
    position: int
    enabled: bool
    rate: float | None
    concurrency: int


@dataclass(frozen=True)
class IntegrationView:
    """An integration without its secrets.

    Attributes:
        integration: Its settings are empty here.
        settings: Those that are no secrets.
        secrets: Names of the secrets that are set.
        problem: What only an operator can mend: why the settings cannot be used any more, or what
            the provider refused last; or "".
    """

    integration: Integration
    settings: Mapping[str, Any]
    secrets: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class Trial:
    """How a test message went; ``detail`` is in the provider's words, without secrets."""

    outcome: AttemptOutcome
    detail: str
    message_id: str = ""


def providers() -> list[Provider[Any]]:
    """All providers, by name."""
    return list(registry.providers().values())


def label_of(provider_name: str) -> str:
    """What a provider is called by people; its name when it is known no more."""
    known = registry.providers().get(provider_name)
    return known.label if known else provider_name


async def every(rt: Runtime, environment: Environment) -> list[IntegrationView]:
    """All integrations, by channel in the order of fail-over."""
    async with rt.database.read() as tx:
        return [_view(each) for each in await outbox.integrations(tx, environment.id, rt.sealer)]


async def troubled(rt: Runtime) -> list[IntegrationView]:
    """Those of all environments that are enabled and that an operator has to mend."""
    async with rt.database.read() as tx:
        known = await outbox.every_integration(tx, rt.sealer)
    return [view for each in known if each.enabled and (view := _view(each)).problem]


def web_push(rt: Runtime, environment: Environment) -> Integration:
    """Web push with keys of its own: it needs no account, so people can opt in from the start."""
    provider = registry.provider_named(WEB_PUSH)
    made = Integration(
        *(ids.row_id(), environment.id, Channel.WEB_PUSH, provider.name, provider.label),
        settings={},
    )
    return _changed(made, {"settings": {"contact": _contact(rt.settings.public_url)}})


def _contact(public_url: str) -> str:
    """Whom push services turn to: this server where it has a name, else nobody there is."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    named = "." in host and ":" not in host and len(host) <= LONGEST_HOST
    return f"https://{host}" if parts.scheme == "https" and named else NOBODY


async def add(
    rt: Runtime,
    environment: Environment,
    channel: Channel,
    provider_name: str,
    change: IntegrationChange,
) -> IntegrationView:
    """Saves a new integration, by default the last of its channel; it is used at once.

    Raises:
        NotFound: there is no such provider.
        InvalidInput: it does not carry the channel, or its settings are wrong.
        Conflict: the channel has too many.
    """
    provider = registry.provider_named(provider_name)
    if channel not in provider.channels:
        able = ", ".join(sorted(each.name for each in registry.for_channel(channel)))
        raise InvalidInput(f"{provider.name} does not carry {channel}.", fix=f"Use {able}.")
    made = Integration(
        ids.row_id(), environment.id, channel, provider.name, provider.label, settings={}
    )
    made = _changed(made, change)
    async with rt.database.write() as tx:
        known = await outbox.integrations(tx, environment.id, rt.sealer, to_change=True)
        positions = [each.position for each in known if each.channel is channel]
        if len(positions) >= MOST:
            raise Conflict(f"{channel} has {MOST} integrations.", fix="Remove one first.")
        if "position" not in change:
            made = replace(made, position=max(positions, default=-1) + 1)
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    rt.integrations.forget(environment.id)
    return _view(made)


async def change(
    rt: Runtime, environment: Environment, integration_id: int, change: IntegrationChange
) -> IntegrationView:
    """Changes an integration; other processes go by it within five seconds.

    Raises:
        NotFound: there is no such integration.
        InvalidInput: the settings would be wrong.
    """
    return await _change(rt, environment, integration_id, lambda _: change)


async def _change(
    rt: Runtime,
    environment: Environment,
    integration_id: int,
    how: Callable[[Integration], IntegrationChange],
) -> IntegrationView:
    async with rt.database.write() as tx:
        known = await outbox.integrations(tx, environment.id, rt.sealer, to_change=True)
        found = _with_id(known, integration_id)
        changed = _changed(found, how(found))
        await outbox.put_integration(tx, changed, rt.sealer, rt.clock.now())
    # What failed with the old settings may work with the new ones.
    rt.breakers.forget(integration_id)
    rt.integrations.forget(environment.id)
    return _view(changed)


async def remove(rt: Runtime, environment: Environment, integration_id: int) -> None:
    """Deletes an integration.

    Raises:
        NotFound: there is no such integration.
    """
    async with rt.database.write() as tx:
        if not await outbox.remove_integration(tx, environment.id, integration_id):
            raise _unknown(integration_id)
    rt.integrations.forget(environment.id)


async def rotate(rt: Runtime, environment: Environment, integration_id: int) -> IntegrationView:
    """Gives an integration new secrets beside the old ones, which go on counting for a while.

    Raises:
        NotFound: there is no such integration.
        InvalidInput: its provider makes no secrets by itself, or its settings are wrong.
    """
    return await _change(rt, environment, integration_id, _rotated)


def _rotated(known: Integration) -> IntegrationChange:
    provider = registry.provider_named(known.provider)
    if provider.rotated is None:
        raise InvalidInput(
            f"{provider.label} makes no secrets by itself.", fix="Change its settings instead."
        )
    return {"settings": provider.rotated(registry.settings_of(known.provider, known.settings))}


async def public(rt: Runtime, environment: Environment, channel: Channel) -> Mapping[str, Any]:
    """What everybody may know of how a channel is sent; empty when nothing carries it."""
    async with rt.database.read() as tx:
        known = await outbox.integrations(tx, environment.id, rt.sealer)
    for each in known:
        provider = registry.providers().get(each.provider)
        if each.channel is channel and each.enabled and provider and provider.public:
            try:
                return provider.public(registry.settings_of(each.provider, each.settings))
            except InvalidInput as error:
                log.warning("Integration %d cannot be used: %s", each.id, error.message)
    return {}


async def try_out(rt: Runtime, environment: Environment, integration_id: int, to: str) -> Trial:
    """Sends a message to an address through this integration alone, enabled or not.

    Raises:
        NotFound: there is no such integration.
        InvalidInput: its settings cannot be used any more.
    """
    async with rt.database.read() as tx:
        known = await outbox.integrations(tx, environment.id, rt.sealer)
        found = _with_id(known, integration_id)
        given = await addresses.find(tx, environment.id, found.channel, to)
    settings = registry.settings_of(found.provider, found.settings)
    provider = registry.provider_named(found.provider)
    parcel = _parcel(environment, found.channel, to, rt.clock.now())
    if given is not None:
        parcel = parcels.addressed(rt, parcel, given)
    try:
        sent = await registry.deliver(provider, parcel, settings, rt.tools, rt.tools.timeout)
    except ProviderError as error:
        if error.for_operator:
            await _note(rt, found, error.detail)
        return Trial(_outcome(error), error.message)
    await _note(rt, found, "")
    return Trial(AttemptOutcome.SENT, sent.detail or "The provider took it.", sent.message_id)


async def _note(rt: Runtime, integration: Integration, problem: str) -> None:
    if problem != integration.problem:
        async with rt.database.write() as tx:
            await outbox.note_problems(tx, {integration.id: problem})
        rt.integrations.forget(integration.environment_id)


def _parcel(environment: Environment, channel: Channel, to: str, now: datetime) -> Parcel:
    reader = Reader("", "test", "UTC", environment.title, preferences_url="", unsubscribe_url="")
    part = Part("Test", {}, TEST_CONTENT[channel], {}, now, "")
    message = messages.render(channel, part, reader)
    return Parcel(
        delivery_id=0,
        tracking_id="",
        channel=channel,
        to=to,
        fields=message.fields,
        options={},
        key=f"test-{ids.tracking_id()}",
    )


def _outcome(error: ProviderError) -> AttemptOutcome:
    match error:
        case OutcomeUnknown():
            return AttemptOutcome.UNKNOWN
        case Permanent():
            return AttemptOutcome.PERMANENT
        case RateLimited():
            return AttemptOutcome.RATE_LIMITED
        case _:
            return AttemptOutcome.TRANSIENT


def _changed(integration: Integration, change: IntegrationChange) -> Integration:
    """The integration as it is to be, its settings checked.

    Raises:
        InvalidInput: they are wrong; names the setting, not its value.
    """
    merged = {**integration.settings, **change.get("settings", {})}
    given = {name: value for name, value in merged.items() if value is not None}
    settings = registry.dump(registry.settings_of(integration.provider, given))
    # What was refused with other settings may be taken with these.
    return replace(integration, **{**change, "settings": settings, "problem": ""})


def _view(integration: Integration) -> IntegrationView:
    bare = replace(integration, settings={})
    try:
        settings = registry.settings_of(integration.provider, integration.settings)
    except InboxError as error:
        return IntegrationView(bare, {}, (), error.message)
    known = (registry.shown(settings), registry.secrets_set(settings))
    return IntegrationView(bare, *known, integration.problem)


def _with_id(known: list[Integration], integration_id: int) -> Integration:
    for each in known:
        if each.id == integration_id:
            return each
    raise _unknown(integration_id)


def _unknown(integration_id: int) -> NotFound:
    return NotFound(f"There is no integration {integration_id}.", fix="List them to see their ids.")
