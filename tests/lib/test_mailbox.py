"""Addresses as texts, and as they stand on the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.mailbox import Mailbox, NotAMailbox, clean, mailbox, same_mailbox


@pytest.mark.parametrize(
    ("text", "on_the_line", "name"),
    [
        ("ana@example.com", "ana@example.com", ""),
        (" ana@Example.COM ", "ana@example.com", ""),
        ("Ana <ana+tag@example.com>", "ana+tag@example.com", "Ana"),
        ('"Ana, B" <o\'hara@example.com>', "o'hara@example.com", "Ana, B"),
        ("ana@straße.example", "ana@xn--strae-oqa.example", ""),
        ("añá@例え.jp", "añá@xn--r8jz45g.jp", ""),
    ],
)
def test_an_address_is_read(text: str, on_the_line: str, name: str):
    found = mailbox(text)
    assert (str(found), found.name) == (on_the_line, name)
    assert found.needs_utf8 is not on_the_line.isascii()


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "ana", "ana@", "@example.com", "a@b@c.com", ".ana@example.com", "a..b@c.com"),
        *("a b@example.com", "ana@exa mple.com", "ana@example..com", "ana@-x.com", "<ana>@x.com"),
        *("ana@example.com\r\nBcc: x@y.z", "ana\n@example.com", "ana@example.com>", "a\0@b.com"),
        *("ana@example.com, ben@example.com", "Ana <ana@example.com>, <ben@example.com>"),
        *('"a b"@example.com', "a" * 65 + "@example.com", "a@" + "b." * 130 + "com"),
    ],
)
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(NotAMailbox):
        mailbox(text)


@given(st.text() | st.tuples(st.text(), st.text()).map("@".join))
def test_whatever_is_read_cannot_break_out_of_its_place(text: str):
    try:
        found = mailbox(text)
    except NotAMailbox:
        return
    assert str(found).isprintable()
    assert not set(str(found)) & set(' <>"(),:;[]\\')
    assert str(found.header()).count("@") == 1


@given(st.text())
def test_a_cleaned_text_is_one_line(text: str):
    assert len(clean(text).splitlines()) <= 1
    assert clean(clean(text)) == clean(text)


def test_a_name_cannot_hold_an_address_of_its_own():
    header = Mailbox("ana", "example.com", 'Evil <boss@bank.example> "x').header()
    assert header.addr_spec == "ana@example.com"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ana@example.com", "ana@EXAMPLE.com", True),
        ("ana.b@example.com", "Ana.B@example.com", True),
        ("ana@straße.example", "ana@xn--strae-oqa.example", True),
        ("Ana <ana@example.com>", "ana@example.com", True),
        ("ana@example.com", "ana+tag@example.com", False),
        ("ana@example.com", "ana@example.org", False),
        ("ana@example.com", "", False),
        ("nobody", "nobody", False),
    ],
)
def test_the_case_of_an_address_says_nothing(one: str, other: str, same: bool):
    assert same_mailbox(one, other) is same
    assert same_mailbox(other, one) is same
