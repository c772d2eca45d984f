"""In-app content: merged, harmless, within limits."""

from __future__ import annotations

import re
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.rendering.in_app import (
    ATTRIBUTES,
    MAX_BODY,
    MAX_LABEL,
    MAX_TITLE,
    TAGS,
    render,
    sanitised,
)
from inbox_app.rendering.text import MAX_URL

SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.\-]*):")
ALLOWED = {tag: ATTRIBUTES.get(tag, set()) | ATTRIBUTES["*"] for tag in TAGS}
GIVEN = {"a": {"target", "rel"}, "img": {"loading"}}
"""Attributes that sanitising adds by itself."""


class Harmless(HTMLParser):
    """Fails at the first thing that is not on the list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        for name, value in attrs:
            assert name in ALLOWED[tag] | GIVEN.get(tag, set())
            scheme = SCHEME.match(value or "")
            if name in {"href", "src"} and scheme:
                assert scheme[1].lower() in {"http", "https", "mailto", "tel"}

    def handle_comment(self, data: str) -> None:
        pytest.fail("a comment is left")

    def handle_decl(self, decl: str) -> None:
        pytest.fail("a declaration is left")


pieces = st.sampled_from(
    [
        *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>"),
        *("<a href='javascript:alert(1)'>", "<a href='&#106;avascript:alert(1)'>", "</a>"),
        *("<a href=' data:text/html,x'>", "<a href='vbscript:x'>", "<base href='//evil.example'>"),
        *("<iframe srcdoc='<script>'>", "<iframe src='//evil.example'>", "<object data=x>"),
        *("<style>*{}</style>", "<p style='background:url(x)'>", "<div id=x class=y onclick=z>"),
        *("<form action='//evil.example'>", "<input autofocus onfocus=x>", "<math><mtext>"),
        *("<table background=x>", "<noscript><p title='</noscript><img src=x onerror=x>'>"),
        *("<!--", "-->", "<![CDATA[", "]]>", "<", ">", '"', "'", "`", "&lt;script&gt;", "\0"),
        *("<b>", "</b>", "<p>", "text", "<template>", "<meta http-equiv=refresh content=0>"),
        *("{{name}}", "<a href='{{name}}'>", '<img alt="{{name}}">'),
    ]
)
markup = st.lists(pieces | st.text(max_size=8), max_size=12).map("".join)


def rendered(parameters: dict[str, Any] | None = None, **content: Any) -> InAppContent:
    fields: dict[str, Any] = {"title": "Hello", **content}
    return render(InAppContent(**fields), parameters or {}, {}).content


def assert_harmless(html: str) -> None:
    parser = Harmless()
    parser.feed(html)
    parser.close()


@given(markup)
def test_no_markup_does_anything(html: str):
    assert_harmless(sanitised(html))


@given(markup, markup | st.text())
def test_a_value_cannot_become_markup_that_does_something(html: str, value: str):
    if "\0" in html + value:
        return
    found = rendered({"name": value}, html=html).html
    assert_harmless(found)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>", ""),
        ("<img src=x onerror=alert(1)>", '<img src="x" loading="lazy">'),
        ("<a href='javascript:alert(1)'>x</a>", "x"),
        ("<iframe src='https://evil.example'></iframe>", ""),
        ("<iframe srcdoc='<script>alert(1)</script>'></iframe>", ""),
        ("<p style='position:fixed'>x</p>", "<p>x</p>"),
        ("<style>p { color: red }</style>x", "x"),
        ("<form action='/api/send'><button>x</button></form>", "x"),
        ("<svg><script>alert(1)</script></svg>", ""),
        ("<b>bold</b> & <i>thin</i>", "<b>bold</b> &amp; <i>thin</i>"),
    ],
)
def test_what_is_left_of_markup(html: str, left: str):
    found = sanitised(html)
    assert_harmless(found)
    assert re.sub(r'<a [^>]*rel="[^>]*>|</a>', "", found) == left


def test_links_open_apart_and_tell_nobody_where_from():
    link = sanitised("<a href='https://acme.example' target=_top rel=opener>x</a>")
    assert 'target="_blank"' in link
    assert 'rel="noopener noreferrer nofollow"' in link
    assert "opener" not in link.replace("noopener", "")


def test_values_are_escaped_in_html_and_literal_in_text():
    found = rendered({"name": "<b>Ada</b>"}, title="{{name}}", body="{{name}}", html="<p>{{name}}")
    assert found.title == found.body == "<b>Ada</b>"
    assert found.html == "<p>&lt;b&gt;Ada&lt;/b&gt;</p>"


def test_values_deep_in_objects_and_lists_are_escaped_too():
    found = rendered(
        {"user": {"name": "<i>"}, "tags": ["<u>"]}, html="{{user.name}} {{tags}} {{user}}"
    )
    assert "<" not in found.html


@pytest.mark.parametrize("url", ["{{go}}", "https://acme.example/{{go}}"])
def test_a_merged_link_is_checked_after_merging(url: str):
    with pytest.raises(InvalidInput, match="does not lead to the web"):
        rendered({"go": "javascript:alert(1)\n"}, url=f"{url}\t{{{{go}}}}")
    with pytest.raises(InvalidInput, match="does not lead to the web"):
        rendered({"go": "javascript:alert(1)"}, url="{{go}}")


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"),
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "ftp://acme.example", "x"),
        *("https://", "http:///path", "https:acme.example", "https://[::1", "/a\tb", "/a\nb"),
        *("mailto:ada@acme.example", "https://acme.example/\x00"),
    ],
)
def test_a_link_that_does_not_lead_to_the_web_is_refused(url: str):
    for place in ("url", "image"):
        with pytest.raises(InvalidInput, match=f"inapp.{place}"):
            rendered({}, **{place: url})
    with pytest.raises(InvalidInput, match="does not lead to the web"):
        rendered(actions=(Action("Go", url),))


@pytest.mark.parametrize(
    "url", ["", "https://acme.example", "http://localhost:3000/x?y#z", "/orders/17", " /x "]
)
def test_a_link_to_the_web_or_the_host_is_kept(url: str):
    assert rendered(url=url).url == url.strip()


@given(st.text(max_size=30))
def test_any_link_is_refused_or_leads_to_the_web(url: str):
    try:
        found = rendered(url=url).url
    except InvalidInput:
        return
    assert not found or found.startswith(("/", "http://", "https://")) or "://" in found.lower()
    assert not found.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"title": "x" * (MAX_TITLE + 1)}, "inapp.title"),
        ({"body": "x" * (MAX_BODY + 1)}, "inapp.body"),
        ({"html": "x" * (MAX_BODY + 1)}, "inapp.html"),
        ({"url": "/" + "x" * MAX_URL}, "inapp.url"),
        ({"actions": (Action("x" * (MAX_LABEL + 1)),)}, "inapp.actions.label"),
        ({"actions": (Action("a"),) * 3}, "inapp.actions"),
        ({"title": " "}, "inapp.title"),
        ({"title": "{{nothing}}"}, "inapp.title"),
    ],
)
def test_what_is_too_long_too_many_or_empty_is_named(content: dict[str, Any], named: str):
    with pytest.raises(InvalidInput, match=named):
        rendered(**content)


def test_content_at_its_limits_is_kept():
    found = rendered(
        title="x" * MAX_TITLE,
        body="x" * MAX_BODY,
        url="/" + "x" * (MAX_URL - 1),
        actions=(Action("x" * MAX_LABEL, "/x"), Action("b")),
    )
    assert len(found.title) == MAX_TITLE
    assert found.actions[1] == Action("b", "")


def test_replacements_come_before_placeholders():
    content = InAppContent("Hi NAME", html="<p>NAME</p>")
    found = render(content, {"who": "Ada & Bo"}, {"NAME": "{{who}}"}).content
    assert found.title == "Hi Ada & Bo"
    assert found.html == "<p>Ada &amp; Bo</p>"


def test_names_without_a_value_are_told_once():
    content = InAppContent("Hi {{who}}{{who}}", body="{{what}}", html="{{who}}")
    assert render(content, {}, {}).missing == ("who", "what")


@pytest.mark.parametrize("html", ["<div>" * 10_000, "<b><p>" * 8_000, "<i>" * 16_000, "<" * 50_000])
def test_deeply_nested_markup_ends_in_an_answer(html: str):
    with suppress(InvalidInput):
        assert_harmless(rendered(html=html).html)


def test_any_tag_may_say_its_language_and_title():
    assert sanitised('<p lang="de" title="x" id="y">a</p>') == '<p lang="de" title="x">a</p>'


def test_liquid_works_in_every_field():
    found = rendered(
        {"items": ["<a>", "b"], "vip": True},
        title="{% if vip %}Dear{% endif %}",
        html="<ul>{% for i in items %}<li onclick=x>{{ i }}</li>{% endfor %}</ul>",
        url="/{{ items.size }}",
        actions=(Action("{{ items | last | upcase }}", "/{{ items | last }}"),),
    )
    assert found == InAppContent(
        "Dear",
        html="<ul><li>&lt;a&gt;</li><li>b</li></ul>",
        url="/2",
        actions=(Action("B", "/b"),),
    )


@pytest.mark.parametrize("text", ["{{ a b }}", "{% if %}", "{{"])
def test_wrong_liquid_is_refused(text: str):
    with pytest.raises(InvalidInput, match="line 1"):
        rendered(title=text)


def test_half_a_character_in_html_ends_in_an_answer():
    assert rendered({"v": "\udc00"}, html="<p>\ud800{{v}}</p>").html == "<p>\ufffd\ufffd</p>"
