"""The inbox as its owner and the owner's devices use it.

Every function takes the person's internal key and touches nothing that is not theirs: the check
is part of each query.
"""

from inbox_app.services.inbox.acting import (
    act,
    archive_those_left,
    follow,
    reply,
    report,
    see,
    see_all,
    setting,
)
from inbox_app.services.inbox.acts import (
    REMEMBERED,
    UNDOABLE,
    Progress,
    perform,
    perform_all,
    undo,
)
from inbox_app.services.inbox.asking import Asked
from inbox_app.services.inbox.finding import categories, count, count_each, find, kinds
from inbox_app.services.inbox.indexing import prepare
from inbox_app.services.inbox.keeping import kept
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
from inbox_app.services.inbox.replying import NewReply

__all__ = [
    "LARGEST_PAGE",
    "PAGE",
    "REMEMBERED",
    "UNDOABLE",
    "Asked",
    "Entry",
    "NewReply",
    "Progress",
    "act",
    "archive_those_left",
    "categories",
    "changed_items",
    "changes_since",
    "count",
    "count_each",
    "entries",
    "find",
    "follow",
    "kept",
    "kinds",
    "mute",
    "open_item",
    "page",
    "perform",
    "perform_all",
    "prepare",
    "reply",
    "report",
    "see",
    "see_all",
    "setting",
    "state",
    "threads",
    "undo",
]
