"""Sizes and colours in which pages are looked at."""

from __future__ import annotations

import itertools

import pytest

SIZES = [(1440, 900), (768, 1024), (390, 844)]
ALWAYS = {(1440, "light"), (390, "dark")}
"""What every run looks at; the others are part of the whole matrix."""

EVERY_LOOK = pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [
        pytest.param(
            *(width, height, scheme),
            id=f"{width}-{scheme}",
            marks=[] if (width, scheme) in ALWAYS else [pytest.mark.matrix],
        )
        for (width, height), scheme in itertools.product(SIZES, ["light", "dark"])
    ],
)
