"""How many parts a text makes, against the standard's table and every way to cut it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.texting.segments import Cut, Encoding, cut

ROWS = [
    *("@Δ 0¡P¿p", "£_!1AQaq", '$Φ"2BRbr', "¥Γ#3CScs", "èΛ¤4DTdt", "éΩ%5EUeu", "ùΠ&6FVfv"),
    *("ìΨ'7GWgw", "òΣ(8HXhx", "ÇΘ)9IYiy", "\nΞ*:JZjz", "Ø +;KÄkä", "øÆ,<LÖlö"),
    *("\ræ-=MÑmñ", "Åß.>NÜnü", "åÉ/?O§oà"),
]
"""TS 23.038, section 6.2.1, row by row; the escape sign is a space here."""
SINGLE = {sign for row in ROWS for sign in row}
DOUBLE = set("\f^{}\\[~]|€")
SMALL = st.sampled_from("ab€{é")
WIDE = st.sampled_from("ab€字😀")


def test_the_alphabet_is_that_of_the_standard():
    assert all(len(row) == 8 for row in ROWS)
    # The space is there twice: once for the escape sign.
    assert len(SINGLE) == 127
    for code in range(0x2100):
        sign = chr(code)
        expected = Encoding.GSM_7 if sign in SINGLE | DOUBLE else Encoding.UCS_2
        assert cut(sign).encoding is expected, sign
        units = 2 if sign in DOUBLE else 1
        if expected is Encoding.GSM_7:
            assert cut(sign * (160 // units)).segments == 1
            assert cut(sign * (160 // units) + "a").segments == 2


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", Encoding.GSM_7, 1),
        ("a" * 160, Encoding.GSM_7, 1),
        ("a" * 161, Encoding.GSM_7, 2),
        ("a" * 306, Encoding.GSM_7, 2),
        ("a" * 307, Encoding.GSM_7, 3),
        ("€" * 80, Encoding.GSM_7, 1),
        ("€" * 81, Encoding.GSM_7, 2),
        # 153 is odd: the last place of a part stays empty before a sign of two.
        ("€" * 152, Encoding.GSM_7, 2),
        ("€" * 153, Encoding.GSM_7, 3),
        ("a" + "€" * 152, Encoding.GSM_7, 2),
        ("字" * 70, Encoding.UCS_2, 1),
        ("字" * 71, Encoding.UCS_2, 2),
        ("字" * 134, Encoding.UCS_2, 2),
        ("字" * 135, Encoding.UCS_2, 3),
        ("😀" * 35, Encoding.UCS_2, 1),
        ("😀" * 36, Encoding.UCS_2, 2),
        ("😀" * 66, Encoding.UCS_2, 2),
        ("😀" * 67, Encoding.UCS_2, 3),
        ("`", Encoding.UCS_2, 1),
        ("ç", Encoding.UCS_2, 1),
        ("€" * 70 + "字", Encoding.UCS_2, 2),
    ],
)
def test_a_text_is_counted(text: str, encoding: Encoding, segments: int):
    assert cut(text) == Cut(encoding, segments)


@given(st.text(SMALL, max_size=40) | st.text(WIDE, max_size=40), st.integers(1, 12))
def test_there_is_no_way_to_cut_it_into_fewer(text: str, times: int):
    text *= times
    found = cut(text)
    simple = set(text) <= SINGLE | DOUBLE
    assert found.encoding is (Encoding.GSM_7 if simple else Encoding.UCS_2)
    alone, joined = (160, 153) if simple else (70, 67)
    lengths = [_length(sign, simple) for sign in text]
    expected = 1 if sum(lengths) <= alone else _fewest(tuple(lengths), joined)
    assert found.segments == expected


def _length(sign: str, simple: bool) -> int:
    return (2 if sign in DOUBLE else 1) if simple else len(sign.encode("utf-16-be")) // 2


def _fewest(lengths: tuple[int, ...], room: int) -> int:
    """The fewest parts of whole signs, over all places where the first part could end."""

    @cache
    def fewest(start: int) -> int:
        best, used = len(lengths), 0
        for end in range(start, len(lengths)):
            used += lengths[end]
            if used > room:
                break
            best = min(best, 1 + (fewest(end + 1) if end + 1 < len(lengths) else 0))
        return best

    # From the end, so that no question goes deep.
    return [fewest(start) for start in reversed(range(len(lengths)))][-1]


def test_it_is_told_in_words():
    assert str(cut("a")) == "1 segment, GSM-7"
    assert str(cut("字" * 80)) == "2 segments, UCS-2"
