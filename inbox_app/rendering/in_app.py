"""The in-app message: merged, sanitised, and within limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import replaced
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.rendering.liquid import fill
from inbox_app.rendering.text import encodable, limited, web_link

MAX_TITLE = 1_000
MAX_BODY = 50_000
MAX_LABEL = 80
MAX_ACTIONS = 2

# Layout and meaning, no scripts, styles, forms, frames or media that load by themselves.
TAGS = {
    *("p", "br", "hr", "div", "span", "b", "strong", "i", "em", "u", "s", "code", "pre"),
    *("blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
DIRECTED = ("p", "div", "span", "li", "blockquote", "h1", "h2", "h3", "h4")
ATTRIBUTES = {
    "*": {"lang", "title"},
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
        InvalidInput: something is too long or wrong Liquid, or a link does not lead to the web.
    """
    missing: list[str] = []

    def filled(text: str) -> str:
        return fill(replaced(text, replacements), parameters, missing)

    rendered = InAppContent(
        title=limited("inapp.title", filled(content.title).strip(), MAX_TITLE),
        body=limited("inapp.body", filled(content.body).strip(), MAX_BODY),
        html=_html(content.html, parameters, replacements, missing),
        url=web_link("inapp.url", filled(content.url)),
        image=web_link("inapp.image", filled(content.image)),
        actions=_actions(content.actions, filled),
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
    merged = fill(html, parameters, missing, html=True)
    return limited("inapp.html", sanitised(encodable(merged)), MAX_BODY)


def _actions(actions: tuple[Action, ...], filled: Callable[[str], str]) -> tuple[Action, ...]:
    if len(actions) > MAX_ACTIONS:
        raise InvalidInput(f"inapp.actions holds {len(actions)} buttons.", fix="Send at most two.")
    return tuple(
        Action(
            limited("inapp.actions.label", filled(action.label).strip(), MAX_LABEL),
            web_link("inapp.actions.url", filled(action.url)),
        )
        for action in actions
    )
