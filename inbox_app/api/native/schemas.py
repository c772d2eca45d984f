"""Wire shapes of the native API (wire/pingram, section 6). Unknown keys are ignored."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, StrictBool
from pydantic.alias_generators import to_camel

from inbox_app.api.native.address_schemas import PushToken, Short, SlackToken, Url, WebPushToken
from inbox_app.api.native.send_options import SendOptions
from inbox_app.api.requests import MAX_ID
from inbox_app.domain.notification_type import Channel

MAX_PARAMETERS = 500


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not an IANA time zone such as Europe/Berlin") from None
    return name


Id = Annotated[str, Field(min_length=1, max_length=MAX_ID)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]


class Wire(BaseModel):
    """camelCase on the wire; texts are not converted from numbers."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class UserInput(Wire):
    """What an application says of a user; a field that is absent or null says nothing."""

    id: Id | None = None
    email: Short | None = None
    number: Short | None = None
    timezone: Zone | None = None
    push_tokens: Annotated[list[PushToken], Field(max_length=100)] | None = None
    web_push_tokens: Annotated[list[WebPushToken], Field(max_length=100)] | None = None
    slack_channel: Url | None = None
    slack_token: SlackToken | None = None
    properties: Annotated[dict[Short, StrictBool | float | Short], Field(max_length=100)] | None = (
        None
    )


class ToUser(UserInput):
    """Whom to notify."""

    id: Id  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]


class ActionInput(Wire):
    label: Annotated[str, Field(min_length=1, max_length=200)]
    url: Url = ""


class InAppInput(Wire):
    """The in-app message. ``body``, ``html``, ``actions`` and ``replies`` are ours."""

    title: Annotated[str, Field(max_length=1_000)]
    url: Url | None = None
    image: Url | None = None
    body: Annotated[str, Field(max_length=50_000)] | None = None
    html: Annotated[str, Field(max_length=50_000)] | None = None
    actions: Annotated[list[ActionInput], Field(default_factory=list, max_length=2)]
    replies: bool = True


class InAppExtras(Wire):
    """The parts of `InAppInput` that the vendor's SDK cannot express, as ``parameters.inapp``."""

    body: Annotated[str, Field(max_length=50_000)] | None = None
    html: Annotated[str, Field(max_length=50_000)] | None = None
    actions: Annotated[list[ActionInput], Field(max_length=2)] | None = None
    replies: bool | None = None


class EmailInput(Wire):
    subject: Annotated[str, Field(max_length=2_000)]
    html: Annotated[str, Field(max_length=2_000_000)]
    preview_text: Annotated[str, Field(max_length=2_000)] | None = None
    sender_name: Short | None = None
    sender_email: Short | None = None


class AutoReply(BaseModel):
    message: Annotated[str, Field(max_length=1_600)]


class SmsInput(Wire):
    """A text message; ``mediaUrls`` and ``from`` are for providers that can do that."""

    message: Annotated[str, Field(max_length=10_000)] | None = None
    auto_reply: AutoReply | None = None
    media_urls: Annotated[list[Url], Field(max_length=10)] | None = None
    sender: Annotated[Short | None, Field(alias="from")] = None


class CallInput(Wire):
    message: Annotated[str, Field(max_length=10_000)]


class PushInput(Wire):
    title: Annotated[str, Field(max_length=1_000)]
    message: Annotated[str, Field(max_length=10_000)]
    icon: Url | None = None
    url: Url | None = None


class SlackInput(BaseModel):
    model_config = ConfigDict(extra="allow")

    text: Annotated[str, Field(max_length=40_000)]


class SendBody(Wire):
    """A send (the vendor's SenderPostBody)."""

    type: Annotated[
        Id,
        Field(
            validation_alias=AliasChoices("type", "notificationId"),
            description="Name of the notification type.",
        ),
    ]
    to: Annotated[ToUser, Field(validation_alias=AliasChoices("to", "user"))]
    force_channels: list[Channel] | None = None
    parameters: Annotated[
        dict[str, Any],
        Field(
            default_factory=dict,
            validation_alias=AliasChoices("parameters", "mergeTags"),
            max_length=MAX_PARAMETERS,
        ),
    ]
    replace: Annotated[dict[str, str], Field(default_factory=dict, max_length=MAX_PARAMETERS)]
    template_id: Id | None = None
    sub_notification_id: Id | None = None
    secondary_id: Id | None = None
    schedule: Short | None = None
    email: EmailInput | None = None
    inapp: InAppInput | None = None
    sms: SmsInput | None = None
    call: CallInput | None = None
    web_push: Annotated[PushInput | None, Field(alias="web_push")] = None
    mobile_push: Annotated[PushInput | None, Field(alias="mobile_push")] = None
    slack: SlackInput | None = None
    options: SendOptions | None = None


