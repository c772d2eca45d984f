"""What Slack reports: replies in threads, and buttons that were pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs

from slack_sdk.signature import Clock, SignatureVerifier

from inbox_app.channels.chat.mrkdwn import plain
from inbox_app.channels.foreign import Document, each, inner, number, parsed, text
from inbox_app.channels.mail.fields import kept
from inbox_app.channels.slack.errors import ENDED
from inbox_app.channels.spec import Call, Ended, Heard, Said
from inbox_app.domain.errors import InvalidInput, Unauthenticated
from inbox_app.domain.receipt import Receipt, ReceiptKind

WRITTEN = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of messages that a person wrote."""
BUTTONS = {"action1": 1, "action2": 2}
"""The ``action_id`` of a button that stands for the item's own, and which."""
FORM = "application/x-www-form-urlencoded"
_TS = re.compile(r"\d{1,10}\.\d{1,6}", re.ASCII)


class _SetClock(Clock):
    """Tells one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


def prove(call: Call, signing_secret: str, now: datetime) -> None:
    """Whether it is Slack that calls, by the signature over the body as it came.

    Raises:
        Unauthenticated: it is not, or five minutes have passed since it did.
    """
    try:
        verifier = SignatureVerifier(signing_secret, _SetClock(now))
        proven = verifier.is_valid_request(call.body, dict(call.headers))
    except (ValueError, TypeError):
        # A time that is no number, a body that is no UTF-8, a signature that is not ASCII; and a
        # secret that nobody has entered.
        proven = False
    if not proven:
        raise Unauthenticated("Slack has not signed this request.")


def read(call: Call, now: datetime) -> Heard:
    """What a request of Slack says; what does not concern messages is acknowledged.

    Raises:
        InvalidInput: it cannot be understood.
    """
    if call.headers.get("content-type", "").lower().startswith(FORM):
        form = parse_qs(call.body.decode())
        return Heard(tuple(_pressed(_document(form.get("payload", ["{}"])[0]), now)))
    told = _document(call.body)
    if told.get("type") == "url_verification":
        return Heard(answer=Said(body=text(told, "challenge")))
    if told.get("type") != "event_callback":
        return Heard()
    replied = _replied(told, now)
    return Heard((replied,) if replied else (), ended=_ended(told, now))


def _document(body: str | bytes) -> Document:
    told = parsed(body)
    if not told:
        raise InvalidInput("This is no JSON object.")
    return told


def _replied(told: Document, now: datetime) -> Receipt | None:
    """A person's message in a thread; what bots write there is no reply, ours least of all."""
    event = inner(told, "event")
    channel, ts, thread = (text(event, name) for name in ("channel", "ts", "thread_ts"))
    by_person = not event.get("bot_id") and text(event, "subtype") in WRITTEN
    said = kept(plain(text(event, "text")))
    named = channel and thread and thread != ts and text(told, "event_id")
    if event.get("type") != "message" or not by_person or not named or not said:
        return None
    return Receipt(
        key=text(told, "event_id"),
        kind=ReceiptKind.REPLIED,
        at=_moment(ts, now),
        message_id=message_id(channel, thread),
        address=text(event, "user"),
        text=said,
        shared=_is_shared(channel),
    )


def _ended(told: Document, now: datetime) -> Ended | None:
    """The app was removed from a workspace, or its bot's token was taken back."""
    event, seconds = inner(told, "event"), number(told, "event_time") or 0
    kind, app, team = text(event, "type"), text(told, "api_app_id"), text(told, "team_id")
    over = kind == "app_uninstalled" or (
        # Those of people are named beside it: nobody here speaks by them.
        kind == "tokens_revoked" and inner(event, "tokens").get("bot")
    )
    if not over or not app or not team:
        return None
    return Ended(app, team, _moment(f"{seconds:.0f}.0", now), f"{ENDED}: {kind}")


def _pressed(told: Document, now: datetime) -> Iterator[Receipt]:
    container = inner(told, "container")
    channel = text(inner(told, "channel"), "id") or text(container, "channel_id")
    ts = text(inner(told, "message"), "ts") or text(container, "message_ts")
    if told.get("type") != "block_actions" or not channel or not ts:
        return
    for action in each(told, "actions"):
        name, acted = text(action, "action_id"), text(action, "action_ts")
        if name in BUTTONS:
            once = text(told, "trigger_id") or f"{channel}:{ts}:{acted}"
            yield Receipt(
                key=f"{once}:{name}",
                kind=ReceiptKind.PRESSED,
                at=_moment(acted, now),
                message_id=message_id(channel, ts),
                address=text(inner(told, "user"), "id"),
                number=BUTTONS[name],
                shared=_is_shared(channel),
            )


def message_id(channel: str, ts: str) -> str:
    """What a message is called here: its ``ts`` names it within its channel only."""
    return f"{channel}:{ts}"


def _is_shared(channel: str) -> bool:
    """Whether more than one person writes there; ids of direct messages begin with a D."""
    return not channel.startswith("D")


def _moment(ts: str, now: datetime) -> datetime:
    """The time that a ``ts`` begins with, seconds since 1970."""
    if not _TS.fullmatch(ts):
        return now
    seconds, _, fraction = ts.partition(".")
    at = datetime.fromtimestamp(int(seconds), UTC)
    return at.replace(microsecond=int(fraction.ljust(6, "0")))
