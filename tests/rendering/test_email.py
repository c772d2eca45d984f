"""E-mail: safe headers and HTML, styles inlined, a readable text, tracking."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification_type import Channel
from inbox_app.rendering.email import MAX_HTML, MAX_SUBJECT, tracked
from inbox_app.rendering.messages import Part, Reader, render
from inbox_app.rendering.plain import text_of

PREFERENCES = "https://hub.example/p?a=1&b=2"
UNSUBSCRIBE = "https://hub.example/u/1"
READER = Reader("Ada", "u1", "Europe/Paris", "Shop", PREFERENCES, UNSUBSCRIBE)
ALONE = Reader("Ada", "u1", "Europe/Paris", "Shop", "", "")
any_text = st.text(st.characters(codec=None), max_size=20)
markup = st.lists(
    st.sampled_from(
        [
            *("<p>", "</p>", "<b>", "<table>", "<tr><td>", "</table>", "<!--", "-->", "<style>"),
            *("</style>", "p{color:red}", "@import url(x)", "<a href='https://x.example'>", "</a>"),
            *("<html>", "<body>", "</body>", "<head>", "<script>", "</script>", "<svg>", "<xmp>"),
            *("{{v}}", "<img alt='{{v}}'>", "<li>", "<ol>", "<pre>", "<plaintext>", "<frameset>"),
            *("<link rel=stylesheet href='file:///etc/hostname'>", "<p style='", "'>", "<!", "<?"),
            *("<div hidden>", "</div>", "<br>", "<hr>", "&lt;", "&", "<base href=x>", "<template>"),
        ]
    )
    | any_text,
    max_size=12,
).map("".join)


def fields(reader: Reader = ALONE, values: dict[str, Any] | None = None, **content: Any) -> Any:
    given = {"subject": "Hello", "html": "<p>Hello</p>", **content}
    part = Part("", values or {}, given, {}, datetime(2026, 3, 1, tzinfo=UTC), "")
    return render(Channel.EMAIL, part, reader).fields


class Page(HTMLParser):
    """What a mail program would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


def tags(html: str) -> list[str]:
    return [tag for tag, _ in Page(html).tags]


@given(any_text, any_text)
def test_the_subject_is_one_line_of_printable_text(subject: str, value: str):
    try:
        found = fields(values={"v": value}, subject=f"A{subject}{{{{v}}}}")["subject"]
    except InvalidInput:
        return
    assert len(found.splitlines()) == 1
    assert not any(ord(character) < 32 for character in found)
    found.encode()


def test_a_line_end_in_a_value_begins_no_header():
    found = fields(
        values={"v": "x\r\nBcc: all@example.com"}, subject="Hi {{v}}", senderName="{{v}}"
    )
    assert found["subject"] == "Hi x Bcc: all@example.com"
    assert found["sender_name"] == "x Bcc: all@example.com"


@given(
    any_text | st.sampled_from(["<script>x</script>", "'><img src=x>", '"><svg>', "</title><b>"])
)
def test_no_tag_of_a_value_survives(value: str):
    source = "<p title='{{v}}'>{{v}}</p><a href=\"{{v}}\">{{ v | upcase }}</a>"
    without = fields(values={"v": "x"}, html=source, subject="S {{v}}", previewText="{{v}}x")
    found = fields(values={"v": value}, html=source, subject="S {{v}}", previewText="{{v}}x")
    assert tags(found["html"]) == tags(without["html"])


@settings(max_examples=300)
@given(markup, any_text)
def test_any_html_ends_in_an_e_mail_or_in_invalid_input(html: str, value: str):
    try:
        found = fields(READER, {"v": value}, html=html, previewText=value)
    except InvalidInput:
        return
    found["html"].encode()
    found["text"].encode()
    tracked(found["html"], "https://hub.example/o", lambda url: url).encode()


