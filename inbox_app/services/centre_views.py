"""What the preference centre shows: frozen values without secrets, times as ISO text.

Words are the page's: here are codes. Options are those of `DeliveryOption`, channels and sources
the values of theirs, weekdays count from 0 for Monday, clock times are ``HH:MM``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MIXED = "mixed"
"""Stands for the options of several that are not the same."""
ENDED = "Ended"
"""Why an address is not used that the person can connect again."""


@dataclass(frozen=True)
class QuietView:
    """One quiet time and the weekdays on which it starts."""

    start: str
    end: str
    days: list[int]


@dataclass(frozen=True)
class SummaryPartView:
    """How one channel reaches the person.

    Attributes:
        option: What applies to all types on it that are not required, or `MIXED`.
        at: When its digests are due, "" when it has none by wall time.
        weekday: Of a weekly digest.
        month_day: Of a monthly one: ``first`` or ``last``.
    """

    channel: str
    label: str
    option: str
    at: str = ""
    weekday: int = 0
    month_day: str = ""


@dataclass(frozen=True)
class SummaryView:
    """The parts of the sentence on top.

    Attributes:
        channels: The in-app inbox first.
        paused_until: When the pause that holds now ends, or "".
        quiet: Those that are the same on several days together.
    """

    channels: list[SummaryPartView]
    quiet: list[QuietView]
    paused_until: str = ""


@dataclass(frozen=True)
class AddressView:
    """One way to reach the person.

    Attributes:
        key: Names it to `services.addresses`; never the address of a device itself.
        kind: ``email``, ``number``, ``device``, ``browser`` or ``slack``.
        text: The address as the person knows it, or the name of a device, or "".
        channels: The channels it serves.
        status: ``verified``, ``unverified`` (a code is on its way to it) or ``suppressed``.
        reason: Why it is suppressed: a `SuppressionReason`, `ENDED`, or "".
        sandbox: Nothing leaves the server by any of its channels: there is no provider yet.
        last: When something was last delivered to it, of the newest few hundred; or "".
        expires: When the code that is on its way stops counting, or "".
        again_at: When another code may be asked for, or "".
        editable: The person may replace or remove it.
        failure: Why the last message to it did not arrive (`Failure`), or "" when one has since.
        failure_detail: The provider's own words about it.
        failure_at: When that was, or "".
        workspace: Where it is in Slack, when the person connected that by themselves; or "".
    """

    key: str
    kind: str
    text: str
    channels: list[str]
    status: str
    reason: str = ""
    sandbox: bool = False
    last: str = ""
    expires: str = ""
    again_at: str = ""
    editable: bool = False
    failure: str = ""
    failure_detail: str = ""
    failure_at: str = ""
    workspace: str = ""


@dataclass(frozen=True)
class DigestView:
    """When digests are due; ``chosen`` by the person, else usual.

    Attributes:
        coming: When the next daily, weekly and monthly ones are, by their option, ISO times; none
            that no type offers, or that types have at times of their own.
    """

    at: str
    weekday: int
    month_day: str
    chosen: bool
    coming: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class WhenView:
    """When the person may be told.

    Attributes:
        zone: The zone that applies, an IANA name.
        zone_chosen: By the person; else it was detected, or is UTC for want of one.
        zone_detected: What is known without a choice, or "".
        quiet: For each day that has quiet hours its own.
        paused_until: Of the pause that holds now, or "".
        breaks_through: Titles of the types that nothing holds back.
        escalation_minutes: How long e-mail waits for the inbox to be read; -1: as each type says.
    """

    zone: str
    zone_chosen: bool
    zone_detected: str
    quiet: list[QuietView]
    digest: DigestView
    paused_until: str
    breaks_through: list[str]
    escalation_minutes: int


@dataclass(frozen=True)
class CellView:
    """One choice.

    Attributes:
        option: What applies; "" where the type does not use the channel.
        source: What decides it (`domain.preference.Source`), or "".
        offered: What can be chosen, in the order of `DeliveryOption`.
        locked: Why nothing can be chosen: ``required``, ``channel_off``, ``unused`` (the type does
            not go there), ``only_one`` (nothing else is offered); else "".
        custom: The person chose for just this.
        default: What would apply without that.
    """

    channel: str
    option: str
    source: str
    offered: list[str]
    locked: str
    custom: bool
    default: str


@dataclass(frozen=True)
class SubView:
    """A subject within a type; one cell per column."""

    id: str
    title: str
    cells: list[CellView]


@dataclass(frozen=True)
class TypeView:
    """A type; one cell per column."""

    name: str
    title: str
    description: str
    required: bool
    custom: bool
    cells: list[CellView]
    subs: list[SubView] = field(default_factory=list[SubView])


@dataclass(frozen=True)
class GroupCellView:
    """What a category has in common on a channel.

    Attributes:
        option: Of all its types that can be changed, `MIXED`, or "" when there are none.
        offered: What at least one of them offers.
        locked: Nothing can be chosen for any of them.
    """

    channel: str
    option: str
    offered: list[str]
    locked: bool


@dataclass(frozen=True)
class CategoryView:
    """Types under one heading; "" names those that have none."""

    name: str
    cells: list[GroupCellView]
    types: list[TypeView]


@dataclass(frozen=True)
class ColumnView:
    """A channel that types use; ``on`` unless the person switched it off everywhere."""

    channel: str
    label: str
    on: bool


@dataclass(frozen=True)
class CentreView:
    """The whole centre.

    Attributes:
        categories: By name, "" last.
        change: The person's change number at the same moment.
    """

    summary: SummaryView
    where: list[AddressView]
    when: WhenView
    columns: list[ColumnView]
    categories: list[CategoryView]
    change: int


@dataclass(frozen=True)
class EditedView:
    """What a change came to.

    Attributes:
        undo: Names the change to `undo`; "" when nothing was changed.
        refused: Titles of types that do not offer it and stayed as they were.
        categories: Those that changed, each with the types that changed only.
        change: The person's change number since; 0 when nothing was changed.
    """

    undo: str
    refused: list[str]
    summary: SummaryView
    when: WhenView
    columns: list[ColumnView]
    categories: list[CategoryView]
    change: int


@dataclass(frozen=True)
class ChangedLeafView:
    """One value that changed.

    Attributes:
        path: The keys that lead to it in the document of preferences.
        before: JSON text of its value, "" where there was none.
        after: The same, afterwards.
    """

    path: list[str]
    before: str
    after: str


@dataclass(frozen=True)
class HistoryView:
    """What was changed at one time.

    Attributes:
        id: Names it to `undo`.
        by: ``user``, ``application``, ``unsubscribe link``, ``undo of the unsubscribe link`` or
            ``inbox``.
        undoable: Nothing of it has been changed since.
    """

    id: str
    at: str
    by: str
    changes: list[ChangedLeafView]
    undoable: bool


@dataclass(frozen=True)
class LaterView:
    """How much later one type would have been told; by channels other than the inbox.

    Attributes:
        type: Its name.
        title: The name people read.
        average: Seconds, over those told either way; less than 0: sooner.
        most: Seconds of the one with the greatest delay.
        silenced: How many would not have been told any more.
        added: How many would have been told that are not now.
    """

    type: str
    title: str
    average: float
    most: float
    silenced: int
    added: int


@dataclass(frozen=True)
class EffectView:
    """What settings would have meant.

    Attributes:
        days: How many days were replayed.
        notifications: How many notifications came in.
        cut: There were more than could be replayed; the days are then those of the newest.
        now: Messages by name of the channel with the present settings; of the inbox, items.
        then: The same with the edited ones.
        later: Types with a difference, the greatest average delay first.
    """

    days: float
    notifications: int
    cut: bool
    now: dict[str, int]
    then: dict[str, int]
    later: list[LaterView]


@dataclass(frozen=True)
class RiderView:
    """A notification that rides in a summary; ``id`` is its tracking id, ``at`` ISO time."""

    id: str
    title: str
    at: str


@dataclass(frozen=True)
class UpcomingView:
    """A summary that is to come.

    Attributes:
        id: Names it to the other calls.
        type: Title of its type; "" for what a pause or quiet hours hold, of any type.
        option: ``hourly`` to ``monthly``; ``instant`` for what a pause or quiet hours hold.
        due: When it goes, ISO time; a pause or quiet hours can put it off.
        count: How many notifications ride in it.
        riders: The first `MOST_LISTED` of them.
    """

    id: str
    channel: str
    label: str
    type: str
    option: str
    due: str
    count: int
    riders: list[RiderView]


@dataclass(frozen=True)
class SlackPlaceView:
    """A channel or a person in Slack.

    Attributes:
        kind: ``public``, ``private`` or ``person``.
        name: What people call it; of a channel without its #.
        note: The full name of a person who is called otherwise, or "".
        own: It is the person who looks.
        joined: The app is in it; it joins a public channel that is chosen.
        chosen: Messages go there.
    """

    id: str
    kind: str
    name: str
    note: str = ""
    own: bool = False
    joined: bool = True
    chosen: bool = False


@dataclass(frozen=True)
class SlackPlacesView:
    """Places that were looked for.

    Attributes:
        more: There are more that fit than these.
        whole: The workspace has no more than what was searched.
    """

    places: list[SlackPlaceView] = field(default_factory=list[SlackPlaceView])
    more: bool = False
    whole: bool = True
