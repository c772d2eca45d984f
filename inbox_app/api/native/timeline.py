"""The story of a notification in the native API's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from inbox_app.api.native.schemas import StoryAnswer, StoryEntry
from inbox_app.domain.decision import Decision, Outcome
from inbox_app.domain.delivery import Attempt, AttemptOutcome, Delivery
from inbox_app.domain.event import Event
from inbox_app.domain.item_state import Mark
from inbox_app.domain.notification import Reply
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.clock import iso
from inbox_app.services import integrations
from inbox_app.services.outgoing import Story

MARKED = {
    Mark.SEEN: "Listed in the inbox while the person looked.",
    Mark.OPENED: "Read in the inbox.",
    Mark.CLICKED: "Its link was followed from the inbox.",
    Mark.ACTIONED1: "The first button was chosen.",
    Mark.ACTIONED2: "The second button was chosen.",
    Mark.ARCHIVED: "Archived.",
}
Told = tuple[datetime, StoryEntry]


def story_answer(story: Story) -> StoryAnswer:
    """Everything that is known, in the order it happened."""
    told = [*_accepted(story), *_tries(story), *_marks(story)]
    told += [_event(each) for each in story.events] + [_reply(each) for each in story.replies]
    told.sort(key=lambda each: each[0])
    return StoryAnswer(
        tracking_id=story.kept.tracking_id,
        deliveries=[delivery_answer(each) for each in story.deliveries],
        timeline=[entry for _, entry in told],
    )


def delivery_answer(each: Delivery) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "trackingId": each.tracking_id,
        "channel": each.channel,
        "to": each.address,
        "status": each.status,
        "attempts": each.attempts,
        "detail": each.detail,
        "updatedAt": iso(each.updated_at),
    }


def _accepted(story: Story) -> Iterator[Told]:
    accepted = story.kept.accepted_at
    yield accepted, StoryEntry(at=iso(accepted), what="accepted", sentence="Accepted.")
    for each in story.decisions:
        yield (
            accepted,
            StoryEntry(
                at=iso(accepted),
                what="decided",
                channel=each.channel,
                sentence=decided(each),
                data={"outcome": each.outcome, "rule": each.rule},
            ),
        )


def decided(decision: Decision) -> str:
    """What was decided; that it is done is told where it is done."""
    if decision.outcome is Outcome.SEND and decision.channel is not Channel.INAPP_WEB:
        return f"To be sent by {decision.channel.label}."
    return decision.sentence


def _tries(story: Story) -> Iterator[Told]:
    channels = {each.id: each.channel for each in story.deliveries}
    channels |= {each.digest_id: each.channel for each in story.deliveries if each.digest_id}
    for each in story.attempts:
        yield each.started_at, _tried(each, channels.get(each.delivery_id))


def _tried(attempt: Attempt, channel: Channel | None) -> StoryEntry:
    shown = {k: v for k, v in asdict(attempt).items() if k in {"number", "provider", "code"} and v}
    retry = {} if attempt.retry_at is None else {"retryAt": iso(attempt.retry_at)}
    return StoryEntry(
        at=iso(attempt.started_at),
        what=f"attempt_{attempt.outcome}",
        channel=channel,
        sentence=_said(attempt),
        data=shown | retry,
    )


def _said(attempt: Attempt) -> str:
    if attempt.outcome is not AttemptOutcome.SENT or attempt.integration_id is None:
        return attempt.detail or "Nothing is known of it."
    taken = f"{integrations.label_of(attempt.provider)} took it"
    return f"{taken}: {attempt.detail.rstrip('.')}." if attempt.detail else f"{taken}."


def _marks(story: Story) -> Iterator[Told]:
    """What the person did with the inbox item, as far as it holds."""
    for mark, sentence in MARKED.items():
        at: datetime | None = getattr(story.item.state, mark) if story.item else None
        if at is not None:
            yield at, _inbox(at, mark, sentence)


def _reply(reply: Reply) -> Told:
    sentence = f"{reply.author or 'Somebody'} replied."
    return reply.at, _inbox(reply.at, "replied", sentence, {"message": reply.message})


def _inbox(
    at: datetime, what: str, sentence: str, data: dict[str, Any] | None = None
) -> StoryEntry:
    return StoryEntry(
        at=iso(at), what=what, channel=Channel.INAPP_WEB, sentence=sentence, data=data or {}
    )


def _event(event: Event) -> Told:
    entry = StoryEntry(
        at=iso(event.at),
        what=event.kind,
        channel=event.channel,
        sentence=event.sentence,
        data=dict(event.data),
    )
    return event.at, entry
