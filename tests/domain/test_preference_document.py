"""Preferences as JSON: there and back, patched, compared, and refused with the key at fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime, MonthDay
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.json_document import Change
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import (
    NOBODY_CHOSE,
    Preferences,
    as_document,
    changes,
    from_document,
    patched,
)
from inbox_app.domain.quiet_hours import QuietHours, Span
from tests.domain.preferences import preferences

EVERYTHING = Preferences(
    cells={
        "order_shipped": {
            "": {Channel.EMAIL: DeliveryOption.DAILY},
            "returns": {Channel.SMS: DeliveryOption.OFF},
        }
    },
    channels={Channel.SMS: False},
    times=DigestTime(time(8), 0, MonthDay.FIRST),
    quiet=QuietHours({0: Span(time(22), time(7))}),
    paused_until=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    escalation=timedelta(minutes=30),
)
DOCUMENT: dict[str, Any] = {
    "types": {
        "order_shipped": {
            "channels": {"EMAIL": "daily"},
            "subs": {"returns": {"channels": {"SMS": "off"}}},
        }
    },
    "channels": {"SMS": False},
    "digest": {"time": "08:00", "weekday": "monday", "monthDay": "first"},
    "quietHours": {"monday": {"start": "22:00", "end": "07:00"}},
    "pausedUntil": "2026-03-02T09:30:00Z",
    "escalationMinutes": 30,
}
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def test_the_document_has_the_shape_of_the_api():
    assert as_document(EVERYTHING) == DOCUMENT
    assert from_document(DOCUMENT) == EVERYTHING


def test_who_chose_nothing_has_an_empty_document():
    assert as_document(NOBODY_CHOSE) == {}
    assert from_document({}) == NOBODY_CHOSE


@given(preferences)
def test_preferences_come_back_from_json_as_they_were(p: Preferences):
    assert from_document(json.loads(json.dumps(as_document(p)))) == p


@pytest.mark.parametrize(
    "document",
    [
        {"types": {}},
        {"types": {"a": {}}},
        {"types": {"a": {"channels": {}, "subs": {"b": {"channels": {}}, "c": {}}}}},
        {"channels": {}, "digest": {}, "quietHours": {}},
    ],
)
def test_empty_parts_are_nothing(document: dict[str, Any]):
    assert from_document(document) == NOBODY_CHOSE


def test_a_digest_time_that_says_one_thing_has_the_usual_others():
    assert from_document({"digest": {"weekday": "friday"}}).times == DigestTime(weekday=4)
    assert from_document({"digest": {"time": "17:30"}}).times == DigestTime(time(17, 30))
    last = DigestTime(month_day=MonthDay.LAST)
    assert from_document({"digest": {"monthDay": "last"}}).times == last


def test_moments_with_any_offset_are_kept_in_utc():
    paused = from_document({"pausedUntil": "2026-03-02T10:30:00+01:00"}).paused_until
    assert paused == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert paused is not None
    assert paused.tzinfo is UTC


WRONG: list[tuple[Any, str]] = [
    ([], "the document"),
    (None, "the document"),
    ({"typos": {}}, "/typos"),
    ({"types": None}, "/types"),
    ({"types": []}, "/types"),
    ({"types": {"": {}}}, "/types/"),
    ({"types": {"x" * 257: {}}}, "/types/xxx"),
    ({"types": {"a\0": {}}}, "/types/a?"),
    ({"types": {"\ud800": {}}}, "/types/?"),
    ({"types": {"a/b": 1}}, "/types/a~1b"),
    ({"types": {"a": {"EMAIL": "off"}}}, "/types/a/EMAIL"),
    ({"types": {"a": {"channels": {"email": "off"}}}}, "/types/a/channels/email"),
    ({"types": {"a": {"channels": {"EMAIL": "never"}}}}, "/types/a/channels/EMAIL"),
    ({"types": {"a": {"channels": {"EMAIL": []}}}}, "/types/a/channels/EMAIL"),
    ({"types": {"a": {"subs": {"": {}}}}}, "/types/a/subs/"),
    ({"types": {"a": {"subs": {"b": {"subs": {}}}}}}, "/types/a/subs/b/subs"),
    ({"types": {str(n): {} for n in range(501)}}, "/types"),
    ({"types": {"a": {"subs": {str(n): {} for n in range(201)}}}}, "/types/a/subs"),
    ({"channels": {"FAX": True}}, "/channels/FAX"),
    ({"channels": {"SMS": "yes"}}, "/channels/SMS"),
    ({"channels": {"SMS": 1}}, "/channels/SMS"),
    ({"digest": "08:00"}, "/digest"),
    ({"digest": {"hour": 8}}, "/digest/hour"),
    ({"digest": {"time": 8}}, "/digest/time"),
    ({"digest": {"time": "8:00"}}, "/digest/time"),
    ({"digest": {"time": "24:00"}}, "/digest/time"),
    ({"digest": {"time": "08:00Z"}}, "/digest/time"),
    ({"digest": {"time": "08:00\n"}}, "/digest/time"),
    ({"digest": {"weekday": 0}}, "/digest/weekday"),
    ({"digest": {"weekday": "Monday"}}, "/digest/weekday"),
    ({"digest": {"monthDay": "15"}}, "/digest/monthDay"),
    ({"quietHours": {"someday": {}}}, "/quietHours/someday"),
    ({"quietHours": {"monday": {"start": "22:00"}}}, "/quietHours/monday"),
    (
        {"quietHours": {"monday": {"start": "22:00", "end": "late"}}},
        "/quietHours/monday/end",
    ),
    ({"pausedUntil": 1}, "/pausedUntil"),
    ({"pausedUntil": "tomorrow"}, "/pausedUntil"),
    ({"pausedUntil": "2026-03-02T09:30:00"}, "/pausedUntil"),
    ({"pausedUntil": "0001-01-01T00:00:00+10:00"}, "/pausedUntil"),
    ({"escalationMinutes": True}, "/escalationMinutes"),
    ({"escalationMinutes": -1}, "/escalationMinutes"),
    ({"escalationMinutes": 1.5}, "/escalationMinutes"),
    ({"escalationMinutes": float("nan")}, "/escalationMinutes"),
    ({"escalationMinutes": 10**30}, "/escalationMinutes"),
    ({"escalationMinutes": "30"}, "/escalationMinutes"),
]


@pytest.mark.parametrize(("document", "key"), WRONG)
def test_what_is_wrong_is_refused_with_the_key_at_fault(document: Any, key: str):
    with pytest.raises(InvalidInput) as refusal:
        from_document(document)
    assert key in refusal.value.fix
    assert refusal.value.message.endswith(".")


def test_as_much_as_is_allowed_is_taken():
    name = "x" * 256
    subs = {str(n): {"channels": {"SMS": "off"}} for n in range(200)}
    types = {str(n): {"channels": {"SMS": "off"}} for n in range(499)} | {name: {"subs": subs}}
    cells = from_document({"types": types}).cells
    assert len(cells) == 500
    assert len(cells[name]) == 200
    longest = from_document({"escalationMinutes": 366 * 24 * 60.0}).escalation
    assert longest == timedelta(days=366)


@given(st.sampled_from([*DOCUMENT, "other"]), json_values)
def test_nothing_a_caller_sends_breaks_it(key: str, value: Any):
    for document in (value, {key: value}):
        try:
            p = from_document(document)
        except InvalidInput:
            continue
        assert from_document(as_document(p)) == p


def test_a_patch_sets_changes_and_takes_back():
    p = patched(
        EVERYTHING,
        {
            "types": {"order_shipped": {"channels": {"EMAIL": None, "SMS": "weekly"}}},
            "digest": {"time": "09:15"},
            "quietHours": None,
            "escalationMinutes": 0,
        },
    )
    assert p == Preferences(
        cells={
            "order_shipped": {
                "": {Channel.SMS: DeliveryOption.WEEKLY},
                "returns": {Channel.SMS: DeliveryOption.OFF},
            }
        },
        channels={Channel.SMS: False},
        times=DigestTime(time(9, 15)),
        paused_until=EVERYTHING.paused_until,
        escalation=timedelta(0),
    )


@pytest.mark.parametrize("patch", [None, [], "off", {"quietHours": {"monday": {"end": None}}}])
def test_a_patch_that_leaves_no_valid_document_is_refused(patch: Any):
    with pytest.raises(InvalidInput):
        patched(EVERYTHING, patch)


@given(preferences, preferences)
def test_a_patch_of_all_keys_leads_from_any_preferences_to_any_others(
    before: Preferences, after: Preferences
):
    cleared = patched(before, dict.fromkeys(DOCUMENT))
    assert cleared == NOBODY_CHOSE
    assert patched(cleared, as_document(after)) == after


@given(preferences)
def test_an_empty_patch_changes_nothing(p: Preferences):
    assert patched(p, {}) == p
    assert changes(p, patched(p, {})) == []


def test_changes_name_the_leaves_that_differ():
    after = patched(
        EVERYTHING,
        {
            "types": {"a.b/c": {"channels": {"SMS": "off"}}},
            "channels": {"SMS": True},
            "pausedUntil": None,
        },
    )
    assert changes(EVERYTHING, after) == [
        Change("/channels/SMS", False, True),
        Change("/pausedUntil", "2026-03-02T09:30:00Z", None),
        Change("/types/a.b~1c/channels/SMS", None, "off"),
    ]


@given(preferences, preferences)
def test_changes_there_and_back_are_mirrored(one: Preferences, two: Preferences):
    mirrored = [Change(c.path, c.after, c.before) for c in changes(two, one)]
    assert changes(one, two) == mirrored
    assert (changes(one, two) == []) == (one == two)
