"""Slack's markup in the Markdown of other chats.

Values that a sender put into a message cannot fake links or call on people in Slack
(`rendering.slack`); here neither: what was text there is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inbox_app.channels.chat.mrkdwn import Code, Link, Span, Style, Styled, Text, parse, unescaped

GAP = "\u200b"
"""A space of no width, which keeps two signs from meaning something together."""
_CALLS = re.compile(r"(?<!\w)@(?=\w)")


@dataclass(frozen=True)
class Dialect:
    """How a chat writes what Slack writes in its own way.

    Attributes:
        marks: What stands around a style; "" where the chat does not know it.
        special: Signs that are escaped by a backslash where they are text; "" where the chat
            knows no such thing, and < ... > are markup as they are for Slack.
        line: What breaks a line.
        code: Whether it knows code.
        bare: Whether a URL by itself becomes a link.
        called: Whether an @ before a name calls on people.
    """

    marks: Mapping[Style, str]
    special: str = ""
    line: str = "\n"
    code: bool = True
    bare: bool = True
    called: bool = False


def _marks(bold: str, italic: str, struck: str) -> Mapping[Style, str]:
    return {Style.BOLD: bold, Style.ITALIC: italic, Style.STRUCK: struck}


DISCORD = Dialect(_marks("**", "_", "~~"), special="\\*_~`|[]<>#")
MATTERMOST = Dialect(_marks("**", "_", "~~"), special="\\*_~`|[]<>#", called=True)
TEAMS = Dialect(
    # Microsoft's "Format cards in Teams": no struck text, no code, and a line ends with two breaks.
    *(_marks("**", "_", ""), "\\*_[]"),
    line="\n\n",
    code=False,
    bare=False,
)
GOOGLE = Dialect(_marks("*", "_", "~"))
"""Google's "Format messages": the marks of Slack, and <users/all> calls on everybody."""


def translated(text: str, dialect: Dialect, *, markup: bool = True) -> str:
    """A text of Slack's in a dialect.

    Args:
        markup: Whether it has any; ``mrkdwn: false`` says that it has not.
    """
    spans = parse(text) if markup else (Text(unescaped(text)),)
    return _written(spans, dialect)


def _written(spans: Sequence[Span], dialect: Dialect) -> str:
    return "".join(_one(span, dialect) for span in spans)


def _one(span: Span, dialect: Dialect) -> str:
    match span:
        case Text(text):
            return literal(text, dialect).replace("\n", dialect.line)
        case Link(url, label):
            return _link(url, label, dialect)
        case Code(text, block):
            return _code(text, dialect, block=block)
        case Styled(style, inner):
            mark = dialect.marks[style]
            return f"{mark}{_written(inner, dialect)}{mark}"


def literal(text: str, dialect: Dialect) -> str:
    """A text that is read as it stands."""
    if not dialect.special:
        return re.sub(r"<(?=\S)", f"<{GAP}", text)
    signs = re.escape(dialect.special)
    escaped = re.sub(f"([{signs}])", r"\\\1", text)
    return _CALLS.sub(f"@{GAP}", escaped) if dialect.called else escaped


def _link(url: str, label: str, dialect: Dialect) -> str:
    url = _without(r"[\s<>|]", url)
    if not dialect.special:
        shown = re.sub(r"[<>|\n]", " ", label)
        return f"<{url}|{shown}>" if shown.strip() else url
    if not label and dialect.bare:
        return url
    safe = _without(r"[()\\]", url)
    return f"[{literal(label or url, dialect)}]({safe})"


def _without(signs: str, url: str) -> str:
    """A URL without signs that would end it, or begin something else."""
    return re.sub(signs, lambda sign: f"%{ord(sign[0]):02X}", url)


def _code(text: str, dialect: Dialect, *, block: bool) -> str:
    if not dialect.code:
        return literal(text, dialect).replace("\n", dialect.line)
    # The text held no fence of its own in Slack either.
    shown = text if dialect.special else literal(text, dialect)
    return f"```\n{shown}\n```" if block else f"`{shown}`"
