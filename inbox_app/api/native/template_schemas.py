"""Wire shapes of templates (wire/pingram, section 6).

The vendor has one body for all channels; fields of other channels, and unknown ones, are dropped.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from inbox_app.api.native.schemas import Id, Short, Url, Wire
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.template import Mode

Line = Annotated[str, Field(max_length=2_000)]
Text = Annotated[str, Field(max_length=50_000)]
Html = Annotated[str, Field(max_length=2_000_000)]
RedirectUrl = Annotated[Url | None, Field(alias="redirectURL")]
ImageUrl = Annotated[Url | None, Field(alias="imageURL")]
MAX_BLOCKS = 50


class InAppForm(Wire):
    """What an inbox item says; ``body`` and ``html`` are ours."""

    title: Line | None = None
    redirect_url: RedirectUrl = None
    image_url: ImageUrl = None
    body: Text | None = None
    html: Text | None = None


class TemplateContent(InAppForm):
    """Content of any channel; texts are Liquid.

    ``instant`` is the inbox item of one notification, for which the fields beside it stand as
    well; ``batch`` is that of several.
    """

    html: Html | None = None
    preview_text: Line | None = None
    internal: Html | None = None
    subject: Line | None = None
    sender_name: Short | None = None
    sender_email: Short | None = None
    instant: InAppForm | None = None
    batch: InAppForm | None = None
    text: Text | None = None
    message: Text | None = None
    icon: Url | None = None
    url: Url | None = None
    blocks: Annotated[list[dict[str, Any]], Field(max_length=MAX_BLOCKS)] | None = None
    username: Short | None = None


class NewTemplate(TemplateContent):
    """A template to be made."""

    template_id: Id


class DefaultSelection(Wire):
    template_id: Id
    modes: Annotated[list[Mode], Field(min_length=1, max_length=20)]


class TemplateAnswer(Wire):
    env_id: str
    notification_id: str
    template_id: str
    channel: Channel
    default: bool
    is_default_for: dict[Mode, bool]