@given(st.lists(st.sampled_from(["<p>", "<b class=x>", "</b>", "<td>", "<a href='#'>", "x"])))
def test_the_text_never_holds_tags(pieces: list[str]):
    assert "<" not in fields(html="x" + "".join(pieces))["text"]


def test_styles_are_inlined_and_rules_that_cannot_be_are_kept():
    html = "<style>p{color:red} @media print{p{color:blue}}</style><p>Hi</p>"
    found = fields(html=html)["html"]
    assert '<p style="color: red;">Hi</p>' in found
    assert "@media print" in found


@pytest.mark.parametrize("tag", ["<link rel=stylesheet href='{}'>", "<style>@import '{}';</style>"])
def test_no_style_sheet_is_loaded(tag: str, tmp_path: Any):
    sheet = tmp_path / "sheet.css"
    sheet.write_text("p{color:red}")
    found = fields(html=tag.format(sheet.as_uri()) + "<p>Hi</p>")["html"]
    assert "<p>Hi</p>" in found


def test_a_part_of_a_page_gets_a_layout_and_a_page_keeps_its_own():
    part = fields(html="<p>Hi</p>")["html"]
    assert part.startswith("<!DOCTYPE html><html lang=")
    assert "width=device-width" in part
    page = fields(html="<html><body class=mine><p>Hi</p></body></html>")["html"]
    assert page == '<!DOCTYPE html><html><head></head><body class="mine"><p>Hi</p></body></html>'


def test_the_preview_is_hidden_and_comes_first():
    found = fields(html="<p>Hi</p>", previewText="Your <order>")
    body = found["html"][found["html"].index("<body") :]
    assert body.index("display:none") < body.index("Your &lt;order&gt;") < body.index("<p>Hi")
    assert found["preview_text"] == "Your <order>"
    assert "order" not in found["text"]


def test_the_footer_links_to_preferences_and_unsubscribing():
    found = fields(READER)
    assert Page(found["html"]).links() == [PREFERENCES, UNSUBSCRIBE]
    assert found["text"].endswith(f"Change what you get: {PREFERENCES}\nUnsubscribe: {UNSUBSCRIBE}")
    assert found["list_unsubscribe"] == UNSUBSCRIBE
    assert Page(fields(ALONE)["html"]).links() == []


def test_a_sender_who_links_there_gets_no_second_link():
    html = "<a href='{{unsubscribe_url}}'>Bye</a> <a href='{{ preferences_url }}'>Settings</a>"
    assert Page(fields(READER, html=html)["html"]).links() == [UNSUBSCRIBE, PREFERENCES]


def test_a_logo_stands_on_top_when_it_is_on_the_web():
    with_logo = Reader("", "u1", "UTC", 'A"b', "", "", "https://shop.example/l.png")
    images = [found for tag, found in Page(fields(with_logo)["html"]).tags if tag == "img"]
    assert images[0]["src"] == "https://shop.example/l.png"
    assert images[0]["alt"] == 'A"b'
    no_web = Reader("", "u1", "UTC", "A", "", "", "javascript:1")
    assert "img" not in tags(fields(no_web)["html"])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"subject": ""}, "email.subject"),
        ({"subject": "{{nothing}}\n"}, "email.subject"),
        ({"html": ""}, "email.html"),
        ({"subject": "x" * (MAX_SUBJECT + 1)}, "email.subject"),
        ({"html": "x" * (MAX_HTML + 1)}, "email.html"),
        ({"html": "{{"}, "line 1"),
        ({"subject": ["x"]}, "subject"),
    ],
)
def test_what_is_missing_or_too_long_is_named(content: dict[str, Any], named: str):
    with pytest.raises(InvalidInput, match=named):
        fields(**content)


