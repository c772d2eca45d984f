"""Draws the icons of the installed app (``assets/icons``) from the mark in ``assets/favicon.svg``.

Run from the project's folder when the mark has changed: ``python .ci/draw_icons.py``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path.cwd()))

from tests.browser_setup import find_browser

ICONS = Path("assets/icons")
SIDE = 32  # of the mark's own field
ACCENT = "#4f46c8"
MAIL = '<rect x="6" y="9" width="20" height="14" rx="2"/><path d="m7 11 9 6 9-6"/>'
SLIDERS = '<path d="M7 11h10M22 11h3M7 21h3M15 21h10"/><circle cx="19.500" cy="11" r="2.500"/>'
SLIDERS += '<circle cx="12.500" cy="21" r="2.500"/>'
STROKE = 'fill="none" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"'


def mark() -> str:
    """The lines of the mark, without what they stand on."""
    (group,) = re.findall(r"<g [^>]*>(.*)</g>", Path("assets/favicon.svg").read_text("utf-8"))
    return group


def drawing(lines: str, *, ground: float | None, scale: float = 1) -> str:
    """An icon as SVG.

    Args:
        ground: Radius of the corners of what it stands on; None for lines alone.
        scale: Of the lines, about the middle: launchers cut a maskable icon to 80 % and less.
    """
    colour = f'<rect width="{SIDE}" height="{SIDE}" rx="{ground}" fill="{ACCENT}"/>'
    middle = SIDE / 2 * (1 - scale)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f"{'' if ground is None else colour}"
        f'<g {STROKE} stroke="#fff" transform="translate({middle} {middle}) scale({scale})">'
        f"{lines}</g></svg>"
    )


def icons() -> dict[str, tuple[str, int]]:
    """Each icon as SVG, and how many pixels wide it is, by the name of its file."""
    bell = mark()
    rounded = drawing(bell, ground=8)
    return {
        "icon-192": (rounded, 192),
        "icon-512": (rounded, 512),
        "maskable-512": (drawing(bell, ground=0, scale=0.75), 512),
        "monochrome-512": (drawing(bell, ground=None, scale=1.2), 512),
        "apple-touch-180": (drawing(bell, ground=0, scale=0.9), 180),
        "badge": (drawing(bell, ground=None, scale=1.3), 96),
        "unread-96": (drawing(MAIL, ground=8), 96),
        "preferences-96": (drawing(SLIDERS, ground=8), 96),
    }


def draw(browser: Browser, svg: str, size: int) -> bytes:
    page = browser.new_page(viewport={"width": size, "height": size})
    style = "<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>"
    page.set_content(style + svg)
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


def main() -> None:
    ICONS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for name, (svg, size) in icons().items():
            (ICONS / f"{name}.png").write_bytes(draw(browser, svg, size))
        browser.close()


if __name__ == "__main__":
    main()