class SendResult(Wire):
    tracking_id: str
    messages: list[str]


class UserAnswer(Wire):
    """A user; an unknown one is only its id."""

    id: str
    email: str | None = None
    number: str | None = None
    timezone: str | None = None
    push_tokens: list[Any] | None = None
    web_push_tokens: list[Any] | None = None
    slack_channel: str | None = None
    slack_token: dict[str, Any] | None = None
    properties: dict[str, bool | float | str] | None = None
    last_seen_time: str | None = None
    updated_at: str | None = None
    created_at: str | None = None


class UsersAnswer(Wire):
    users: list[UserAnswer]
    has_more: bool
    last_evaluated_key: str | None = None


class Metadata(Wire):
    logo: str
    environment_vapid_public_key: str
    has_web_push_enabled: bool


class MetadataAnswer(Wire):
    user_account_metadata: Metadata


class ReplyShape(Wire):
    """A reply; ``author`` names who wrote it when it was not the inbox's owner."""

    date: Short | None = None
    message: Annotated[str, Field(max_length=20_000)]
    author: Short | None = None


class AttachmentAnswer(Wire):
    """A picture of a reply; the address holds for some days."""

    url: str
    content_type: str
    width: int
    height: int


class ReplyAnswer(ReplyShape):
    attachments: list[AttachmentAnswer] | None = None


class ActionAnswer(Wire):
    label: str
    url: str | None = None


class InAppAnswer(Wire):
    """An inbox item; the times are absent until the thing happened."""

    id: str
    notification_id: str
    sub_notification_id: str | None = None
    seen: bool
    title: str
    date: str
    redirect_url: Annotated[str | None, Field(alias="redirectURL")] = None
    image_url: Annotated[str | None, Field(alias="imageURL")] = None
    body: str | None = None
    html: str | None = None
    actions: list[ActionAnswer] | None = None
    opened: str | None = None
    clicked: str | None = None
    archived: str | None = None
    actioned1: str | None = None
    actioned2: str | None = None
    parameters: dict[str, Any] | None = None
    replies: list[ReplyAnswer] | None = None
    change: int


class InAppsAnswer(Wire):
    notifications: list[InAppAnswer]
    next: str | None = None


class Counts(Wire):
    all: int
    unread: int
    unseen: int
    archived: int


class ChangesAnswer(Wire):
    """``reload``: too much changed to list; read the first page of /user/inapp again."""

    change: int
    reload: bool
    counts: Counts
    notifications: list[InAppAnswer]


class CountAnswer(Wire):
    count: int


class SuccessAnswer(Wire):
    success: bool


class MessageAnswer(Wire):
    message: str


class PreferenceLinkAnswer(Wire):
    url: str
    expires_at: str


class DecisionAnswer(Wire):
    channel: Channel
    outcome: str
    rule: str
    sentence: str
    due_at: str | None = None


class PreviewAnswer(Wire):
    """What a dry run says: the plan, and the messages as they would leave."""

    decisions: list[DecisionAnswer]
    rendered: dict[Channel, dict[str, Any]]
    messages: list[str]


class CapturedAnswer(Wire):
    id: str
    tracking_id: str | None = None
    channel: Channel
    to: str
    content: dict[str, Any]
    at: str


class CapturedsAnswer(Wire):
    messages: list[CapturedAnswer]
    next: str | None = None


class StoryEntry(Wire):
    at: str
    what: str
    channel: Channel | None = None
    sentence: str
    data: dict[str, Any] = {}


class StoryAnswer(Wire):
    tracking_id: str
    deliveries: list[dict[str, Any]]
    timeline: list[StoryEntry]


class ReplayBody(Wire):
    ids: Annotated[
        list[Annotated[str, Field(pattern=r"^\d{1,19}$")]], Field(min_length=1, max_length=500)
    ]


class ReplayAnswer(Wire):
    replayed: int


class SeenBody(Wire):
    notification_id: Id | None = None
    tracking_id: Id | None = None


class StatusBody(Wire):
    """A report on items: a time sets a state, null takes ``opened`` or ``archived`` back."""

    tracking_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]
    opened: Short | None = None
    clicked: Short | None = None
    archived: Short | None = None
    actioned1: Short | None = None
    actioned2: Short | None = None
    reply: ReplyShape | None = None
    replies: Annotated[list[ReplyShape], Field(max_length=50)] | None = None
