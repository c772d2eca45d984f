"""The message as ``chat.postMessage`` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_app.channels.chat.payloads import PASSED_ON
from inbox_app.channels.slack.errors import NAME
from inbox_app.domain.errors import UnsupportedContent


def message(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, without where.

    Raises:
        UnsupportedContent: nothing is.
    """
    given = {name: fields[name] for name in ("text", "blocks") if fields.get(name)}
    if not given:
        raise UnsupportedContent(NAME, "The message has neither text nor blocks.", status="no_text")
    given |= {name: fields[name] for name in PASSED_ON if fields.get(name) is not None}
    icon = fields.get("icon")
    if isinstance(icon, str) and icon:
        is_url = icon.startswith(("https://", "http://"))
        given["icon_url" if is_url else "icon_emoji"] = icon
    return given
