"""Settings that integrations of e-mail have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from inbox_app.lib.mailbox import NotAMailbox, clean, mailbox


def _address(value: str) -> str:
    try:
        mailbox(value)
    except NotAMailbox as error:
        raise ValueError(str(error)) from None
    return value.strip()


def _domain(value: str) -> str:
    if not value.strip():
        return ""
    try:
        return mailbox(f"reply@{value.strip()}").domain
    except NotAMailbox:
        raise ValueError("not a domain") from None


FromAddress = Annotated[str, AfterValidator(_address)]
FromName = Annotated[str, AfterValidator(clean)]
ReplyDomain = Annotated[str, AfterValidator(_domain)]
"""A domain in ASCII, or ""."""

REPLY_DOMAIN_HELP = (
    "The domain whose mail comes back to this server: answers to messages that name no address of "
    "their own for them go there. Empty: they go to the sender."
)
