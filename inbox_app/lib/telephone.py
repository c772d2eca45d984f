"""Telephone numbers."""

from __future__ import annotations

import re

import phonenumbers

WRITTEN_SO = re.compile(r"\+[1-9][0-9]{1,14}")


def e164(text: str) -> str:
    """A number with its country code as ITU-T E.164 writes it, such as +4915123456789.

    Returns:
        "" when nobody can have that number.
    """
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def tidy(text: str) -> str:
    """A number as E.164 writes it where it is one, else the text as it is.

    What is written so already is not looked at closely, which would cost more than a whole send.
    """
    return text if WRITTEN_SO.fullmatch(text) else e164(text) or text