@pytest.mark.parametrize(
    "html",
    [
        *("<div>" * 200_000, "<b><p>" * 50_000, "<p><i>" * 50_000, "<table><td>" * 50_000),
        *("".join(f"<p><b id={i}></p>" for i in range(20_000)), "<svg>" * 50_000),
    ],
)
def test_markup_nested_without_end_is_refused(html: str):
    started = time.perf_counter()
    with pytest.raises(InvalidInput, match="within each other"):
        fields(html=html)
    assert time.perf_counter() - started < 5


def test_long_html_without_nesting_is_taken():
    rows = "<tr><td><p>One<br><p>Two</td><td><b>x</b></td></tr>\n" * 5_000
    assert fields(html=f"<table>{rows}</table><ul>{'<li>x' * 5_000}</ul>")["text"].count("One") == (
        5_000
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul><ol><li>x</li><li>y</li></ol>", "- a\n- b\n\n1. x\n2. y"),
        (
            "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "A | B\n1 | 2",
        ),
        (
            "See <a href='https://x.example/?a=1&amp;b'>this</a>.",
            "See this (https://x.example/?a=1&b).",
        ),
        ("<a href='https://x.example'>https://x.example</a>", "https://x.example"),
        ("<a href='mailto:a@x.example'>a@x.example</a> <a href='#top'>up</a>", "a@x.example up"),
        ("<a href='https://x.example'><img src=y alt='Shop'></a>", "Shop (https://x.example)"),
        ("<a href='https://x.example'><img src=y></a>", "https://x.example"),
        ("a &amp; b &lt; c&nbsp;d", "a & b < c d"),
        ("<div>a</div><div>b<br></div><div><div>c</div></div>", "a\nb\nc"),
        (
            "<p>x</p><style>p{}</style><script>1</script><title>t</title><div hidden>h</div>y",
            "x\n\ny",
        ),
        ("<div style='Display: none'>h<br><b>h</b></div>y", "y"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("a<hr>b", "a\n---\nb"),
        ("  many\n   spaces  ", "many spaces"),
    ],
)
def test_html_reads_as_text(html: str, text: str):
    assert text_of(html) == text


def test_web_links_lead_over_the_tracker_and_a_picture_ends_the_body():
    html = (
        "<a class=x href='https://a.example/?b=1&amp;c' title='<b> href=x'>a</a>"
        "<a href='http://b.example'>b</a><a href='mailto:c@x.example'>c</a><a href='tel:1'>d</a>"
        "<a href='#e'>e</a><a href='/f'>f</a><a data-no-track href='https://g.example'>g</a>"
        "<a href='{{unsubscribe_url}}'>h</a><a>i</a>"
    )
    page = fields(READER, html=html)["html"]
    found = Page(
        tracked(page, "https://hub.example/o?a&b", lambda url: f"https://t.example/?{url}")
    )
    assert found.links() == [
        *("https://t.example/?https://a.example/?b=1&c", "https://t.example/?http://b.example"),
        *("mailto:c@x.example", "tel:1", "#e", "/f", "https://g.example", UNSUBSCRIBE, None),
        PREFERENCES,
    ]
    assert found.tags[-1][0] == "img"
    assert found.tags[-1][1]["src"] == "https://hub.example/o?a&b"
    link = next(attributes for tag, attributes in found.tags if tag == "a")
    assert (link["class"], link["title"]) == ("x", "<b> href=x")


def test_without_tracking_the_html_stays_as_it_is():
    page = fields(READER, html="<a href='https://a.example'>a</a>")["html"]
    assert tracked(page, None, None) == page
    assert tracked("<p>x", "https://o.example", None).startswith("<p>x<img src=")


def test_a_value_in_an_attribute_cannot_add_attributes_by_tracking():
    html = "<a title='{{v}}' href='https://a.example'>a</a>"
    page = fields(values={"v": " href=x onclick=y '\"><b>"}, html=html)["html"]
    found = Page(tracked(page, None, lambda url: url + "/t"))
    link = next(attributes for tag, attributes in found.tags if tag == "a")
    assert link == {"title": " href=x onclick=y '\"><b>", "href": "https://a.example/t"}
