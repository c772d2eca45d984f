"""What events of React parts carry: so many texts, several as a list, or a number."""

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


def several(texts: rx.Var[list[str]]) -> tuple[rx.Var[list[str]]]:
    return (texts,)


def number(value: rx.Var[int]) -> tuple[rx.Var[int]]:
    return (value,)


def a_reply(
    item: Text, message: Text, pictures: rx.Var[list[str]], attempt: Text
) -> tuple[Text, Text, rx.Var[list[str]], Text]:
    return item, message, pictures, attempt
