"""Sizes and colours in which pages are looked at."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Final

import pytest

from inbox_app.cli.frontend import ROOT

SIZES = [(1440, 900), (768, 1024), (390, 844)]
# Pictures tell the time, so each run makes others: the ones in the repository are made on purpose.
PICTURES: Final = (
    ROOT / "docs" / "screenshots"
    if os.environ.get("KEEP_PICTURES")
    else Path(__file__).parents[1] / ".artifacts" / "screens"
)
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
