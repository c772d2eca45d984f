"""What chats answer to a webhook, and what it means.

Slack's words are those of its reference "Sending messages using incoming webhooks", Discord's
numbers its "JSON error codes", Zulip's and Google's words their references of errors, Mattermost's
the ids in its source; Microsoft documents none, these were reported by users.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from inbox_app.channels.chat.families import Family, Hook
from inbox_app.channels.foreign import Document, inner, number, text
from inbox_app.channels.http import accepted, document, refused
from inbox_app.channels.spec import SendResult, Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import (
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.retry import LONGEST_RETRY_AFTER, parse_retry_after
from inbox_app.lib.http import Answer

NAME = "chat_webhook"


class Meaning(StrEnum):
    """What an answer is about."""

    GONE = "the webhook is no more"
    CLOSED = "it takes nothing until an operator changes something"
    CONTENT = "the message is wrong"
    LIMITED = "too much at once"
    PASSING = "it works again later"


CODES: Mapping[Meaning, tuple[str, ...]] = {
    Meaning.GONE: (
        *("no_service", "no_service_id", "no_team", "team_disabled", "invalid_token"),
        *("channel_not_found", "channel_is_archived", "user_not_found"),
        # Discord: unknown channel, server, webhook; invalid webhook token.
        *("10003", "10004", "10015", "50027"),
        *("INVALID_API_KEY", "STREAM_DOES_NOT_EXIST", "USER_DEACTIVATED", "REALM_DEACTIVATED"),
        *("NOT_FOUND", "web.incoming_webhook.invalid.app_error", "WorkflowNotFound"),
    ),
    Meaning.CLOSED: (
        *("action_prohibited", "posting_to_general_channel_denied"),
        # Discord: missing access, missing permissions.
        *("50001", "50013"),
        *("PERMISSION_DENIED", "web.incoming_webhook.disabled.app_error"),
        *("web.incoming_webhook.channel_locked.app_error", "WorkflowTriggerIsNotEnabled"),
        *("web.incoming_webhook.permissions.app_error", "DirectApiAuthorizationRequired"),
    ),
    Meaning.CONTENT: (
        *("invalid_payload", "no_text", "missing_text_or_fallback_or_attachments"),
        *("too_many_attachments", "invalid_blocks", "invalid_blocks_format", "invalid_attachments"),
        # Discord: an empty message, a wrong form body, wrong JSON.
        *("50006", "50035", "50109"),
        *("INVALID_ARGUMENT", "web.incoming_webhook.parse.app_error"),
        *("web.incoming_webhook.text.app_error", "TriggerInputSchemaMismatch"),
    ),
    Meaning.LIMITED: ("rate_limited", "ratelimited", "RATE_LIMIT_HIT", "RESOURCE_EXHAUSTED"),
    Meaning.PASSING: ("rollup_error", "UNAVAILABLE", "INTERNAL"),
}
_MEANINGS = {code: meaning for meaning, codes in CODES.items() for code in codes}
_STATUSES: Mapping[int, Meaning] = {
    HTTPStatus.GONE: Meaning.GONE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Meaning.CONTENT,
    HTTPStatus.TOO_MANY_REQUESTS: Meaning.LIMITED,
}
"""What these mean wherever no code says more."""
FAILED = "Webhook message delivery failed"
"""How Teams' connectors begin when they answer 200 to what did not go (MicrosoftDocs 400, 7425)."""
_INNER = re.compile(r"returned HTTP error ([1-5]\d\d)\b", re.ASCII)


def result(answer: Answer, hook: Hook, tools: Tools) -> SendResult:
    """What came of a message.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent: it was not taken.
    """
    words = answer.body.decode(errors="replace").strip()
    if accepted(answer) and hook.family is Family.TEAMS and words.startswith(FAILED):
        raise _of_teams(words, hook)
    if accepted(answer):
        return SendResult(message_id=_message_id(document(answer), hook))
    raise refusal(answer, hook, tools)


def _message_id(told: Document, hook: Hook) -> str:
    found: object = told.get("name" if hook.family is Family.GOOGLE else "id")
    return spoken(str(found), *hook.secrets) if isinstance(found, str | int) else ""


def _of_teams(words: str, hook: Hook) -> ProviderError:
    """What Teams answered to its own connector."""
    detail, found = spoken(words, *hook.secrets), _INNER.search(words)
    status = int(found[1]) if found else HTTPStatus.INTERNAL_SERVER_ERROR
    meaning = _STATUSES.get(status)
    if status == HTTPStatus.NOT_FOUND:
        meaning = Meaning.GONE
    if meaning is None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        meaning = Meaning.PASSING
    # 400 is said of wrong cards and of channels that are no more, 403 of what nobody knows.
    return _meant(meaning or Meaning.CLOSED, str(status), detail, None)


def refusal(answer: Answer, hook: Hook, tools: Tools) -> ProviderError:
    """What an answer means that is no yes."""
    told = document(answer)
    code, words = _code(answer, told), _words(answer, told)
    detail = spoken(words, *hook.secrets) or f"HTTP {answer.status}"
    meaning = _MEANINGS.get(code) or _STATUSES.get(answer.status)
    if meaning is None:
        return refused(NAME, answer, detail, tools, code, outside=True)
    return _meant(meaning, code or str(answer.status), detail, _wait(answer, told, tools))


def _meant(meaning: Meaning, code: str, detail: str, wait: float | None) -> ProviderError:
    match meaning:
        case Meaning.GONE:
            return Permanent(NAME, detail, status=code, dead_address=True)
        case Meaning.CLOSED:
            return Permanent(NAME, detail, status=code)
        case Meaning.CONTENT:
            return UnsupportedContent(NAME, detail, status=code)
        case Meaning.LIMITED:
            return RateLimited(NAME, detail, status=code, retry_after=wait)
        case Meaning.PASSING:
            return Transient(NAME, detail, status=code)


def _code(answer: Answer, told: Document) -> str:
    """The chat's own code, or "" for one that is not known."""
    within = inner(told, "error")
    known = (within.get("status"), within.get("code"), told.get("code"), told.get("id"))
    for each in known:
        if isinstance(each, str | int) and str(each) in _MEANINGS:
            return str(each)
    word = answer.body.decode(errors="replace").strip()
    return word if word in _MEANINGS else ""


def _words(answer: Answer, told: Document) -> str:
    known = [text(told, name) for name in ("message", "msg", "error")]
    said = next(filter(None, [text(inner(told, "error"), "message"), *known]), "")
    return said or answer.body.decode(errors="replace")


def _wait(answer: Answer, told: Document, tools: Tools) -> float | None:
    """Seconds to wait. Discord's header says the same with decimals whatever its API's version."""
    exact = answer.headers.get("X-RateLimit-Reset-After", "")
    said = number(told, "retry_after") or number(told, "retry-after")
    if not exact and said is not None and said >= 0:
        return min(said, LONGEST_RETRY_AFTER.total_seconds())
    return parse_retry_after(exact or answer.headers.get("Retry-After", ""), tools.now())
