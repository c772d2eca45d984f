"""The Slack message: text and blocks, with values that cannot call on people or fake links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from inbox_app.domain.errors import InvalidInput
from inbox_app.rendering.parts import Filler, Reader
from inbox_app.rendering.text import limited

MAX_TEXT = 40_000
MAX_BLOCKS = 50
"""Most in one message, by Slack's reference of the message payload."""
PASSED_ON = (
    *("username", "icon", "thread_ts", "reply_broadcast", "link_names", "mrkdwn"),
    *("unfurl_links", "unfurl_media", "parse", "metadata"),
)


def render(filler: Filler, reader: Reader) -> dict[str, Any]:
    """The fields of a message: ``text``, ``blocks`` and the options that were given.

    Values put into a text have ``&``, ``<`` and ``>`` escaped, Slack's rule for what is not
    markup: else a value could hold ``<!channel>``.

    Raises:
        InvalidInput: there is neither text nor blocks, or too much of them.
    """
    shown = replace(
        filler,
        values=cast("Mapping[str, Any]", _escaped(filler.values)),
        replacements={old: escaped(new) for old, new in filler.replacements.items()},
    )
    text = limited("slack.text", shown.text("text"), MAX_TEXT)
    blocks = cast("object", filler.content.get("blocks") or [])
    if not text and not blocks:
        raise InvalidInput("slack.text is empty.", fix="Give the message a text, or blocks.")
    if not isinstance(blocks, list) or len(cast("list[object]", blocks)) > MAX_BLOCKS:
        raise InvalidInput("slack.blocks is wrong.", fix=f"Send a list of up to {MAX_BLOCKS}.")
    fields: dict[str, Any] = {"text": text}
    if blocks:
        fields["blocks"] = _filled(cast("object", blocks), filler, shown)
    given = (name for name in PASSED_ON if filler.content.get(name) is not None)
    return fields | {name: _filled(filler.content[name], filler, filler) for name in given}


def escaped(text: str) -> str:
    """The text with the characters escaped that are markup to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, Mapping):
        return {k: _escaped(v) for k, v in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_escaped(item) for item in cast("list[object]", value)]
    return value


def _filled(value: object, plain: Filler, shown: Filler) -> object:
    """The value with its texts filled: those that are shown escaped, addresses and ids not."""
    if isinstance(value, str):
        return plain.filled(value)
    if isinstance(value, list):
        return [_filled(item, plain, shown) for item in cast("list[object]", value)]
    if isinstance(value, Mapping):
        return {
            key: _filled(inner, shown if key == "text" else plain, shown)
            for key, inner in cast("Mapping[str, object]", value).items()
        }
    return value
