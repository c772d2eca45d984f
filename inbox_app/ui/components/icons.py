"""The icons: one sprite in the page, drawn on a 24 px grid with strokes only."""

from __future__ import annotations

from typing import Final

import reflex as rx

# Name -> shapes. A shape is a path; a circle is "circle cx cy r".
SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "alert": ("circle 12 12 9", "M12 8v5", "M12 16h.01"),
    "archive": ("circle 12 12 9", "M8 12l3 3 5-6"),
    "back": ("M19 12H5", "M11 6l-6 6 6 6"),
    "bell": ("M6 16v-5a6 6 0 0 1 12 0v5l2 2H4z", "M10 21h4"),
    "bookmark": ("M6 4h12v17l-6-4-6 4z",),
    "call": (
        "M5 4h4l2 5-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2"
        "A16 16 0 0 1 3 6a2 2 0 0 1 2-2",
    ),
    "chat": ("M4 5h16v11H9l-5 4z",),
    "check": ("M4 12l5 5L20 6",),
    "check-all": ("M2 12l5 5 10-11", "M11 16l1 1L22 6"),
    "clock": ("circle 12 12 9", "M12 7v5l3 2"),
    "close": ("M6 6l12 12", "M18 6L6 18"),
    "down": ("M6 9l6 6 6-6",),
    "external": ("M14 4h6v6", "M20 4l-9 9", "M18 14v6H4V6h6"),
    "inbox": ("M3 12h5l2 3h4l2-3h5", "M5 5h14l2 7v6a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-6z"),
    "info": ("circle 12 12 9", "M12 11v5", "M12 8h.01"),
    "keyboard": ("M3 6h18v12H3z", "M7 10h.01M12 10h.01M17 10h.01M8 14h8"),
    "lock": ("M5 11h14v10H5z", "M8 11V7a4 4 0 0 1 8 0v4"),
    "mail": ("M3 6h18v12H3z", "M3 7l9 6 9-6"),
    "offline": (
        "M3 3l18 18",
        "M8 18h9a4 4 0 0 0 3-6.6",
        "M16 8.200A6 6 0 0 0 10 6.300M7 9a6 6 0 0 0-1 9",
    ),
    "pause": ("M9 5v14", "M15 5v14"),
    "person": ("circle 12 8 4", "M4 21a8 8 0 0 1 16 0"),
    "phone": ("M8 2h8v20H8z", "M11 18h2"),
    "picture": ("M3 5h18v14H3z", "M4 17l5-5 4 4 3-3 4 4", "circle 15.500 9.500 1.500"),
    "read": ("M3 10l9-6 9 6v10H3z", "M3 10l9 6 9-6"),
    "reply": ("M9 7L4 12l5 5", "M4 12h10a6 6 0 0 1 6 6"),
    "restore": ("M9 7L4 12l5 5", "M4 12h11a5 5 0 0 1 0 10h-3"),
    "send": ("M4 12l16-8-6 16-3-6z", "M11 14l9-10"),
    "screen": ("M3 5h18v11H3z", "M8 20h8M12 16v4"),
    "sign-out": ("M14 4h5v16h-5", "M3 12h11", "M10 8l4 4-4 4"),
    "sliders": ("M4 7h10M18 7h2M4 17h2M10 17h10", "circle 16 7 2", "circle 8 17 2"),
    "slack": ("M9 4L7 20M17 4l-2 16M4 9h16M4 15h16",),
    "sync": ("M20 11a8 8 0 0 0-14-4L4 9", "M4 4v5h5", "M4 13a8 8 0 0 0 14 4l2-2", "M20 20v-5h-5"),
    "theme-dark": ("M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z",),
    "theme-light": (
        "circle 12 12 4",
        "M12 2v2M12 20v2M2 12h2M20 12h2",
        "M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5",
    ),
    "theme-system": ("M3 5h18v11H3z", "M9 20h6M12 16v4"),
    "unread": ("M3 6h11M21 11v7H3V6", "M3 7l9 6 4-2.700", "circle 19 6 2.5"),
    "up": ("M12 19V5", "M6 11l6-6 6 6"),
    "webhook": ("M8 8l-5 4 5 4", "M16 8l5 4-5 4"),
    "filter": ("M4 5h16l-6 8v6l-4-2v-4z",),
    "link": (
        "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1",
        "M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    ),
    "more": ("circle 5 12 .750", "circle 12 12 .750", "circle 19 12 .750"),
    "mute": ("M6 16v-5a6 6 0 0 1 9-5M18 11v5l2 2H8", "M10 21h4", "M4 4l16 16"),
    "save": ("M6 4h12v17l-6-4-6 4z",),
    "search": ("circle 11 11 6", "M20 20l-4.500-4.500"),
    "select": ("M4 4h16v16H4z", "M8 12l3 3 5-6"),
    "snooze": ("circle 12 12 9", "M12 7v5l3 2"),
    "tag": ("M4 4h8l8 8-8 8-8-8z", "M8 8h.01"),
    "unsave": ("M6 4h12v17l-6-4-6 4z", "M9 8l6 5M15 8l-6 5"),
    "unsnooze": ("circle 12 12 9", "M8 12h8M13 9l3 3-3 3"),
}


def icon(name: str | rx.Var[str] | rx.Component) -> rx.Component:
    """A 16 px icon in the colour of the text; decoration only."""
    return rx.el.svg(
        rx.el.svg.use(href=rx.Var.create("#icon-") + rx.Var.create(name).to(str)),
        class_name="icon",
        custom_attrs={"aria-hidden": "true"},
    )


def sprite() -> rx.Component:
    """All icons, hidden, once per page; `icon` and the React parts refer to them."""
    return rx.el.svg(
        *(
            rx.el.svg.symbol(*map(_shape, shapes), id=f"icon-{name}", view_box="0 0 24 24")
            for name, shapes in SHAPES.items()
        ),
        class_name="sprite",
        custom_attrs={"aria-hidden": "true"},
    )


def _shape(text: str) -> rx.Component:
    if text.startswith("circle "):
        _, cx, cy, r = text.split()
        return rx.el.svg.circle(cx=cx, cy=cy, r=r)
    return rx.el.svg.path(d=text)
