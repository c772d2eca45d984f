"""Expressions over state that the browser evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import reflex as rx

LARGEST: Final = 99


def capped(number: int) -> rx.Component | rx.Var[str]:
    """The number, or "99+"."""
    return rx.cond(number > LARGEST, f"{LARGEST}+", rx.Var.create(number).to(str))


def some(items: Sequence[object]) -> rx.Var[bool]:
    """Whether a list holds anything."""
    return rx.Var.create(items).to(list).length() > 0
