"""The inbox as its owner and the owner's devices use it.

Every function takes the person's internal key and touches nothing that is not theirs: the check
is part of each query.
"""

from inbox_app.services.inbox.acting import (
    act,
    archive,
    archive_those_left,
    click,
    follow,
    mark_read,
    mark_unread,
    reply,
    report,
    restore,
    see,
    setting,
)
from inbox_app.services.inbox.acts import (
    UNDOABLE,
    Done,
    Progress,
    Undone,
    perform,
    perform_all,
    undo,
)
from inbox_app.services.inbox.bulk import BulkView, mark_all_read, see_all, undo_mark_all_read
from inbox_app.services.inbox.finding import categories, count, find
from inbox_app.services.inbox.indexing import prepare
from inbox_app.services.inbox.muting import mute
from inbox_app.services.inbox.reading import (
    LARGEST_PAGE,
    PAGE,
    Entry,
    changed_items,
    changes_since,
    entries,
    open_item,
    page,
    state,
    threads,
)
from inbox_app.services.inbox.replying import LONGEST_REPLY, NewReply

__all__ = [
    "LARGEST_PAGE",
    "LONGEST_REPLY",
    "PAGE",
    "UNDOABLE",
    "BulkView",
    "Done",
    "Entry",
    "NewReply",
    "Progress",
    "Undone",
    "act",
    "archive",
    "archive_those_left",
    "categories",
    "changed_items",
    "changes_since",
    "click",
    "count",
    "entries",
    "find",
    "follow",
    "mark_all_read",
    "mark_read",
    "mark_unread",
    "mute",
    "open_item",
    "page",
    "perform",
    "perform_all",
    "prepare",
    "reply",
    "report",
    "restore",
    "see",
    "see_all",
    "setting",
    "state",
    "threads",
    "undo",
    "undo_mark_all_read",
]
