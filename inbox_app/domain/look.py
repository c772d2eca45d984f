"""How an environment looks: its logo and accent, and the tones that follow from the accent."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from inbox_app.domain.errors import InvalidInput

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""

ENOUGH: Final = 4.5
"""Contrast of text (WCAG 2.2, 1.4.3)."""
OF_CONTROLS: Final = 3.0
"""Contrast of what is no text (WCAG 2.2, 1.4.11)."""
WHITE: Final[Colour] = (1.0, 1.0, 1.0)
# As --panel in assets/styles/tokens.css.
DARK_PANEL: Final[Colour] = (0x17 / 255, 0x17 / 255, 0x1B / 255)
STEPS: Final = 200

_ACCENT: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Look:
    """What an environment chose of its own; "" is ours.

    Attributes:
        logo: Address of a square picture, https.
        accent: A colour as ``#rrggbb``.
    """

    logo: str = ""
    accent: str = ""


PLAIN: Final = Look()


def checked(logo: str, accent: str) -> Look:
    """A look from what an operator says.

    Raises:
        InvalidInput: the accent is no colour or the logo no https address.
    """
    if accent and not _ACCENT.fullmatch(accent):
        raise InvalidInput("The accent is no colour.", fix="Write it as #rrggbb.")
    if logo and not logo.startswith("https://"):
        raise InvalidInput("The logo has no https address.", fix="Begin it with https://.")
    return Look(logo, accent.lower())


def tones(look: Look) -> dict[str, dict[str, str]]:
    """Values of the accent's tokens in the light and the dark theme; {} without an accent.

    Text in and on every tone is readable, however bright or dark the accent is.
    """
    if not look.accent:
        return {}
    given = _parsed(look.accent)
    return {"light": _light(given), "dark": _dark(given)}


def contrast(one: Colour, other: Colour) -> float:
    """Of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _light(given: Colour) -> dict[str, str]:
    accent = _moved(given, 0.0, lambda c: contrast(c, WHITE) >= ENOUGH)
    soft = _mixed(accent, WHITE, 0.1)
    text = _moved(accent, 0.0, lambda c: contrast(c, soft) >= ENOUGH)
    return _tokens(accent, _mixed(accent, (0.0, 0.0, 0.0), 0.86), soft, text)


def _dark(given: Colour) -> dict[str, str]:
    visible = _moved(given, 1.0, lambda c: contrast(c, DARK_PANEL) >= OF_CONTROLS)
    accent = _moved(visible, 0.0, lambda c: contrast(c, WHITE) >= ENOUGH)
    soft = _mixed(accent, DARK_PANEL, 0.18)
    text = _moved(accent, 1.0, lambda c: contrast(c, soft) >= ENOUGH)
    return _tokens(accent, _mixed(accent, (0.0, 0.0, 0.0), 0.92), soft, text)


def _tokens(accent: Colour, hover: Colour, soft: Colour, text: Colour) -> dict[str, str]:
    return {
        "accent": _written(accent),
        "accent-hover": _written(hover),
        "accent-ink": _written(WHITE),
        "accent-soft": _written(soft),
        "accent-text": _written(text),
        "selected": _written(soft),
    }


def _moved(colour: Colour, towards: float, enough: Callable[[Colour], bool]) -> Colour:
    """The colour, as much lighter or darker as it takes."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*colour)
    for step in range(STEPS + 1):
        shade = lightness + (towards - lightness) * step / STEPS
        # As it is written, since rounding may cost what was just enough.
        found = _parsed(_written(colorsys.hls_to_rgb(hue, shade, saturation)))
        if enough(found):
            return found
    return (towards, towards, towards)


def _mixed(colour: Colour, ground: Colour, share: float) -> Colour:
    r, g, b = (c * share + d * (1 - share) for c, d in zip(colour, ground, strict=True))
    return _parsed(_written((r, g, b)))


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]  # noqa: PLR2004 - the standard's
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parsed(text: str) -> Colour:
    r, g, b = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


def _written(colour: Colour) -> str:
    return "#" + "".join(f"{round(max(0.0, min(c, 1.0)) * 255):02x}" for c in colour)


def as_document(look: Look) -> dict[str, str]:
    """As it is stored: only what was chosen."""
    return {name: value for name, value in vars(look).items() if value}


def from_document(document: Mapping[str, Any]) -> Look:
    return Look(str(document.get("logo", "")), str(document.get("accent", "")))
