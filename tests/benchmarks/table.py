"""The figures, each beside its budget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        name: What was measured.
        value: The figure.
        budget: What it is held to; None: only told.
        unit: "share", "times", "ms", "s", "kB" or "score".
        note: What it was made of.
        at_least: Whether the budget is a lower bound.
    """

    name: str
    value: float
    budget: float | None
    unit: str
    note: str = ""
    at_least: bool = False

    @property
    def ok(self) -> bool:
        if self.budget is None:
            return True
        return self.value >= self.budget if self.at_least else self.value <= self.budget

    def line(self) -> str:
        if self.budget is None:
            verdict, budget = "", ""
        else:
            verdict = "ok" if self.ok else "MISS"
            budget = f"{'>=' if self.at_least else '<='} {_shown(self.budget, self.unit)}"
        return (
            f"{self.name:<62} {_shown(self.value, self.unit):>9}  {budget:<11} {verdict:<5}"
            f"{self.note}"
        ).rstrip()


def _shown(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.1%}"
    if unit == "ms":
        return f"{value:,.2f} ms" if value < 10 else f"{value:,.0f} ms"
    if unit in {"s", "kB"}:
        return f"{value:,.1f} {unit}"
    if unit == "score":
        return f"{value:.4f}"
    return f"{value:.2f}x"
