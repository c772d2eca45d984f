"""Texts of the catalogue in components: expressions that the browser evaluates in its language."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex_base.utils.imports import ImportVar
from reflex_base.vars.base import VarData
from reflex_base.vars.function import FunctionVar

from inbox_app.lib import catalogue

_IN_BROWSER: Final = VarData(
    imports={"$/public/react/words.js": [ImportVar(tag="useWords")]},
    hooks={"const say = useWords();": None},
)


def say(key: str | rx.Var[str], **values: rx.Var[str] | rx.Var[int] | str | int) -> rx.Var[str]:
    """A text of the catalogue, in the language of the page.

    Args:
        key: Its key, or an expression for it.
        values: What its places take.

    Raises:
        KeyError: the catalogue has no such text.
    """
    if isinstance(key, str):
        catalogue.texts(catalogue.BUILT_IN)[key]
    function = rx.Var(_js_expr="say", _var_data=_IN_BROWSER).to(FunctionVar)
    return function.call(key, values).to(str)


def built_in(key: str) -> str:
    """A text in the language of the prerendered pages."""
    return catalogue.Tongue().say(key)
