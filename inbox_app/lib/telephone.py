"""Telephone numbers."""

from __future__ import annotations

import phonenumbers


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
