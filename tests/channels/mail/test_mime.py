"""The message as the receiver's program reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.mail.attachments import Attachment
from inbox_app.channels.mail.mime import build, flatten, people
from inbox_app.channels.mail.replies import token_in
from inbox_app.domain.errors import Permanent, UnsupportedContent
from tests.channels.parcels import make_parcel

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TREACHEROUS = st.text(
    st.sampled_from("ab é<>@,;:\"'=?\\\r\n\t\0\x0b\x1c\x85\u2028\u202e\ud800.-_") | st.characters()
)


def received(
    fields: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    files: Sequence[Attachment] = (),
) -> EmailMessage:
    """What arrives of a parcel with these fields and options."""
    raw = sent(fields, options, files)
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def sent(
    fields: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    files: Sequence[Attachment] = (),
) -> bytes:
    parcel = make_parcel(fields=fields, options=options)
    who = people(parcel, "smtp", "hub@sender.test", "The hub")
    return flatten(build(parcel, who, files, NOW, "smtp"), utf8=False)


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content().strip()


def test_text_and_html_are_alternatives():
    message = received()
    assert message.get_content_type() == "multipart/alternative"
    assert text_of(message, "plain") == "Hi Ana"
    assert text_of(message, "html") == "<p>Hi <b>Ana</b></p>"


@pytest.mark.parametrize(("left_out", "kind"), [("text", "text/html"), ("html", "text/plain")])
def test_one_of_both_is_enough(left_out: str, kind: str):
    assert received({left_out: ""}).get_content_type() == kind


def test_a_message_without_content_is_refused():
    with pytest.raises(UnsupportedContent):
        sent({"text": "", "html": None})


def test_the_headers_say_who_and_when():
    message = received(
        {"subject": "Grüße"},
        {"replyToAddresses": ["help@shop.test"], "ccAddresses": ["Ben B <ben@example.com>"]},
    )
    assert message["From"] == "The hub <hub@sender.test>"
    assert message["To"] == "ana@example.com"
    assert message["Reply-To"] == "help@shop.test"
    assert message["Cc"] == "Ben B <ben@example.com>"
    assert message["Subject"] == "Grüße"
    assert message["Date"].datetime == NOW


TOKEN = "a2" * 19 + "a"


@pytest.mark.parametrize(
    ("options", "domain", "token", "expected"),
    [
        ({}, "in.sender.test", TOKEN, f"reply+{TOKEN}@in.sender.test"),
        ({"replyToAddresses": ["help@shop.test"]}, "in.sender.test", TOKEN, "help@shop.test"),
        ({"replyToAddresses": ["nobody"]}, "in.sender.test", TOKEN, None),
        ({"replyToAddresses": []}, "in.sender.test", TOKEN, f"reply+{TOKEN}@in.sender.test"),
        ({}, "", TOKEN, None),
        ({}, "in.sender.test", "", None),
    ],
)
def test_answers_come_back_where_nobody_else_wants_them(
    options: Mapping[str, Any], domain: str, token: str, expected: str | None
):
    parcel = make_parcel(options=options, reply_token=token)
    who = people(parcel, "smtp", "hub@sender.test", "The hub", domain)
    assert build(parcel, who, (), NOW, "smtp")["Reply-To"] == expected


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        ([f"reply+{TOKEN}@in.sender.test"], TOKEN),
        ([f"Reply+{TOKEN.upper()}@IN.sender.TEST"], TOKEN),
        (["info@in.sender.test", f"The hub <reply+{TOKEN}@in.sender.test>"], TOKEN),
        ([f"reply+{TOKEN}@sender.test"], ""),
        (["reply+short@in.sender.test", "reply@in.sender.test", "nobody", ""], ""),
        ([f"reply+{TOKEN}0@in.sender.test", f"xreply+{TOKEN}@in.sender.test"], ""),
    ],
)
def test_an_answer_is_known_by_the_address_it_comes_to(recipients: list[str], expected: str):
    assert token_in(recipients, "in.sender.test") == expected
    assert token_in(recipients, "") == ""


def test_a_blind_copy_is_in_no_header():
    raw = sent(options={"bccAddresses": ["secret@example.com"]})
    assert b"secret" not in raw
    assert b"bcc" not in raw.lower()


@pytest.mark.parametrize(
    ("fields", "options", "expected"),
    [
        ({}, {}, "The hub <hub@sender.test>"),
        ({"sender_name": "Shop"}, {}, "Shop <hub@sender.test>"),
        ({"sender_email": "shop@shop.test"}, {}, "The hub <shop@shop.test>"),
        (
            {"sender_email": "shop@shop.test", "sender_name": "Shop"},
            {"fromAddress": "ceo@shop.test", "fromName": "The boss"},
            "The boss <ceo@shop.test>",
        ),
    ],
)
def test_the_send_decides_who_it_is_from(
    fields: Mapping[str, Any], options: Mapping[str, Any], expected: str
):
    assert received(fields, options)["From"] == expected


def test_a_sender_that_is_no_address_is_refused():
    with pytest.raises(Permanent) as caught:
        sent(options={"fromAddress": "nobody"})
    assert not caught.value.dead_address


def test_one_click_unsubscribes():
    url = "https://hub.test/unsubscribe/" + "x" * 400 + "?a=b&c=d"
    raw = sent({"list_unsubscribe": url})
    # Whole and unencoded: programs read it.
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"List-Unsubscribe" not in sent()


@pytest.mark.parametrize(
    "url", ["mailto:x@y.z", "https://a.test/>\r\nX: y", "https://a b", "https://a/" + "x" * 999]
)
def test_an_unsubscribe_link_that_is_none_is_refused(url: str):
    with pytest.raises(UnsupportedContent):
        sent({"list_unsubscribe": url})


def test_files_go_along():
    pdf = Attachment("Rechnung für Ana.pdf", "application/pdf", b"%PDF\0\xff" * 100)
    [part] = received(files=[pdf]).iter_attachments()
    assert part.get_filename() == "Rechnung für Ana.pdf"
    assert part.get_content_type() == "application/pdf"
    assert part.get_content() == pdf.content


@given(TREACHEROUS, TREACHEROUS, TREACHEROUS)
def test_no_text_begins_another_header(subject: str, name: str, body: str):
    raw = sent(
        {"subject": subject, "text": f"{body}.", "html": ""},
        {"fromName": name, "ccAddresses": [name, f"{name} <cc@example.com>"]},
    )
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert rest
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    names = {line.partition(b":")[0] for line in re.split(rb"\r\n(?![ \t])", head)}
    assert names <= {
        *(b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"X-Tracking-Id"),
        *(b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"),
    }


@given(TREACHEROUS)
def test_no_name_brings_another_sender(name: str):
    addresses = received(options={"fromName": name})["From"].addresses
    assert [one.addr_spec for one in addresses] == ["hub@sender.test"]
