"""Mail that comes in, as text and as whatever its sender likes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.mail.inbound import (
    Letter,
    headers_of,
    is_automatic,
    parsed,
    text_of,
    writer,
)

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
        ("<head><title>No</title></head><body>Hi</body>", "Hi"),
        ("1 &lt; 2 &gt; <b>0</b> &amp;lt;", "1 < 2 > 0 &lt;"),
        ("Hi<blockquote>never ends", "Hi"),
        ("</p></blockquote>Hi", "Hi"),
    ],
)
def test_html_is_read_as_text(html: str, text: str):
    assert text_of(html) == text


WEB_MAIL = {
    "Gmail": (
        '<div dir="ltr">At four, please.</div><br><div class="gmail_quote"><div class="gmail_attr">'
        'On Mon, 2 Mar 2026 at 09:30 The hub &lt;<a href="mailto:hub@shop.test">hub@shop.test</a>'
        '&gt; wrote:<br></div><blockquote class="gmail_quote">When?</blockquote></div>'
    ),
    "Outlook": (
        "<div>At four, please.</div><hr><div id=divRplyFwdMsg><font><b>From:</b> The hub<br>"
        "<b>Sent:</b> Monday, March 2, 2026<br><b>To:</b> Ana<br></font></div><div>When?</div>"
    ),
    "Apple": (
        "<html><body>At four, please.<br><div><blockquote type=cite><div>On 2 Mar 2026, The hub "
        "wrote:</div></blockquote></div><blockquote type=cite>When?</blockquote></body></html>"
    ),
}


@pytest.mark.parametrize("name", WEB_MAIL)
def test_what_web_mail_quotes_is_left_out(name: str):
    raw = f"Content-Type: text/html\r\n\r\n{WEB_MAIL[name]}"
    assert parsed(raw.encode()).text == "At four, please."


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<", "<div>", "<b>", "<blockquote><b>", "</i>", "&", "<table>"]
)
def test_html_made_to_take_long_does_not(piece: str):
    # What takes far more than linear time would not end here.
    text_of(piece * (200_000 // len(piece)))


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_html_breaks_it(html: str):
    assert "\n\n\n" not in text_of(html)


@given(st.binary(max_size=400))
def test_no_mail_breaks_it(raw: bytes):
    letter = parsed(raw)
    assert all(name == name.lower() for name in letter.headers)
    assert len(letter.text) <= 5_000


@pytest.mark.parametrize("depth", [1, 20, 21, 2_000])
def test_a_mail_of_many_boxes_takes_no_long_time(depth: int):
    boxes = (
        f"Content-Type: multipart/mixed; boundary=b{each}\r\n\r\n--b{each}\r\n"
        for each in range(depth)
    )
    # In twice as many boxes each line takes twice as long; more than some are not opened.
    raw = "".join(boxes) + "\r\n" + "Hi\r\n" * 1_000
    text = parsed(raw.encode()).text
    assert text.startswith("Hi") is (depth <= 20)


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: message/rfc822\r\n",
        "CONTENT-TYPE:\r\n message/global\r\n",
        "Content-Type: \x1cmessage/rfc822\r\n",
        "X: y\rContent-Type: message/rfc822\r\n",
    ],
)
def test_mails_within_mails_without_end_say_nothing(header: str):
    assert parsed(f"{header}\r\n".encode() * 3_000 + b"Hi") == Letter()


@pytest.mark.parametrize(
    "charset",
    ["x-moon", "idna", "punycode", "undefined", "hex", "a\0b", "x" * 5_000, "raw_unicode_escape"],
)
def test_a_text_of_whatever_charset_is_read(charset: str):
    raw = f'Content-Type: text/plain; charset="{charset}"\r\n\r\nHi ..é'
    assert parsed(raw.encode()).text.startswith("Hi ..")


def box(kind: str, *parts: str) -> str:
    """Parts in a part; each begins with its header."""
    edge = f"edge-{len(parts)}-{kind}"
    inside = "".join(f"--{edge}\r\n{each}\r\n" for each in parts)
    return f'Content-Type: multipart/{kind}; boundary="{edge}"\r\n\r\n{inside}--{edge}--\r\n'


def leaf(text: str, kind: str = "text/plain", disposition: str = "") -> str:
    says = f"Content-Disposition: {disposition}\r\n" if disposition else ""
    return f"Content-Type: {kind}\r\n{says}\r\n{text}"


PICTURE = leaf("x", "image/png", "inline; filename=a.png")
HTML = leaf("<p>Yes.</p>", "text/html")
LETTER = leaf("From: boss@b.test\r\nContent-Type: text/plain\r\n\r\nSecret", "message/rfc822")
FILED = leaf(
    "From: boss@b.test\r\nContent-Type: text/plain\r\n\r\nSecret",
    *("message/rfc822", "attachment; filename=a.eml"),
)
BOXES = {
    "text around a picture": (box("mixed", leaf("Yes."), PICTURE, leaf("No.")), "Yes.\nNo."),
    "two forms": (box("alternative", leaf("Yes."), HTML), "Yes."),
    "two forms, the other way round": (box("alternative", HTML, leaf("Yes")), "Yes"),
    "an empty text beside HTML": (box("alternative", leaf(" \r\n"), HTML), "Yes."),
    "an empty text above HTML": (box("mixed", leaf(""), HTML), "Yes."),
    "HTML with its pictures": (box("alternative", leaf(""), box("related", HTML, PICTURE)), "Yes."),
    "two forms around a file": (
        box("alternative", leaf("Yes."), box("mixed", HTML, PICTURE, HTML)),
        "Yes.",
    ),
    "a mail as file": (box("mixed", HTML, FILED), "Yes."),
    "a mail passed on": (box("mixed", LETTER, HTML), "Yes."),
    "parts as a file": (
        box(
            "mixed",
            box("mixed", leaf("No.")).replace(
                "\r\n\r\n", "\r\nContent-Disposition: attachment\r\n\r\n", 1
            ),
            leaf("Yes."),
        ),
        "Yes.",
    ),
    "a text as file": (box("mixed", leaf("Yes."), leaf("No.", disposition="attachment")), "Yes."),
    "a text as shown file": (
        box("mixed", leaf("Yes."), leaf("No.", disposition="inline; filename=a.txt")),
        "Yes.",
    ),
    "no text": (box("mixed", PICTURE), ""),
}


@pytest.mark.parametrize("name", BOXES)
def test_what_was_written_is_found_among_the_parts(name: str):
    raw, text = BOXES[name]
    assert parsed(raw.encode()).text == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_sender_breaks_it(header: str, envelope_from: str):
    headers = headers_of([("From", header)])
    assert "\n" not in writer(headers, envelope_from)
    is_automatic(headers, envelope_from)


def test_the_first_of_several_headers_counts():
    assert headers_of([("From", " a "), ("from", "b")]) == {"from": "a"}
