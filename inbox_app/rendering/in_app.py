"""The in-app message: merged, sanitised, and within limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit

import nh3

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import merge, replaced
from inbox_app.domain.notification import Action, InAppContent

MAX_TITLE = 1_000
MAX_BODY = 50_000
MAX_URL = 2_048
MAX_LABEL = 80
MAX_ACTIONS = 2
CONTROL = re.compile(r"[\x00-\x1f]")

# Layout and meaning, no scripts, styles, forms, frames or media that load by themselves.
TAGS = {
    *("p", "br", "hr", "div", "span", "b", "strong", "i", "em", "u", "s", "code", "pre"),
    *("blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
DIRECTED = ("p", "div", "span", "li", "blockquote", "h1", "h2", "h3", "h4")
ATTRIBUTES = {
    **{tag: {"dir"} for tag in DIRECTED},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "rowspan", "dir"},
    "td": {"colspan", "rowspan", "dir"},
}


@dataclass(frozen=True)
class Rendered:
    """The rendered content, and the names of placeholders that had no value."""

    content: InAppContent
    missing: tuple[str, ...]


def render(
    content: InAppContent, parameters: Mapping[str, Any], replacements: Mapping[str, str]
) -> Rendered:
    """Merges parameters and literal replacements, then checks and sanitises.

    Raises:
        InvalidInput: something is too long, or a link does not lead to the web.
    """
    missing: list[str] = []

    def fill(text: str) -> str:
        return merge(replaced(text, replacements), parameters, missing)

    rendered = InAppContent(
        title=_text("inapp.title", fill(content.title).strip(), MAX_TITLE),
        body=_text("inapp.body", fill(content.body).strip(), MAX_BODY),
        html=_html(content.html, parameters, replacements, missing),
        url=_link("inapp.url", fill(content.url)),
        image=_link("inapp.image", fill(content.image)),
        actions=_actions(content.actions, fill),
        replies=content.replies,
    )
    if not rendered.title:
        raise InvalidInput(
            "inapp.title is empty.", fix="Give the notification a title that says what happened."
        )
    return Rendered(rendered, tuple(dict.fromkeys(missing)))


def sanitised(html: str) -> str:
    """HTML with only harmless tags and attributes; links open apart and tell nobody where from."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"loading": "lazy"}},
    )


def _html(
    html: str, parameters: Mapping[str, Any], replacements: Mapping[str, str], missing: list[str]
) -> str:
    if not html:
        return ""
    html = replaced(html, {old: escape(new) for old, new in replacements.items()})
    merged = merge(html, _Escaped(parameters), missing)
    return _text("inapp.html", sanitised(merged), MAX_BODY)


class _Escaped(dict[str, Any]):
    """Parameters whose texts are HTML-escaped when they are looked up, at any depth."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        super().__init__({key: _escaped(value) for key, value in parameters.items()})


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return _Escaped(cast("dict[str, object]", value))
    if isinstance(value, list):
        return escape(str(cast("list[object]", value)))
    return value


def _actions(actions: tuple[Action, ...], fill: Callable[[str], str]) -> tuple[Action, ...]:
    if len(actions) > MAX_ACTIONS:
        raise InvalidInput(f"inapp.actions holds {len(actions)} buttons.", fix="Send at most two.")
    return tuple(
        Action(
            _text("inapp.actions.label", fill(action.label).strip(), MAX_LABEL),
            _link("inapp.actions.url", fill(action.url)),
        )
        for action in actions
    )


def _text(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise InvalidInput(
            f"{name} has {len(text):,} characters once merged.",
            fix=f"Keep it to {most:,} characters.",
        )
    return text


def _link(name: str, url: str) -> str:
    """A link to the web or to a path on the host; anything else could run as script."""
    url = _text(name, url.strip(), MAX_URL)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    web = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
    path = url.startswith("/") and not url.startswith(("//", "/\\"))
    if not (web or path) or CONTROL.search(url):
        raise InvalidInput(
            f"{name} does not lead to the web: {url[:80]!r}.",
            fix="Use an address that starts with https://, http:// or a single /.",
        )
    return url
