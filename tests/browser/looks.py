"""Sizes and colours in which pages are looked at."""

from __future__ import annotations

import itertools
import os
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

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

COLOURS: Final = 128


def keep(picture: bytes, name: str, width: int, scheme: str) -> None:
    """Stores a picture of a page, in few colours: it is there to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    few = Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS)
    few.save(PICTURES / f"{name}-{width}-{scheme}.png", optimize=True)


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
