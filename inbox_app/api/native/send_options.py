"""Wire shape of the options of a send (wire/pingram, section 6). Unknown keys are kept."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic.alias_generators import to_camel

Short = Annotated[str, Field(max_length=320)]
Group = dict[str, Any]
"""Options that the channel's adapter reads by itself."""


class _Options(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="allow")


class AttachmentOptions(_Options):
    """A file by its address, or in base64."""

    filename: Annotated[str, Field(min_length=1, max_length=1_000)]
    url: Annotated[str, Field(min_length=1, max_length=8_192)] | None = None
    content: str | None = None
    content_type: Short | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.url is None and self.content is None:
            raise ValueError("needs a url or content")
        return self


class EmailOptions(_Options):
    reply_to_addresses: list[Short] | None = None
    cc_addresses: list[Short] | None = None
    bcc_addresses: list[Short] | None = None
    from_address: Short | None = None
    from_name: Short | None = None
    attachments: list[AttachmentOptions] | None = None
    open_tracking: StrictBool | None = None
    click_tracking: StrictBool | None = None


class SendOptions(_Options):
    """What a send asks of its channels."""

    email: EmailOptions | None = None
    apn: Group | None = None
    fcm: Group | None = None
    push: Group | None = None
    sms: Group | None = None
