"""Sending one delivery: rendered, handed to one integration after the other until one takes it."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from inbox_app.channels import registry
from inbox_app.channels.spec import Parcel, SendResult
from inbox_app.domain.address import GIVEN_OUT
from inbox_app.domain.breaker import Breaker
from inbox_app.domain.delivery import (
    Attempt,
    AttemptOutcome,
    Captured,
    Delivery,
    DeliveryStatus,
    Integration,
    Message,
    Suppression,
    SuppressionReason,
)
from inbox_app.domain.errors import (
    InboxError,
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
)
from inbox_app.domain.retry import Retry, asked_wait, decide_retry
from inbox_app.lib import ids
from inbox_app.pipeline import composing, mail_links, parcels, renewing
from inbox_app.pipeline.recheck import Going
from inbox_app.runtime import Runtime
from inbox_app.storage.addresses import Fared

CAPTURE = "capture"
OFF = timedelta(minutes=1)
"""How often it is looked whether an integration was switched on again."""
MOST_INTERRUPTIONS = 50
INTERRUPTED = f"A worker stopped in the middle of it {MOST_INTERRUPTIONS} times."
MISTAKE = "This server made a mistake with it; its log has the cause."

log = logging.getLogger(__name__)


@dataclass
class Sent:
    """What became of a delivery.

    Attributes:
        riders: What rode in it, with the same fate once that is final.
        fared: What it tells of the address.
        problems: What it tells of integrations (`Integration.problem`), where that is news.
        warnings: What its sender should know, such as values that were missing.
    """

    delivery: Delivery
    riders: tuple[Delivery, ...] = ()
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    captured: Captured | None = None
    suppression: Suppression | None = None
    fared: Fared | None = None
    problems: dict[int, str] = field(default_factory=dict[int, str])
    warnings: tuple[str, ...] = ()


async def send(rt: Runtime, going: Going, integrations: tuple[Integration, ...]) -> Sent:
    """Renders and sends; never raises, for what it was asked to send would be sent again."""
    sent = Sent(going.delivery, going.riders)
    if going.delivery.interruptions >= MOST_INTERRUPTIONS:
        return _ended(rt, sent, DeliveryStatus.FAILED, INTERRUPTED)
    try:
        return await _sent(rt, sent, going, integrations)
    except InboxError as error:
        return _ended(rt, sent, DeliveryStatus.FAILED, error.message)
    except Exception:
        log.exception("Delivery %d cannot be sent.", going.delivery.id)
        return _ended(rt, sent, DeliveryStatus.FAILED, MISTAKE)


async def _sent(
    rt: Runtime, sent: Sent, going: Going, integrations: tuple[Integration, ...]
) -> Sent:
    ends, changes = mail_links.unsubscribe_url(rt, going), mail_links.preferences_url(rt, going)
    message = composing.render(going, ends, changes)
    sent.warnings = message.warnings
    channel = going.delivery.channel
    known = [each for each in integrations if each.channel is channel]
    if not known:
        return await _captured(rt, sent, going, message)
    address = parcels.address_of(going)
    fitting = parcels.fitting(known, address)
    if not fitting:
        unfit = f"No integration for {channel.label} takes addresses of the kind {address.kind}."
        return _ended(rt, sent, DeliveryStatus.FAILED, unfit)
    through = [each for each in fitting if each.enabled]
    if not through:
        off = f"Waits: every integration for {channel.label} is switched off."
        return _later(rt, sent, rt.clock.now() + OFF, off)
    reporting = mail_links.with_reports(rt, going, message)
    parcel = parcels.parcel(rt, going, reporting, address)
    return await _through(rt, sent, going, parcel, through)


async def _captured(rt: Runtime, sent: Sent, going: Going, message: Message) -> Sent:
    """Without an integration the sandbox keeps it; nobody opens that, so nothing reports it."""
    started, delivery = rt.clock.now(), sent.delivery
    sent.captured = _kept(delivery, message.fields, started)
    sent.fared = _fared(rt, delivery)
    detail = "Captured by the sandbox: nothing left this server."
    _record(sent, CAPTURE, None, started, rt.clock.now(), AttemptOutcome.SENT, detail=detail)
    return _ended(rt, sent, DeliveryStatus.SENT, detail)


def _kept(delivery: Delivery, fields: Mapping[str, Any], at: datetime) -> Captured:
    return Captured(
        id=ids.ordered_id(),
        environment_id=delivery.environment_id,
        delivery_id=delivery.id,
        tracking_id=delivery.tracking_id,
        channel=delivery.channel,
        to=delivery.address,
        fields=fields,
        at=at,
    )


async def _through(
    rt: Runtime, sent: Sent, going: Going, parcel: Parcel, integrations: list[Integration]
) -> Sent:
    """Tries one integration after the other, until one takes it or none is left."""
    errors: list[ProviderError] = []
    waits: list[datetime] = []
    for each in integrations:
        breaker = _breaker(rt, each, parcel)
        free_at = await _free_at(rt, each, breaker, sent.delivery)
        if free_at is not None:
            waits.append(free_at)
            if breaker.opens_at(rt.clock.now()) is None:
                # Only failures fail over: whoever waits for its turn has one here.
                break
            continue
        told = replace(parcel, callback=parcels.callback_url(rt, each), through=each.id)
        result = await _call(rt, sent, told, each)
        if isinstance(result, SendResult):
            sent.delivery = replace(
                sent.delivery, integration_id=each.id, message_id=result.message_id
            )
            if result.fields is not None:
                sent.captured = _kept(sent.delivery, result.fields, rt.clock.now())
            sent.fared = _fared(rt, sent.delivery)
            return _ended(rt, sent, DeliveryStatus.SENT, result.detail)
        errors.append(result)
        if isinstance(result, OutcomeUnknown):
            # Its provider may still report that it arrived.
            sent.delivery = replace(sent.delivery, integration_id=each.id)
        if _stops(result, going):
            break
    return _failed(rt, sent, going, errors, waits)


def _breaker(rt: Runtime, integration: Integration, parcel: Parcel) -> Breaker:
    provider = registry.providers().get(integration.provider)
    place = provider.place(parcel.to) if provider and provider.place else ""
    return rt.breakers.at(integration.id, place)


async def _free_at(
    rt: Runtime, integration: Integration, breaker: Breaker, delivery: Delivery
) -> datetime | None:
    """When an integration may be called for a delivery, None when it may now.

    The breaker is looked at first, for a turn is not to be taken in vain, and asked last, for its
    yes may be the one probe.
    """
    now = rt.clock.now()
    if (opens_at := breaker.opens_at(now)) is not None:
        return opens_at
    if integration.rate is not None:
        key, who = str(integration.id), str(delivery.id)
        seconds = await rt.limiter.wait(key, integration.rate, now, who)
        if seconds > 0:
            return now + timedelta(seconds=seconds)
    return None if breaker.allows(now) else breaker.opens_at(now) or now


async def _call(
    rt: Runtime, sent: Sent, parcel: Parcel, integration: Integration
) -> SendResult | ProviderError:
    breaker = _breaker(rt, integration, parcel)
    started = rt.clock.now()
    try:
        provider = registry.provider_named(integration.provider)
        settings = registry.settings_of(integration.provider, integration.settings)
        parcel = await renewing.fresh(rt, sent.delivery, parcel, provider, settings)
        async with rt.concurrency.slot(integration.id, integration.concurrency):
            started = rt.clock.now()
            result = await registry.deliver(provider, parcel, settings, rt.tools, rt.tools.timeout)
    except ProviderError as error:
        _record_error(sent, integration, started, rt.clock.now(), error)
        if error.for_operator:
            _note_problem(sent, integration, error.detail)
        if _is_the_service(error):
            breaker.failed(rt.clock.now())
        else:
            breaker.succeeded(rt.clock.now())
        return error
    except InboxError as error:
        # Settings that an update of this server no longer takes, or that no key opens: the operator
        # can mend them before the message is too old.
        wrong = Transient(integration.provider, error.message, status="settings", for_operator=True)
        _note_problem(sent, integration, wrong.detail)
        _record_error(sent, integration, started, rt.clock.now(), wrong)
        breaker.failed(rt.clock.now())
        return wrong
    breaker.succeeded(rt.clock.now())
    _note_problem(sent, integration, "")
    _record(
        *(sent, integration.provider, integration.id, started, rt.clock.now()),
        AttemptOutcome.SENT,
        detail=result.detail,
    )
    return result


def _note_problem(sent: Sent, integration: Integration, problem: str) -> None:
    if problem != integration.problem:
        sent.problems[integration.id] = problem


def _is_the_service(error: ProviderError) -> bool:
    """Whether it says of the provider, not of this message, that it does not work now."""
    if isinstance(error, Transient):
        return not (error.about_message or isinstance(error, RateLimited))
    return isinstance(error, OutcomeUnknown)


def _stops(error: ProviderError, going: Going) -> bool:
    """Whether no other try may follow: it may have arrived, or would fail there as well."""
    if isinstance(error, OutcomeUnknown):
        return not all(told.kind.type.resend_unknown for told in going.parts)
    return isinstance(error, Permanent) and error.dead_address


def _failed(
    rt: Runtime, sent: Sent, going: Going, errors: list[ProviderError], waits: list[datetime]
) -> Sent:
    """Given up only when all refused it for good, or the policy has no more patience."""
    if not errors:
        return _later(rt, sent, min(waits), "Waits until the provider takes more.")
    if _stops(errors[-1], going):
        return _stopped(rt, sent, errors[-1])
    passing = [each for each in errors if not isinstance(each, Permanent)]
    sent.fared = _fared(rt, sent.delivery, errors[-1].detail)
    # Whoever asks for the shortest wait is the first that can be asked again.
    error = min(passing or errors, key=asked_wait)
    now, delivery = rt.clock.now(), sent.delivery
    tries, first = delivery.attempts - delivery.tried_before, delivery.tried_since or now
    again = bool(passing or waits)
    decided = decide_retry(error, tries, first, now, random.random, again=again)
    if isinstance(decided, Retry):
        # What was refused for good need not be asked again before somebody else is free.
        at = decided.at if passing else max(decided.at, min(waits))
        return _later(rt, sent, at, error.message)
    unknown = any(isinstance(each, OutcomeUnknown) for each in errors)
    return _ended(
        *(rt, sent, DeliveryStatus.UNKNOWN if unknown else DeliveryStatus.FAILED), error.message
    )


def _stopped(rt: Runtime, sent: Sent, error: ProviderError) -> Sent:
    """It may have arrived; or the address is dead, and is not used again."""
    delivery = sent.delivery
    if isinstance(error, OutcomeUnknown):
        return _ended(rt, sent, DeliveryStatus.UNKNOWN, error.message)
    since = error.dead_since if isinstance(error, Permanent) else None
    sent.fared = _fared(rt, delivery, error.detail, dead=error.detail, since=since)
    if delivery.channel not in GIVEN_OUT:
        sent.suppression = _suppression(rt, delivery, error)
    return _ended(rt, sent, DeliveryStatus.FAILED, error.message)


def _suppression(rt: Runtime, delivery: Delivery, error: ProviderError) -> Suppression:
    asked = isinstance(error, Permanent) and error.opted_out
    return Suppression(
        environment_id=delivery.environment_id,
        channel=delivery.channel,
        address=delivery.address,
        reason=SuppressionReason.UNSUBSCRIBE if asked else SuppressionReason.BOUNCE,
        details={"provider": error.provider, "status": error.status, "detail": error.detail},
        at=rt.clock.now(),
    )


def _fared(
    rt: Runtime,
    delivery: Delivery,
    failure: str = "",
    *,
    dead: str = "",
    since: datetime | None = None,
) -> Fared:
    place, now = (delivery.user_id, delivery.channel, delivery.address), rt.clock.now()
    return Fared(*place, now, failure, dead, since)


def _later(rt: Runtime, sent: Sent, at: datetime, detail: str) -> Sent:
    if sent.attempts:
        sent.attempts[-1] = replace(sent.attempts[-1], retry_at=at)
    sent.delivery = replace(
        sent.delivery,
        status=DeliveryStatus.PENDING,
        due_at=at,
        detail=detail,
        updated_at=rt.clock.now(),
    )
    return sent


def _ended(rt: Runtime, sent: Sent, status: DeliveryStatus, detail: str) -> Sent:
    now = rt.clock.now()
    sent.delivery = replace(sent.delivery, status=status, detail=detail, updated_at=now)
    sent.riders = tuple(
        replace(each, status=status, detail=detail, updated_at=now) for each in sent.riders
    )
    return sent


def _record_error(
    sent: Sent, integration: Integration, started: datetime, ended: datetime, error: ProviderError
) -> None:
    outcome = AttemptOutcome.TRANSIENT
    match error:
        case RateLimited():
            outcome = AttemptOutcome.RATE_LIMITED
        case Permanent():
            outcome = AttemptOutcome.PERMANENT
        case OutcomeUnknown():
            outcome = AttemptOutcome.UNKNOWN
        case _:
            pass
    _record(
        *(sent, integration.provider, integration.id, started, ended, outcome),
        code=error.status,
        detail=error.detail,
    )


def _record(  # noqa: PLR0913 - the fields of an attempt
    sent: Sent,
    provider: str,
    integration_id: int | None,
    started: datetime,
    ended: datetime,
    outcome: AttemptOutcome,
    *,
    code: str = "",
    detail: str = "",
) -> None:
    number = sent.delivery.attempts + 1
    since = sent.delivery.tried_since or started
    sent.delivery = replace(sent.delivery, attempts=number, tried_since=since)
    sent.attempts.append(
        Attempt(
            delivery_id=sent.delivery.id,
            number=number,
            provider=provider,
            started_at=started,
            outcome=outcome,
            integration_id=integration_id,
            ended_at=ended,
            code=code,
            detail=detail,
        )
    )
