"""Which language a page of the server speaks, and errors in it."""

from __future__ import annotations

from starlette.requests import Request

from inbox_app.domain.errors import InboxError
from inbox_app.lib.catalogue import BUILT_IN, LANGUAGE_COOKIE, Tongue, spoken, wishes_of


def tongue_for(request: Request, chosen: str = "") -> Tongue:
    """The person's language, else what this browser was told before, else what it asks for.

    Args:
        chosen: What the person chose, where it is known who they are.
    """
    kept = request.cookies.get(LANGUAGE_COOKIE, "")
    asked = wishes_of(request.headers.get("accept-language", ""))
    return Tongue(spoken([chosen, kept, *asked]))


def told(tongue: Tongue, error: InboxError) -> tuple[str, str]:
    """What is wrong and what to do about it, for a page.

    Errors without a name of their own are told by their code; in the language that messages are
    written in, by their message, which is more exact.
    """
    if error.name:
        said = tongue.say(error.name, **error.values)
        return said, tongue.say(FIXES.get(error.name, "server.open_again"))
    if tongue.language == BUILT_IN:
        return error.message, error.fix
    return tongue.say(f"error.{error.code}"), tongue.say("error.try_again")


FIXES = {
    "server.link_stale": "server.link_stale_fix",
    "server.link_over": "server.link_over_fix",
    "server.signed_out": "server.slack_signed_out",
    "server.foreign": "server.slack_again",
    "server.slack_no_state": "server.slack_again",
    "server.slack_wrong_state": "server.slack_again",
    "server.slack_other_session": "server.slack_again",
    "server.slack_late": "server.slack_again",
    "server.slack_used": "server.slack_used_fix",
    "server.slack_denied": "server.slack_denied_fix",
    "server.slack_refused": "server.slack_refused_fix",
    "server.slack_busy": "server.slack_busy_fix",
    "server.slack_closed": "server.slack_closed_fix",
}
