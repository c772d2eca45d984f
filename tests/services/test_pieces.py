from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.services.pieces import host, pieces
from inbox_app.services.views import Piece


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.org.", ["https://example.org"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b"]),
        (
            "https://a.example and HTTP://b.example/x?y=1#z!",
            ["https://a.example", "HTTP://b.example/x?y=1#z"],
        ),
        ("javascript:alert(1) ftp://x.example www.example.org", []),
        ("https://", []),
        ("https://[", []),
        ("<https://example.org>", ["https://example.org"]),
    ],
)
def test_addresses_become_links(text: str, links: list[str]) -> None:
    assert [piece.href for piece in pieces(text) if piece.href] == links


def test_line_breaks_stay() -> None:
    assert pieces("One\n\nhttps://example.org\nTwo") == [
        Piece("One\n\n"),
        Piece("https://example.org", "https://example.org"),
        Piece("\nTwo"),
    ]


@given(st.text() | st.text(alphabet="htps:/.[]( x\n"))
def test_nothing_is_lost_and_every_link_is_http(text: str) -> None:
    found = pieces(text)
    assert "".join(piece.text for piece in found) == text
    assert all(p.href.lower().startswith(("http://", "https://")) for p in found if p.href)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.example.org:8443/a", "example.org"),
        ("/orders/1", ""),
        ("", ""),
        ("https://[", ""),
    ],
)
def test_the_host_of_an_address(url: str, name: str) -> None:
    assert host(url) == name
