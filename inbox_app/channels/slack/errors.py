"""What Slack's errors mean: it answers 200 with ``{"ok": false, "error": "<code>"}``.

The codes are those of ``chat.postMessage``, ``users.list`` and ``oauth.v2.access`` in Slack's
reference of methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import cast

from inbox_app.channels.foreign import Document, document, text
from inbox_app.channels.http import refused
from inbox_app.channels.spec import Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.retry import parse_retry_after
from inbox_app.lib.http import Answer

NAME = "slack"


class Meaning(StrEnum):
    """What an error is about."""

    REVOKED = "the token is no more"
    EXPIRED = "the token has ended"
    RIGHTS = "the token may not do this"
    GONE = "the place is no more"
    CLOSED = "the place does not take it until an operator changes something"
    CONTENT = "the message is wrong"
    LIMITED = "too much at once"
    PASSING = "it works again later"
    OPEN = "it may have been done in part or whole"


CODES: Mapping[Meaning, tuple[str, ...]] = {
    Meaning.REVOKED: (
        *("token_revoked", "account_inactive", "invalid_auth"),
        # Of a refresh token, which nothing but connecting again replaces.
        *("invalid_refresh_token", "invalid_grant"),
    ),
    Meaning.EXPIRED: ("token_expired",),
    Meaning.RIGHTS: (
        *("not_authed", "missing_scope", "no_permission", "org_login_required"),
        *("ekm_access_denied", "team_access_not_granted", "team_added_to_org", "access_denied"),
        *("two_factor_setup_required", "not_allowed_token_type", "accesslimited"),
        *("enterprise_is_restricted", "bad_client_secret", "invalid_client_id"),
    ),
    Meaning.GONE: (
        *("is_archived", "channel_not_found", "user_not_found", "users_not_found"),
        *("cannot_dm_bot", "user_disabled", "user_not_visible"),
    ),
    Meaning.CLOSED: (
        *("not_in_channel", "posting_to_general_channel_denied", "as_user_not_supported"),
        # A switch of the whole app: it says nothing of the person.
        "messages_tab_disabled",
    ),
    Meaning.CONTENT: (
        *("msg_too_long", "no_text", "msg_blocks_too_long", "too_many_attachments"),
        *("too_many_contact_cards", "invalid_attachments", "cannot_reply_to_message"),
        *("invalid_thread_ts", "attachment_payload_limit_exceeded", "markdown_text_conflict"),
    ),
    Meaning.LIMITED: ("ratelimited", "rate_limited", "message_limit_exceeded"),
    Meaning.PASSING: (
        *("service_unavailable", "request_timeout"),
        *("external_channel_migrating", "migration_in_progress"),
    ),
    Meaning.OPEN: ("fatal_error", "internal_error"),
}
BEGINNINGS: Mapping[str, Meaning] = {
    "restricted_action": Meaning.CLOSED,
    "invalid_blocks": Meaning.CONTENT,
    "invalid_metadata": Meaning.CONTENT,
    "metadata_": Meaning.CONTENT,
}
"""Codes of which Slack has a family."""
PLAIN: Mapping[Meaning, type[ProviderError]] = {
    Meaning.CLOSED: Permanent,
    Meaning.CONTENT: UnsupportedContent,
    Meaning.PASSING: Transient,
    Meaning.OPEN: OutcomeUnknown,
}
"""Those that mean the same whoever speaks."""
_CODE = re.compile(r"[a-z0-9_]{1,80}", re.ASCII)
_MEANINGS = {code: meaning for meaning, codes in CODES.items() for code in codes}


@dataclass(frozen=True)
class Told:
    """A refusal as it came."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: Document = field(repr=False)

    @property
    def code(self) -> str:
        """Slack's own code, or "". It is quoted, so it must look like one."""
        found = text(self.data, "error")
        return found if _CODE.fullmatch(found) else ""


@dataclass(frozen=True)
class Speaker:
    """Who is speaking to Slack.

    Attributes:
        own: It is the person's own token, not the environment's.
        renewable: It comes to life again by itself.
        secrets: What must not be quoted.
        since: When it began to speak: an address that was told of after that is not the one that
            Slack finds dead.
    """

    own: bool = False
    renewable: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)
    since: datetime | None = None


def meaning_of(code: str) -> Meaning | None:
    """What a code means; None for one that is not known."""
    families = (meaning for start, meaning in BEGINNINGS.items() if code.startswith(start))
    return _MEANINGS.get(code) or next(families, None)


def refusal(told: Told, speaker: Speaker, tools: Tools) -> ProviderError:
    """What an answer means that is no yes."""
    code, detail = told.code, _detail(told, speaker)
    meaning = meaning_of(code)
    if told.status == HTTPStatus.TOO_MANY_REQUESTS:
        meaning = Meaning.LIMITED
    if meaning is not None:
        return _meant(meaning, code or str(told.status), detail, told, speaker, tools)
    if told.status != HTTPStatus.OK:
        return refused(NAME, Answer(told.status, told.headers, b""), detail, tools, code)
    if not code:
        return OutcomeUnknown(NAME, "The answer cannot be read.", status="unreadable")
    return Permanent(NAME, detail, status=code)


def _meant(
    meaning: Meaning, code: str, detail: str, told: Told, speaker: Speaker, tools: Tools
) -> ProviderError:
    match meaning:
        case Meaning.REVOKED | Meaning.EXPIRED | Meaning.RIGHTS:
            return _of_token(meaning, code, detail, speaker)
        case Meaning.GONE:
            return _dead(detail, code, speaker)
        case Meaning.LIMITED:
            wait = parse_retry_after(told.headers.get("Retry-After", ""), tools.now())
            return RateLimited(NAME, detail, status=code, retry_after=wait)
        case _:
            return PLAIN[meaning](NAME, detail, status=code)


def _of_token(meaning: Meaning, code: str, detail: str, speaker: Speaker) -> ProviderError:
    """The environment's token can be corrected; a person's own takes the person."""
    lost = meaning is Meaning.REVOKED or (meaning is Meaning.EXPIRED and not speaker.renewable)
    if speaker.own and lost:
        return _dead(f"The person has to connect Slack again: {detail}", code, speaker)
    # What one person's token cannot do says nothing of the messages to others.
    return Transient(NAME, detail, status=code, about_message=speaker.own)


def _dead(detail: str, code: str, speaker: Speaker) -> Permanent:
    return Permanent(NAME, detail, status=code, dead_address=True, dead_since=speaker.since)


def _detail(told: Told, speaker: Speaker) -> str:
    """The code with what Slack says of it."""
    needed = text(told.data, "needed")
    known = told.data.get("response_metadata")
    messages: object = document(known).get("messages")
    said = cast("list[object]", messages) if isinstance(messages, list) else []
    more = [f"needed: {needed}"] if needed else []
    more += [each for each in said if isinstance(each, str)]
    return spoken("; ".join([told.code or f"HTTP {told.status}", *more]), *speaker.secrets)
