"""What the browser gets: frozen values without secrets, times as ISO text.

The UI holds these in its state, so every field here travels to the person's browser.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inbox_app.domain.personal import USUAL_KEYS
from inbox_app.services.about import NOTHING_KNOWN, AboutView


@dataclass(frozen=True)
class ActionView:
    """A button of an item; ``done`` once the person chose it."""

    label: str
    url: str = ""
    done: bool = False


@dataclass(frozen=True)
class HeldView:
    """A message on another channel that waits, and until when (ISO)."""

    channel: str
    label: str
    until: str


@dataclass(frozen=True)
class RowView:
    """One row of the list.

    Attributes:
        id: Tracking id.
        title: Plain text.
        preview: First line of the body, plain text, or "".
        at: ISO time to the microsecond; with the id it orders the list.
        type_title: Title of the notification type.
        image: URL of a picture, or "".
        initials: One or two letters to show without a picture.
        url: Where the item leads, or "".
        unread: Bold, with a dot.
        seen: Has been on screen.
        archived: Listed under Done.
        actions: Up to two buttons.
        replies: Number of replies.
        change: Change number; of two views of one item the higher is the newer.
        saved: Listed under Saved.
        snoozed: ISO time at which it comes back, "" when it is not snoozed.
        woken: ISO time at which the person snoozed it, once it is back and until it is read; "".
        type_name: Name of the notification type, for filters.
        category: Category of the type, "" for none.
        size: How many notifications it stands for; above 1 it is a group.
        expires: ISO time after which it is kept no longer, "" when it has none.
        held: Messages of it that still wait; show each until its time has come.
    """

    id: str
    title: str
    preview: str
    at: str
    type_title: str
    image: str
    initials: str
    url: str
    unread: bool
    seen: bool
    archived: bool
    actions: list[ActionView] = field(default_factory=list[ActionView])
    replies: int = 0
    change: int = 0
    saved: bool = False
    snoozed: str = ""
    woken: str = ""
    type_name: str = ""
    category: str = ""
    size: int = 1
    expires: str = ""
    held: list[HeldView] = field(default_factory=list[HeldView])


@dataclass(frozen=True)
class AttachmentView:
    """A picture for a reply; sizes in pixels and bytes."""

    id: str
    content_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Piece:
    """A run of text; with ``href`` it is a link."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class ReplyView:
    """One message of a thread."""

    id: str
    author: str
    initials: str
    message: str
    at: str
    mine: bool
    attachments: list[AttachmentView] = field(default_factory=list[AttachmentView])


@dataclass(frozen=True)
class ItemView:
    """The open item.

    Attributes:
        row: What the list shows of it.
        body: Plain text body, or "".
        html: Sanitised body that takes the place of ``body``, or "".
        can_reply: Whether a reply box is shown.
        thread: Replies, oldest first.
        about: Why it came, and what became of it on each channel.
    """

    row: RowView
    body: str
    html: str
    can_reply: bool
    thread: list[ReplyView] = field(default_factory=list[ReplyView])
    about: AboutView = NOTHING_KNOWN


@dataclass(frozen=True)
class CountsView:
    """Counters of the inbox; ``all`` counts what is neither archived nor snoozed."""

    all: int = 0
    unread: int = 0
    archived: int = 0
    unseen: int = 0
    saved: int = 0
    snoozed: int = 0


@dataclass(frozen=True)
class PageView:
    """A page of the list, newest first.

    Attributes:
        rows: At most as many as asked for.
        next: Cursor of the next page, "" at the end.
        counts: Counters at the same moment.
        change: The person's change number at the same moment.
        complete: Everything was looked through; else the index of a search is still being made,
            and asking again finds more.
    """

    rows: list[RowView]
    next: str
    counts: CountsView
    change: int
    complete: bool = True


@dataclass(frozen=True)
class CategoryView:
    """A category that the person has items in.

    Attributes:
        unread: How many of the newest `CategoriesView.looked_at` unread ones are in it.
        all: The same of those that are neither archived nor snoozed.
    """

    name: str
    unread: int
    all: int


@dataclass(frozen=True)
class CalmView:
    """What somebody with nothing left to do has done, and what comes by itself.

    Attributes:
        cleared: How many items were archived since; -1 while that is not known.
        channel: Of the next summary; "" when none is to come.
        due: When that goes, ISO time, or "".
    """

    cleared: int = -1
    channel: str = ""
    due: str = ""


@dataclass(frozen=True)
class KindView:
    """A type that the person has items of."""

    name: str
    title: str


@dataclass(frozen=True)
class CategoriesView:
    """The categories of a person's items, by name.

    Attributes:
        looked_at: So many of the newest items were counted at most.
        capped: There are more, so that each count means "at least".
    """

    categories: list[CategoryView]
    looked_at: int
    capped: bool


@dataclass(frozen=True)
class FilterView:
    """A saved filter, field by field as `domain.inbox_filter.InboxFilter`.

    Attributes:
        unread: How many of the newest items it looks through are in it and unread.
        capped: There may be more.
    """

    id: str
    name: str
    box: str
    category: str
    type_name: str
    query: str
    unread: int
    capped: bool


@dataclass(frozen=True)
class ChangesView:
    """What changed since a change number.

    Attributes:
        reload: Too much changed to tell: read the first page again. ``rows`` is then empty.
        rows: Changed and new items of every view, newest first.
        counts: Counters at the same moment.
        change: The person's change number at the same moment.
    """

    reload: bool
    rows: list[RowView]
    counts: CountsView
    change: int


@dataclass(frozen=True)
class ViewerView:
    """The signed-in person, as every page needs to know them.

    Attributes:
        name: "" until it is known who looks.
        brand: Title of the environment.
        logo: Address of its picture, or "".
        look: Tokens of its accent by theme, or {}.
        language: What the person chose, or "".
        zone: Their IANA zone, or "".
        shortcuts: Whether single keys do anything.
        key_of: The key of every act that has one.
        session: Tells this session from others; opens nothing. "" without one.
        person: Tells whoever is signed in from others, in every session of theirs; or "".
    """

    name: str = ""
    initials: str = ""
    brand: str = ""
    demo: bool = False
    logo: str = ""
    look: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    language: str = ""
    zone: str = ""
    shortcuts: bool = True
    key_of: dict[str, str] = field(default_factory=lambda: dict(USUAL_KEYS))
    session: str = ""
    person: str = ""


@dataclass(frozen=True)
class SessionView:
    """A browser in which the person is signed in; "" is what it did not say."""

    id: str
    browser: str
    system: str
    signed_in: str
    last_used: str
    mine: bool
