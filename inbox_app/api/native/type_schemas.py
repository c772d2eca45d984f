"""Wire shapes of notification types (wire/pingram, section 6). Unknown keys are ignored."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator

from inbox_app.api.native.schemas import Id, Wire
from inbox_app.domain.delivery_option import DeliveryOption, MonthDay
from inbox_app.domain.notification_type import Channel, PeriodUnit
from inbox_app.domain.preference import WEEKDAYS

YEAR = 366 * 86_400
MONTH = 31 * 86_400
WEEK = 7 * 86_400
LARGEST = 1_000_000
IN_APP_OPTIONS = {DeliveryOption.OFF, DeliveryOption.INSTANT}
SCOPE = ("userId", "notificationId")


def _hour(text: str) -> str:
    hour, colon, minute = text.partition(":")
    return f"{int(hour):02}:{minute if colon else '00'}"


def _weekday(text: str) -> str:
    if text.lower() not in WEEKDAYS:
        raise ValueError(f"is not one of {', '.join(WEEKDAYS)}")
    return text.lower()


Title = Annotated[str, Field(min_length=1, max_length=200)]
Hour = Annotated[
    str,
    Field(
        pattern=r"^([01]?[0-9]|2[0-3])(:[0-5][0-9])?$",
        description="On the user's clock: 8, 08 or 08:30.",
    ),
    AfterValidator(_hour),
]
Weekday = Annotated[str, Field(description="monday to sunday"), AfterValidator(_weekday)]


class Switch(Wire):
    enabled: StrictBool = False


class Instant(Switch):
    """At once; in the inbox, batching lets those of one key become one item."""

    batching: StrictBool = False
    batching_key: Annotated[str, Field(max_length=200)] | None = None
    batching_window: Annotated[float, Field(ge=1, le=WEEK, description="Seconds.")] | None = None


class Daily(Switch):
    hour: Hour | None = None


class Weekly(Daily):
    day: Weekday | None = None


class Monthly(Daily):
    date: MonthDay | None = None


class OptionsShape(Wire):
    """What users may choose on a channel; what is not enabled is not offered."""

    default_delivery_option: DeliveryOption = DeliveryOption.INSTANT
    off: Switch | None = None
    instant: Instant | None = None
    hourly: Switch | None = None
    daily: Daily | None = None
    weekly: Weekly | None = None
    monthly: Monthly | None = None


class DeduplicationShape(Wire):
    duration: Annotated[float, Field(ge=1, le=YEAR, description="Seconds.")]


class ThrottlingShape(Wire):
    """At most ``max`` to one user per ``period`` of ``unit``, or ever."""

    max: Annotated[int, Field(ge=1, le=LARGEST)]
    period: Annotated[int, Field(ge=1, le=LARGEST)] = 1
    unit: PeriodUnit = PeriodUnit.HOURS
    forever: StrictBool = False
    scope: list[Literal["userId", "notificationId"]] = list(SCOPE)

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if sorted(self.scope) != sorted(SCOPE):
            raise ValueError("scope is always userId and notificationId")
        return self


class TypeFields(Wire):
    """What a type has besides its name; what begins with ``required`` is ours."""

    options: dict[Channel, OptionsShape | None] | None = None
    deduplication: DeduplicationShape | None = None
    throttling: ThrottlingShape | None = None
    retention: Annotated[int, Field(ge=1, le=36_500, description="Days.")] | None = None
    enabled: StrictBool | None = None
    required: StrictBool | None = None
    escalation_seconds: Annotated[float, Field(ge=1, le=MONTH)] | None = None
    track_opens: StrictBool | None = None
    track_clicks: StrictBool | None = None
    resend_unknown: StrictBool | None = None
    sub_notifications: Annotated[dict[Id, Title | None], Field(max_length=200)] | None = None
    category: Annotated[str, Field(max_length=60)] | None = None
    description: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _has_no_digest_in_the_inbox(self) -> Self:
        shape = (self.options or {}).get(Channel.INAPP_WEB)
        if shape is not None and _offered(shape) - IN_APP_OPTIONS:
            raise ValueError("options.INAPP_WEB offers nothing but off and instant")
        return self


class NewType(TypeFields):
    """A type to be made."""

    notification_id: Id
    title: Title
    channels: list[Channel]


class TypeChangeBody(TypeFields):
    """What is to be different about a type; what is left out stays.

    null takes out deduplication, throttling, retention, escalationSeconds, and single keys of
    options and subNotifications.
    """

    title: Title | None = None
    channels: list[Channel] | None = None


class TypeTemplates(Wire):
    channel: Channel
    template_ids: list[str]


class TypeAnswer(Wire):
    env_id: str
    notification_id: str
    title: str
    channels: list[Channel]
    enabled: bool
    options: dict[Channel, dict[str, Any]]
    deduplication: dict[str, float] | None = None
    throttling: ThrottlingShape | None = None
    retention: int | None = None
    templates: list[TypeTemplates]
    required: bool
    escalation_seconds: float | None = None
    track_opens: bool
    track_clicks: bool
    resend_unknown: bool
    sub_notifications: dict[str, str]
    category: str
    description: str


def _offered(shape: OptionsShape) -> set[DeliveryOption]:
    switches: dict[DeliveryOption, Switch | None] = {
        option: getattr(shape, option.value) for option in DeliveryOption
    }
    enabled = {option for option, switch in switches.items() if switch and switch.enabled}
    return {shape.default_delivery_option} | enabled
