"""Mail that comes in, as text and as whatever its sender likes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.mail.inbound import headers_of, is_automatic, parsed, text_of, writer

TAGS = ["div", "p", "br", "blockquote", "style", "script", "div class='gmail_quote'"]
PIECES = st.sampled_from(
    [*(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS), "<!--", "<![CDATA[", *"<>&x/\n"]
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("At  <b>four</b>,\nplease &amp; thanks", "At four, please & thanks"),
        ("Hi<style>p {}</style><script>x()</script>", "Hi"),
        ("Hi<blockquote><p>You<br>wrote</p></blockquote>Bye", "HiBye"),
        ('Hi<div class="x gmail_quote"><div>You</div>wrote</div> Bye', "Hi Bye"),
        ('Hi<div id="divRplyFwdMsg">From: you</div>', "Hi"),
        ("Hi<blockquote>never ends", "Hi"),
        ("</p></blockquote>Hi", "Hi"),
    ],
)
def test_html_is_read_as_text(html: str, text: str):
    assert text_of(html) == text


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_html_breaks_it(html: str):
    assert "\n\n\n" not in text_of(html)


@given(st.binary(max_size=400))
def test_no_mail_breaks_it(raw: bytes):
    headers, text = parsed(raw)
    assert all(name == name.lower() for name in headers)
    assert len(text) <= 5_000


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_sender_breaks_it(header: str, envelope_from: str):
    headers = headers_of([("From", header)])
    assert "\n" not in writer(headers, envelope_from)
    is_automatic(headers, envelope_from)


def test_the_first_of_several_headers_counts():
    assert headers_of([("From", " a "), ("from", "b")]) == {"from": "a"}
