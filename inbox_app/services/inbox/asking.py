"""How the browser of a person asks for an act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True)
class Asked:
    """What comes with an act.

    Attributes:
        name: The caller's own name for it: under the same name it is done once, and `undo` takes
            it back by that; "" for none.
        age: How long ago the person did it: longer than no time where there was no network.
    """

    name: str = ""
    age: timedelta = timedelta()


JUST_NOW: Final = Asked()
