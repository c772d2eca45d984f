"""Plans of one send after another: decided, rendered for the inbox, turned into deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inbox_app.domain import limits, template
from inbox_app.domain.decision import Decision, Outcome
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.limits import Past
from inbox_app.domain.notification import MOST_BATCHED, InAppContent, OpenBatch, Planned, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.template import Mode, Template
from inbox_app.pipeline import outbox
from inbox_app.pipeline.facts import History, Open, batch_place
from inbox_app.pipeline.plan import Facts, plan
from inbox_app.rendering import in_app
from inbox_app.rendering.in_app import Rendered


@dataclass(frozen=True)
class Merged:
    """An inbox item that takes in one more notification."""

    batch: OpenBatch
    content: InAppContent
    before: ItemState


def plan_one(
    opened: Open, history: History, rendered: Rendered | None, *, again: bool = False
) -> tuple[Planned, Merged | None]:
    """Decides one send and adds it to the history that the next ones are decided by.

    Args:
        rendered: Its in-app content when that was inline and is rendered already.
        again: It was accepted earlier and has waited (`plan.Facts.again`).

    Raises:
        InvalidInput: a template's in-app content cannot be used.
    """
    send, kind = _with_fingerprint(opened), opened.kind
    suppressed = history.suppressed.get(opened.user.id, frozenset())
    place, common = (opened.user.id, kind.type.id), batch_place(opened)
    batch = _joinable(opened, history) if common else None
    facts = Facts(
        send=send,
        kind=kind.type,
        user=opened.user,
        now=send.accepted_at,
        templates=kind.templates,
        suppressed=suppressed,
        past=history.past.get(place, ()),
        batch=batch.title if batch else None,
        again=again,
    )
    decisions = plan(facts)
    shown = None
    if _goes_to_inbox(decisions):
        shown = rendered or from_template(send, kind.templates)
    planned = _planned(opened, send, decisions, shown, suppressed)
    limited = kind.type.throttling is not None or kind.type.deduplication is not None
    if limited and planned.ignored is None:
        history.past.setdefault(place, []).append(Past(send.wanted_at, send.fingerprint))
    if common is None or shown is None:
        return planned, None
    return _in_batch(planned, common[1], batch, kind.templates, history)


def _with_fingerprint(opened: Open) -> Send:
    send = opened.send
    if opened.kind.type.deduplication is None or send.fingerprint is not None:
        return send
    says = {"parameters": dict(send.parameters), "payload": outbox.payload(send)}
    says["sub"] = {"": send.sub_notification_id or ""}
    return replace(send, fingerprint=limits.fingerprint(says))


def _goes_to_inbox(decisions: Sequence[Decision]) -> bool:
    """Whether an inbox item is to be shown now, as a new one or as part of another."""
    now = {Outcome.SEND, Outcome.MERGE}
    return any(d.channel is Channel.INAPP_WEB and d.outcome in now for d in decisions)


def _planned(
    opened: Open,
    send: Send,
    decisions: tuple[Decision, ...],
    shown: Rendered | None,
    suppressed: frozenset[tuple[Channel, str]],
) -> Planned:
    kind = opened.kind.type
    out = outbox.deliveries(send, opened.user, kind.id, decisions, suppressed)
    return Planned(
        send=send,
        user_id=opened.user.id,
        type_id=kind.id,
        decisions=decisions,
        item=shown.content if shown else None,
        messages=_remarks(decisions, shown),
        deliveries=tuple(out),
        payload=outbox.payload(send) if out else None,
        ignored=outbox.ignored(decisions),
        expires_at=kind.expires_at(send.wanted_at),
    )


def _remarks(decisions: Sequence[Decision], shown: Rendered | None) -> tuple[str, ...]:
    """What the sender should know: what does not go out at once, and values that were missing."""
    told = tuple(f"{d.channel}: {d.sentence}" for d in decisions if d.outcome is not Outcome.SEND)
    missing = tuple(f"No value for {{{{{name}}}}}." for name in shown.missing) if shown else ()
    return told + missing


# In-app batching


def _joinable(opened: Open, history: History) -> OpenBatch | None:
    """The inbox item this send becomes part of, when it came soon enough after it."""
    place = batch_place(opened)
    batching = opened.kind.type.on(Channel.INAPP_WEB).batching
    found = history.batches.get(place) if place else None
    if found is None or batching is None:
        return None
    return found if opened.send.accepted_at - found.at <= batching.window else None


def _in_batch(
    planned: Planned,
    key: str,
    batch: OpenBatch | None,
    templates: Sequence[Template],
    history: History,
) -> tuple[Planned, Merged | None]:
    send, item = planned.send, planned.item
    assert item  # noqa: S101 - the caller has looked
    place = (planned.user_id, key)
    if batch is None:
        history.batches[place] = OpenBatch(
            *(send.tracking_id, planned.user_id, key, send.accepted_at, item.title),
            state=ItemState(),
            batched=(dict(send.parameters),),
            size=1,
        )
        return replace(planned, batch=key), None
    batched = _latest((*batch.batched, dict(send.parameters)))
    state = batch.state.woken()
    grown = replace(batch, at=send.accepted_at, batched=batched, size=batch.size + 1, state=state)
    content = _batch_content(item, grown, templates)
    grown = replace(grown, title=content.title)
    history.batches[place] = grown
    part = replace(planned, item=None, part_of=batch.tracking_id)
    return part, Merged(grown, content, batch.state)


def _latest(batched: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """The first and the newest: an item can grow without end, what is kept of it must not."""
    return (batched[0], *batched[1:][1 - MOST_BATCHED :])


def _batch_content(
    item: InAppContent, batch: OpenBatch, templates: Sequence[Template]
) -> InAppContent:
    """What an item says that stands for several: its batch template, else the newest and how many.

    The template sees the values of the newest, ``items`` with those of each that are kept,
    ``count``, ``others`` (one less) and ``first``, the oldest.
    """
    others = batch.size - 1
    # A sign and no words: whoever reads it may speak any language.
    plain = replace(item, title=f"{item.title} (+{others})")
    found = template.chosen(templates, Channel.INAPP_WEB, Mode.INSTANT, None)
    form = found.content.get("batch") if found else None
    if not form:
        return plain
    items = list(batch.batched)
    names = {"items": items, "count": batch.size, "others": others, "first": items[0]}
    written = replace(_in_app(form), replies=item.replies)
    try:
        return in_app.render(written, {**items[-1], **names}, {}).content
    except InvalidInput:
        # Too much of it, or a value it cannot take: no fault of the one who sent the newest.
        return plain


def from_template(send: Send, templates: Sequence[Template]) -> Rendered | None:
    """In-app content from the template that the sender named, else from the type's default.

    Raises:
        InvalidInput: it cannot be used.
    """
    found = template.chosen(templates, Channel.INAPP_WEB, Mode.INSTANT, send.template)
    found = found or template.chosen(templates, Channel.INAPP_WEB, Mode.INSTANT, None)
    if found is None:
        return None
    form = found.content.get("instant") or found.content
    return in_app.render(_in_app(form), send.parameters, send.replacements)


def _in_app(form: Mapping[str, Any]) -> InAppContent:
    """A template's in-app form in the native API's terms (wire/pingram, section 6)."""
    return InAppContent(
        title=str(form.get("title") or ""),
        body=str(form.get("body") or ""),
        html=str(form.get("html") or ""),
        url=str(form.get("redirectURL") or form.get("url") or ""),
        image=str(form.get("imageURL") or form.get("image") or ""),
    )
