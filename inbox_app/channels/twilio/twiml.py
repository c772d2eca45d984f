"""TwiML: what Twilio is to do in a call, or to answer who wrote a text.

Values are escaped, so a message cannot hold a verb of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

LONGEST = 4_000
"""Characters that a call's instructions may have (Twilio's error 32018)."""
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What cannot stand in XML, not even escaped (XML 1.0, section 2.2)."""


def call(message: str, voice: str = "", language: str = "") -> str:
    """Says a message to whoever answers.

    Args:
        voice: Twilio's name of one, such as Polly.Joanna; "" leaves it to the account.
        language: Such as de-DE; "" leaves it to the voice.
    """
    named = {"voice": voice, "language": language}
    attributes = "".join(f' {name}="{_plain(value)}"' for name, value in named.items() if value)
    return f"<Response><Say{attributes}>{_plain(message)}</Say></Response>"


def answer(texts: Sequence[str]) -> str:
    """Answers a text with these; with silence when there are none."""
    messages = "".join(f"<Message>{_plain(each)}</Message>" for each in texts)
    return f"<Response>{messages}</Response>" if messages else "<Response/>"


def _plain(text: str) -> str:
    return escape(UNFIT.sub("", text))
