"""What would become of a send: decided and rendered, and nothing stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery, Message
from inbox_app.domain.notification import InAppContent, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.pipeline import composing, facts, mail_links, people
from inbox_app.pipeline.facts import Kind, Open
from inbox_app.pipeline.planning import plan_one
from inbox_app.pipeline.recheck import Going
from inbox_app.pipeline.told import Told
from inbox_app.rendering import in_app
from inbox_app.runtime import Runtime
from inbox_app.storage import types, users
from inbox_app.storage.engine import Transaction


@dataclass(frozen=True)
class Preview:
    """What would happen.

    Attributes:
        decisions: One per channel, in the order of `Channel`.
        messages: What would leave, by channel; a digest's parts are shown by themselves.
        remarks: What the sender should know.
    """

    decisions: tuple[Decision, ...]
    messages: dict[Channel, Message]
    remarks: tuple[str, ...]


async def preview(rt: Runtime, send: Send) -> Preview:
    """Plans and renders a send without storing anything.

    Raises:
        InvalidInput: the content cannot be used.
    """
    rendered = send.in_app and in_app.render(send.in_app, send.parameters, send.replacements)
    async with rt.database.read() as tx:
        opened = await _opened(tx, send)
        planned, merged = plan_one(opened, await facts.history(tx, [opened]), rendered)
    told = Told(planned.send, opened.user, opened.kind)
    item = merged.content if merged else planned.item
    messages = {Channel.INAPP_WEB: _shown(item)} if item else {}
    remarks = list(planned.messages)
    for delivery in planned.deliveries:
        if delivery.channel is not Channel.INAPP_WEB and delivery.channel not in messages:
            message = _message(rt, delivery, told)
            messages[delivery.channel] = message
            remarks += message.warnings
    return Preview(planned.decisions, messages, tuple(dict.fromkeys(remarks)))


async def _opened(tx: Transaction, send: Send) -> Open:
    """The send with its user and type as they would be once it was accepted."""
    who, what = (send.environment.id, send.user_id), (send.environment.id, send.type_name)
    user = (await users.find_many(tx, [who])).get(who) or people.new_users([send], {})[0]
    known = await types.find_many(tx, [what])
    kind = (await facts.kinds(tx, known)).get(what) or Kind(people.new_type(send))
    return Open(0, send, people.updated(user, send), kind)


def _message(rt: Runtime, delivery: Delivery, told: Told) -> Message:
    alone = replace(delivery, window_start=None, digest_id=None)
    going = Going(alone, told.send.environment, told.user, (told,))
    return composing.render(
        going,
        mail_links.unsubscribe_url(rt, going, example=True),
        mail_links.preferences_url(rt, going, example=True),
    )


def _shown(item: InAppContent) -> Message:
    fields = asdict(item)
    return Message(Channel.INAPP_WEB, {name: value for name, value in fields.items() if value})
