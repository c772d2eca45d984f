"""The text of HTML, for readers of plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object"})
VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr", "basefont", "bgsound", "frame", "keygen"),
    }
)
PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "dl"}
)
LINES = frozenset(
    {
        *("div", "tr", "section", "article", "header", "footer", "main", "nav", "aside", "form"),
        *("center", "dt", "dd", "figure", "figcaption", "address", "caption", "tbody", "thead"),
    }
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
CELL = "\ue000"
"""Stands between the cells of a row until the row is known; of Unicode's private use."""
LINE = "\ue001"
"""Stands where a line ends, if it has not ended already."""
GAP = re.compile(rf"[ \n{LINE}]++")


def text_of(html: str) -> str:
    """The text of an HTML page: links as ``text (url)``, list items and rows on lines."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _tidied("".join(reader.pieces))


def _tidied(text: str) -> str:
    text = GAP.sub(_ended, text)
    lines = (" | ".join(filter(None, map(str.strip, line.split(CELL)))) for line in _lines(text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _ended(gap: re.Match[str]) -> str:
    if LINE not in gap[0]:
        return gap[0]
    return "\n" * min(2, max(1, gap[0].count("\n")))


def _lines(text: str) -> list[str]:
    return [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in text.split("\n")]


class _Reader(HTMLParser):
    """Collects text in pieces; tags become line ends, marks and link addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unseen = 0
        self.lists: list[int] = []
        self.links: list[tuple[str, int]] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        hidden = tag in UNSEEN or "hidden" in named or HIDDEN.search(named.get("style", ""))
        if self.unseen or (hidden and tag not in VOID):
            self.unseen += tag not in VOID
            return
        if tag == "a":
            self.links.append((named.get("href", "").strip(), len(self.pieces)))
        elif tag == "li":
            self.pieces.append(self._mark())
        elif tag in {"ul", "ol"}:
            self.lists.append(0 if tag == "ol" else -1)
        self.preformatted += tag == "pre"
        self.pieces.append(self._start(tag, named))

    def handle_endtag(self, tag: str) -> None:
        if self.unseen:
            self.unseen -= tag not in VOID
            return
        if tag == "a" and self.links:
            self._leave_link(*self.links.pop())
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        elif tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)
        if tag in {"td", "th"}:
            self.pieces.append(CELL)
        else:
            self.pieces.append(_break(tag))

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            data = data.replace(CELL, "").replace(LINE, "")
            self.pieces.append(data if self.preformatted else re.sub(r"\s+", " ", data))

    def _mark(self) -> str:
        """What begins an item of the list it is in."""
        if not self.lists or self.lists[-1] < 0:
            return f"{LINE}- "
        self.lists[-1] += 1
        return f"{LINE}{self.lists[-1]}. "

    def _start(self, tag: str, named: dict[str, str]) -> str:
        if tag == "br":
            return "\n"
        if tag == "hr":
            return f"{LINE}---{LINE}"
        if tag == "img":
            return re.sub(r"\s+", " ", named.get("alt", ""))
        return _break(tag)

    def _leave_link(self, url: str, start: int) -> None:
        text = "".join(self.pieces[start:]).strip()
        if url and not url.startswith("#") and url not in {text, f"mailto:{text}", f"tel:{text}"}:
            self.pieces.append(f" ({url})" if text else url)


def _break(tag: str) -> str:
    if tag in PARAGRAPHS:
        return "\n\n"
    return LINE if tag in LINES else ""
