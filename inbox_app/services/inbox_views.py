"""Inbox items as the browser gets them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from inbox_app.domain.delivery import Held
from inbox_app.domain.item_state import InboxState
from inbox_app.domain.notification import Attachment, InboxItem, Reply
from inbox_app.lib.clock import exact_iso, iso
from inbox_app.services.about import AboutView
from inbox_app.services.views import (
    ActionView,
    AttachmentView,
    CountsView,
    HeldView,
    ItemView,
    ReplyView,
    RowView,
)
from inbox_app.services.words import initials, initials_of_title, preview

TAG = re.compile(r"<(?:br|/p|/div|/li|/h\d|/tr)[^>]*>|<[^>]+>")


def row_view(item: InboxItem, held: Sequence[Held] = ()) -> RowView:
    content, state = item.content, item.state
    done = (state.actioned1 is not None, state.actioned2 is not None)
    return RowView(
        id=item.tracking_id,
        title=content.title,
        preview=preview(plain_text(content.html) if content.html else content.body),
        at=exact_iso(item.at),
        type_title=item.type_title,
        image=content.image,
        initials=initials_of_title(content.title),
        url=content.url,
        unread=state.unread,
        seen=state.seen is not None,
        archived=state.archived is not None,
        actions=[
            ActionView(action.label, action.url, chosen)
            for action, chosen in zip(content.actions, done, strict=False)
        ],
        replies=item.replies,
        change=item.change,
        saved=state.saved is not None,
        snoozed=iso(state.snoozed) if state.snoozed else "",
        woken=iso(state.snoozed_at) if state.snoozed_at and not state.snoozed else "",
        type_name=item.type_name,
        category=item.category,
        size=item.batch_size,
        expires=iso(item.expires_at) if item.expires_at else "",
        held=[HeldView(h.channel, h.channel.label, iso(h.due_at)) for h in held],
    )


def item_view(
    item: InboxItem,
    thread: Sequence[Reply],
    about: AboutView,
    held: Sequence[Held] = (),
) -> ItemView:
    return ItemView(
        row=row_view(item, held),
        body=item.content.body,
        html=item.content.html,
        can_reply=item.content.replies,
        thread=[reply_view(reply) for reply in thread],
        about=about,
    )


def reply_view(reply: Reply) -> ReplyView:
    return ReplyView(
        reply.id,
        reply.author,
        initials(reply.author),
        reply.message,
        iso(reply.at),
        reply.from_user,
        [attachment_view(each) for each in reply.attachments],
    )


def attachment_view(attachment: Attachment) -> AttachmentView:
    return AttachmentView(**vars(attachment))


def counts_view(state: InboxState) -> CountsView:
    counters = state.counters
    return CountsView(
        all=counters.active,
        unread=counters.unread,
        archived=counters.archived,
        unseen=counters.unseen,
        saved=counters.saved,
        snoozed=counters.snoozed,
    )


def plain_text(html: str) -> str:
    """The text of sanitised HTML, a line per block."""
    return unescape(TAG.sub(lambda tag: "\n" if tag[0][1] in "b/" else "", html))
