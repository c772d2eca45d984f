"""The e-mail message: subject, HTML with its styles inlined, and a text made from it."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

import css_inline

from inbox_app.domain.errors import InvalidInput
from inbox_app.rendering.nesting import check_nesting
from inbox_app.rendering.parts import Filler, Reader, required
from inbox_app.rendering.plain import text_of
from inbox_app.rendering.text import limited
from inbox_app.rendering.tracking import NO_TRACK, tracked

__all__ = ["message", "render", "tracked"]

MAX_SUBJECT = 2_000
MAX_HTML = 2_000_000
MAX_PREVIEW = 2_000
HAS_HTML = re.compile(r"<html[\s>]", re.IGNORECASE)
BODY = re.compile(r'<body(?:[^>"]|"[^"]*")*>')
PREVIEW = (
    '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all" aria-hidden="true">'
    "{text}{padding}</div>"
)
PADDING = "&#8199;&#847;" * 40
"""Keeps mail programs from filling a short preview with the first words of the body."""
LAYOUT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body style="margin:0;padding:0;background:#f4f4f5">
<div role="article" aria-roledescription="email" style="max-width:600px;margin:0 auto;padding:24px;\
background:#ffffff;color:#18181b;font:16px/1.5 system-ui,'Segoe UI',Roboto,Arial,sans-serif">
{logo}{content}</div></body></html>"""
FOOTER = (
    '<div style="max-width:600px;margin:0 auto;padding:16px 24px;color:#52525b;'
    "font:12px/1.5 system-ui,'Segoe UI',Roboto,Arial,sans-serif\">{text}</div>"
)
LINK = f'<a {NO_TRACK}="" href="{{url}}" style="color:#52525b">{{words}}</a>'

# Nothing is fetched while inlining, neither over the network nor from the disk.
INLINER = css_inline.CSSInliner(
    load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True, keep_link_tags=False
)


def render(filler: Filler, reader: Reader) -> dict[str, Any]:
    """The fields of an e-mail from the sender's content.

    Raises:
        InvalidInput: subject or html is missing, too long, or cannot be read.
    """
    subject = required("email.subject", filler.line("subject"), MAX_SUBJECT)
    html = required("email.html", filler.html("html"), MAX_HTML)
    preview = limited("email.previewText", filler.line("previewText"), MAX_PREVIEW)
    fields = message(subject, html, preview, reader)
    return fields | {
        "sender_name": filler.line("senderName"),
        "sender_email": filler.line("senderEmail"),
    }


def message(subject: str, html: str, preview: str, reader: Reader) -> dict[str, Any]:
    """The fields of an e-mail with this HTML, a page or a part of one."""
    check_nesting("email.html", html)
    page = html if HAS_HTML.search(html) else _in_layout(subject, html, reader)
    page = _untracked(_inlined(page), reader)
    text = text_of(page)
    footer = _footer_links(page, reader)
    if footer:
        page = _before_end(page, FOOTER.format(text=_footer_html(footer, reader)))
        text = f"{text}\n\n-- \n{_footer_text(footer, reader)}"
    return {
        "subject": subject,
        "html": _after_start(page, _preview_html(preview)) if preview else page,
        "text": text,
        "preview_text": preview,
        "sender_name": "",
        "sender_email": "",
        "list_unsubscribe": reader.unsubscribe_url,
    }


def _in_layout(subject: str, html: str, reader: Reader) -> str:
    logo = ""
    if urlsplit(reader.logo).scheme in {"http", "https"}:
        logo = (
            f'<p><img src="{escape(reader.logo)}" alt="{escape(reader.environment)}" height="40" '
            'style="border:0;max-width:100%"></p>'
        )
    return LAYOUT.format(title=escape(subject), logo=logo, content=html)


def _inlined(page: str) -> str:
    try:
        inlined = INLINER.inline(page)
    except (css_inline.InlineError, ValueError) as error:
        raise InvalidInput(
            f"email.html has styles that cannot be read: {str(error)[:200]}.",
            fix="Correct the style sheet.",
        ) from error
    doctype = "" if inlined[:9].lower() == "<!doctype" else "<!DOCTYPE html>"
    return doctype + inlined


def _urls(reader: Reader) -> tuple[str, ...]:
    return tuple(filter(None, (reader.preferences_url, reader.unsubscribe_url)))


def _untracked(page: str, reader: Reader) -> str:
    """Marks the sender's own links to preferences and unsubscribing, which are not tracked."""
    for url in dict.fromkeys(_urls(reader)):
        href = _href(url)
        page = page.replace(f" {href}", f' {NO_TRACK}="" {href}')
    return page


def _href(url: str) -> str:
    """An address the way the inliner writes it."""
    escaped = url.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace('"', "&quot;")
    return f'href="{escaped}"'


def _footer_links(page: str, reader: Reader) -> list[tuple[str, str]]:
    """What the footer links to: what the sender does not link to already."""
    links = [
        ("Change what you get", reader.preferences_url),
        ("Unsubscribe", reader.unsubscribe_url),
    ]
    return [(words, url) for words, url in links if url and _href(url) not in page]


def _why(reader: Reader) -> str:
    return f"You get this because notifications from {reader.environment} by e-mail are on."


def _footer_html(links: list[tuple[str, str]], reader: Reader) -> str:
    written = (LINK.format(url=escape(url), words=words) for words, url in links)
    return f"{escape(_why(reader))}<br>{' &middot; '.join(written)}"


def _footer_text(links: list[tuple[str, str]], reader: Reader) -> str:
    return "\n".join((_why(reader), *(f"{words}: {url}" for words, url in links)))


def _preview_html(preview: str) -> str:
    return PREVIEW.format(text=escape(preview), padding=PADDING)


def _after_start(page: str, html: str) -> str:
    body = BODY.search(page, max(page.find("</head>"), 0))
    start = body.end() if body else 0
    return page[:start] + html + page[start:]


def _before_end(page: str, html: str) -> str:
    end = page.rfind("</body>")
    return page[:end] + html + page[end:] if end >= 0 else page + html
