"""Every string the interface shows, in one place, so that a language can be added.

`BROWSER` goes to the React parts of the page as it stands; ``{name}`` places are filled there, and
a pair of texts is the singular and the plural.
"""

from __future__ import annotations

from typing import Any, Final

TITLE: Final = "Inbox"
DESCRIPTION: Final = "Your notifications"
SKIP: Final = "Skip to notifications"

VIEWS: Final = {"all": "All", "unread": "Unread", "archived": "Archived"}
HEADINGS: Final = {"all": "Inbox", "unread": "Unread", "archived": "Archived"}
VIEWS_LABEL: Final = "Views"
PANES_LABEL: Final = "Notifications"
DETAIL_LABEL: Final = "Open notification"

MARK_ALL_READ: Final = "Mark all as read"
KEYBOARD_HELP: Final = "Keyboard shortcuts"
SIGN_OUT: Final = "Sign out"
ACCOUNT: Final = "Account and settings"
BACK: Final = "Back to the list"

OPEN_LINK: Final = "Open link"
ARCHIVED: Final = "Archived"
WHY: Final = "Why you got this"
YOU: Final = "You"
REPLIES: Final = "Replies"

NONE_OPEN: Final = ("Nothing open", "Choose a notification to read it here.")
NONE_OPEN_HINTS: Final = (("J", "next"), ("Enter", "open"), ("E", "archive"), ("?", "all keys"))
GONE: Final = (
    "No longer available",
    "This notification was removed, or it belongs to somebody else.",
)
NOT_LOADED: Final = "This notification could not be loaded"
RETRY: Final = "Retry"
REFERENCE: Final = "Reference: "
LOST: Final = ("Page not found", "There is nothing at this address.")
TO_INBOX: Final = "Go to your inbox"
CRASHED: Final = ("Something went wrong on this page", "Your notifications are safe.")
RELOAD: Final = "Reload"

# Messages after an action.
ARCHIVED_ONE: Final = "Archived"
RESTORED_ONE: Final = "Moved back to the inbox"
NOTHING_UNREAD: Final = "Everything was read already"
UNDONE: Final = "Undone"
FAILED: Final = {
    "archive": "Could not archive",
    "restore": "Could not restore",
    "read": "Could not mark as read",
    "unread": "Could not mark as unread",
    "choose": "Could not save your answer",
    "mark_all": "Could not mark all as read",
    "undo": "Could not undo",
    "reply": "Could not send",
    "load": "Could not load your notifications",
    "open": "Could not open this notification",
    "other": "Something went wrong",
}

REPLY_KEPT: Final = "Your text is kept; try again."


def marked_all(count: int) -> str:
    """After "mark all as read"."""
    return f"Marked {count:,} as read"


def failed(what: str, reference: str = "") -> str:
    """That something did not work, with the reference under which the log tells more."""
    return f"{FAILED[what]}. Reference {reference}" if reference else FAILED[what]


BROWSER: Final[dict[str, Any]] = {
    "title": TITLE,
    "loading": "Loading notifications",
    "now": "now",
    "today": "Today",
    "yesterday": "Yesterday",
    "this_week": "This week",
    "this_month": "Earlier this month",
    "unread_mark": "Unread:",
    "chosen": "You chose:",
    "done": "(done)",
    "waiting": "Waiting to be sent",
    "replies": ["{n} reply", "{n} replies"],
    "acts": {
        "read": "Mark as read",
        "unread": "Mark as unread",
        "archive": "Archive",
        "restore": "Restore",
    },
    "new_above": ["{n} new", "{n} new"],
    "arrived": ["{n} new notification", "{n} new notifications"],
    "newest": "Back to the newest",
    "show_older": "Show older",
    "retry": RETRY,
    "reference": "Reference: {id}",
    "empty": {
        "first": ["Nothing here yet", "What people and services tell you will arrive here."],
        "all": ["All clear", "Your inbox is empty. What you archived is under Archived."],
        "unread": ["All caught up", "You have read everything."],
        "archived": ["Nothing archived", "Archive what you are done with; it is kept here."],
    },
    "reply_label": "Your reply",
    "reply_hint": "Write a reply",
    "reply_length": "{n} of {max} characters",
    "send": "Send",
    "sending": "Sending",
    "reconnecting": "Connection lost at {time}. Reconnecting.",
    "offline": "Offline: showing {time}.",
    "changes_wait": ["{n} change waits to be sent.", "{n} changes wait to be sent."],
    "undo": "Undo",
    "undo_hint": "Press Z to undo.",
    "message": "Message",
    "dismiss": "Dismiss",
    "close": "Close",
    "theme": "Colours",
    "themes": {"system": "As the system", "light": "Light", "dark": "Dark"},
    "help": {
        "title": KEYBOARD_HELP,
        "switch": "Use single-key shortcuts",
        "keys": [
            ["J", "Next notification"],
            ["K", "Previous notification"],
            ["Enter / O", "Open"],
            ["E", "Archive, or restore"],
            ["R", "Reply"],
            ["I", "Mark as read"],
            ["U", "Mark as unread"],
            ["Z", "Undo"],
            ["Esc", "Close, back to the list"],
            ["G I", "Go to the inbox"],
            ["PgDn", "Next, in the list"],
            ["PgUp", "Previous, in the list"],
            ["Ctrl+Home", "Leave the list upwards"],
            ["Ctrl+End", "Leave the list downwards"],
            ["?", "This help"],
        ],
    },
}
