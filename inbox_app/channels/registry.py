"""Finds the providers, checks their settings, and calls them so that nothing foreign escapes."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from inbox_app.channels import adapters
from inbox_app.channels.spec import (
    Call,
    Heard,
    Parcel,
    Provider,
    ProviderSettings,
    Renewal,
    SendResult,
    Tools,
)
from inbox_app.domain.errors import (
    InboxError,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Transient,
)
from inbox_app.domain.notification_type import Channel

logger = logging.getLogger(__name__)

Called = TypeVar("Called")
GRACE = 1.0
"""Seconds an adapter gets beyond its time to end by itself."""


@cache
def providers() -> Mapping[str, Provider[Any]]:
    """All providers by name: one for each module in ``adapters``."""
    found: dict[str, Provider[Any]] = {}
    for module in pkgutil.iter_modules(adapters.__path__, f"{adapters.__name__}."):
        provider: Provider[Any] = importlib.import_module(module.name).PROVIDER
        found[provider.name] = provider
    return MappingProxyType(dict(sorted(found.items())))


def for_channel(channel: Channel) -> tuple[Provider[Any], ...]:
    """The providers that carry ``channel``, by name."""
    return tuple(each for each in providers().values() if channel in each.channels)


def provider_named(name: str) -> Provider[Any]:
    """The provider of that name.

    Raises:
        NotFound: there is none.
    """
    try:
        return providers()[name]
    except KeyError:
        raise NotFound(
            f"There is no provider {name!r}.", fix=f"Use one of {', '.join(providers())}."
        ) from None


def settings_of(provider_name: str, raw: Mapping[str, Any]) -> ProviderSettings:
    """Checked settings from stored or entered ones.

    Raises:
        NotFound: there is no such provider.
        InvalidInput: names what is wrong with which setting, without its value.
    """
    model: type[ProviderSettings] = provider_named(provider_name).settings
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        problems = [f"{_title(model, one['loc'])}: {one['msg']}" for one in error.errors()]
        raise InvalidInput("; ".join(problems) + ".") from None


def _title(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    name = str(place[0]) if place else "Settings"
    known = model.model_fields.get(name)
    return (known.title if known else None) or name


def dump(settings: BaseModel) -> dict[str, Any]:
    """All settings as JSON values, secrets included: to be sealed, never shown."""
    return settings.model_dump(mode="json") | {
        name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)
    }


def shown(settings: BaseModel) -> dict[str, Any]:
    """The settings that are no secrets, as JSON values."""
    secret = {name for name, value in settings if isinstance(value, SecretStr)}
    return settings.model_dump(mode="json", exclude=secret)


def secrets_set(settings: BaseModel) -> tuple[str, ...]:
    """The names of the secrets that are not empty."""
    secrets = ((name, value) for name, value in settings if isinstance(value, SecretStr))
    return tuple(name for name, value in secrets if value.get_secret_value())


async def deliver(
    provider: Provider[Any],
    parcel: Parcel,
    settings: BaseModel,
    tools: Tools,
    timeout: float,
) -> SendResult:
    """Sends one parcel within ``timeout`` seconds, or a moment more.

    Raises:
        ProviderError: and nothing else. An adapter that does not end by itself may have written
            the message, so that is ``OutcomeUnknown``; one that fails by mistake is ``Transient``.
    """
    call = partial(provider.send, parcel, settings, replace(tools, timeout=timeout))
    return await _called(provider.name, call, timeout)


async def renew(
    provider: Provider[Any],
    renewal: Renewal[Any],
    secret: str,
    settings: BaseModel,
    tools: Tools,
) -> str:
    """A new secret for this one, within the time of ``tools``, or a moment more.

    Raises:
        ProviderError: and nothing else; never ``OutcomeUnknown``, for no message was sent.
    """
    try:
        call = partial(renewal.renew, secret, settings, tools)
        return await _called(provider.name, call, tools.timeout)
    except OutcomeUnknown as error:
        failure = Transient(provider.name, error.detail, status=error.status, about_message=True)
    raise failure


async def _called(provider: str, call: Callable[[], Awaitable[Called]], timeout: float) -> Called:
    limit = asyncio.timeout(timeout + GRACE)
    try:
        async with limit:
            return await call()
    except ProviderError as error:
        failure = error
    except Exception as error:
        failure = _mistake(provider, error, timed_out=limit.expired())
    # What it came from hangs there, in words that nobody has searched for secrets.
    failure.__cause__ = failure.__context__ = None
    raise failure


async def hear(provider: Provider[Any], call: Call, settings: BaseModel, tools: Tools) -> Heard:
    """Reads what a provider reports.

    Raises:
        NotFound: this provider reports nothing.
        Unauthenticated: it is not the provider that calls.
        InvalidInput: it cannot be understood.
        Unavailable: what proves it could not be fetched now; the provider calls again.
    """
    if provider.hear is None:
        raise NotFound(f"{provider.label} reports nothing here.")
    try:
        return await provider.hear(call, settings, tools)
    except InboxError as error:
        failure: InboxError = error
    except Exception as error:
        failure = _unread(provider.name, error)
    failure.__cause__ = failure.__context__ = None
    raise failure


def _unread(provider: str, error: Exception) -> InvalidInput:
    # Its text may hold anything, a secret too.
    logger.error("A report of %s cannot be read: %s", provider, _place(error))
    return InvalidInput("This report cannot be understood.")


def _mistake(provider: str, error: Exception, *, timed_out: bool) -> ProviderError:
    if timed_out and isinstance(error, TimeoutError):
        return OutcomeUnknown(provider, "no answer in time", status="timeout")
    # Its text may hold anything, a secret too.
    logger.error("%s failed by mistake: %s", provider, _place(error))
    return Transient(provider, "the adapter failed", status="internal")


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"
