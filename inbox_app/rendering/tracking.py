"""Reports of opening and clicking, put into the HTML of an e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
NO_TRACK = "data-no-track"
"""Attribute of links that stay as they are."""


def tracked(html: str, pixel_url: str | None, link: Callable[[str], str] | None) -> str:
    """The HTML with a picture that reports opening, and links that report clicks.

    Args:
        html: An e-mail as `email.render` made it.
        pixel_url: Address of the picture, None for none.
        link: Takes a link's address and gives the one to use; None leaves links alone. Only
            http(s) links are asked for, and none that is marked ``data-no-track``.
    """
    if link is not None:
        html = _with_links(html, link)
    return html if pixel_url is None else _with_pixel(html, pixel_url)


def _with_pixel(html: str, url: str) -> str:
    pixel = f'<img src="{escape(url)}" alt="" width="1" height="1" style="border:0">'
    end = max((match.start() for match in BODY_END.finditer(html)), default=len(html))
    return html[:end] + pixel + html[end:]


def _with_links(html: str, link: Callable[[str], str]) -> str:
    finder = _Links(html)
    finder.feed(html)
    finder.close()
    pieces: list[str] = []
    done = 0
    for start, length, attributes in finder.found:
        attributes["href"] = link(attributes["href"].strip())
        written = (f' {name}="{escape(value)}"' for name, value in attributes.items())
        pieces += (html[done:start], f"<a{''.join(written)}>")
        done = start + length
    return "".join(pieces) + html[done:]


class _Links(HTMLParser):
    """Finds the links that may be changed: where the tag begins, its length, its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[int, int, dict[str, str]]] = []
        self.starts = [0, *(match.end() for match in re.finditer("\n", html))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in reversed(attrs)}
        url = named.get("href", "").strip()
        if tag != "a" or NO_TRACK in named or not url.lower().startswith(("http://", "https://")):
            return
        line, column = self.getpos()
        length = len(self.get_starttag_text() or "")
        self.found.append((self.starts[line - 1] + column, length, named))
