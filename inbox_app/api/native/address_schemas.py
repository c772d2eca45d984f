"""Wire shapes of devices and chats in the native API (wire/pingram, section 6)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

Url = Annotated[str, Field(max_length=2_048)]
Short = Annotated[str, Field(max_length=320)]


class Device(BaseModel):
    model_config = ConfigDict(extra="ignore")

    device_id: Short
    app_id: Short | None = None
    ad_id: Short | None = None
    platform: Short | None = None
    manufacturer: Short | None = None
    model: Short | None = None


class PushToken(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: Literal["FCM", "APN"]
    token: Annotated[str, Field(max_length=4_096)]
    device: Device
    environment: Short | None = None


class SubscriptionKeys(BaseModel):
    p256dh: Short
    auth: Short


class Subscription(BaseModel):
    endpoint: Url
    keys: SubscriptionKeys


class WebPushToken(BaseModel):
    """A subscription; `applicationServerKey`, the key it was made with, is ours."""

    model_config = ConfigDict(populate_by_name=True)

    sub: Subscription
    application_server_key: Annotated[
        str | None, Field(alias="applicationServerKey", pattern=r"^[A-Za-z0-9_-]{87}=?$")
    ] = None


class SlackToken(BaseModel):
    model_config = ConfigDict(extra="allow")

    ok: StrictBool
