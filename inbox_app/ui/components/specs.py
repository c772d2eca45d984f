"""What events of React parts carry: so many texts, named by the handlers."""

from __future__ import annotations

import reflex as rx

Text = rx.Var[str]

nothing = rx.event.no_args_event_spec


def one(text: Text) -> tuple[Text]:
    return (text,)


def two(first: Text, second: Text) -> tuple[Text, Text]:
    return first, second


def three(first: Text, second: Text, third: Text) -> tuple[Text, Text, Text]:
    return first, second, third
