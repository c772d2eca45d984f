"""Telephone numbers."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

MOST_REMEMBERED = 20_000


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


# Looking at a number costs as much as a whole send, and the same ones come again.
@lru_cache(maxsize=MOST_REMEMBERED)
def tidy(text: str) -> str:
    """A number as E.164 writes it where it is one, else the text as it is.

    One that only looks written so may have its country's trunk prefix in it (+44 07911…): nobody
    writes back from that.
    """
    return e164(text) or text
