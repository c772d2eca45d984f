"""Users: profiles merge, names are shown, channels find an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from tests.clock import START

some = st.none() | st.text(max_size=5)
profiles = st.builds(
    Profile,
    email=some,
    number=some,
    timezone=some,
    push_tokens=st.none() | st.just(({"token": "t"},)),
    web_push_tokens=st.none() | st.just(()),
    slack_channel=some,
    slack_token=some,
    properties=st.none() | st.dictionaries(st.sampled_from("abc"), st.booleans()),
)
ADA = User(1, 1, "user-17", START, START)


@given(profiles, profiles)
def test_merging_twice_is_merging_once(known: Profile, newer: Profile):
    assert known.merged(newer).merged(newer) == known.merged(newer)


@given(profiles)
def test_who_says_nothing_changes_nothing(known: Profile):
    assert known.merged(Profile()) == known
    assert Profile().merged(known) == known


def test_properties_merge_by_key():
    known = Profile(properties={"name": "Ada", "plan": "free"})
    assert known.merged(Profile(properties={"plan": "pro"})).properties == {
        "name": "Ada",
        "plan": "pro",
    }


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({"properties": {"name": " Ada Diaz "}, "email": "a@b.example"}, "Ada Diaz"),
        ({"properties": {"name": " "}, "email": "ada@b.example"}, "ada"),
        ({"properties": {"name": True}}, "user-17"),
        ({"email": "@b.example"}, "user-17"),
        ({}, "user-17"),
    ],
)
def test_a_person_is_shown_by_the_best_name_known(known: dict[str, Any], shown: str):
    assert replace(ADA, profile=Profile(**known)).display_name == shown


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, {"email": "ada@acme.example"}),
        (Channel.SMS, {"number": "+491700000"}),
        (Channel.CALL, {"number": "+491700000"}),
        (Channel.PUSH, {"push_tokens": ({"token": "t"},)}),
        (Channel.WEB_PUSH, {"web_push_tokens": ({"sub": {"endpoint": "https://push.example/1"}},)}),
        (Channel.SLACK, {"slack_channel": "#ops"}),
        (Channel.SLACK, {"slack_token": "sealed"}),
    ],
)
def test_a_channel_is_reached_once_its_address_is_known(channel: Channel, address: dict[str, Any]):
    assert not Profile().addresses(channel)
    assert not Profile(email="", number="", push_tokens=()).addresses(channel)
    assert Profile(**address).addresses(channel)


def test_the_inbox_needs_no_address():
    assert Profile().addresses(Channel.INAPP_WEB) == ("",)


def test_slack_tokens_are_not_shown():
    assert "xoxb" not in repr(Profile(slack_token="xoxb-1"))


def test_an_empty_object_of_properties_says_nothing():
    known = Profile(properties={"name": "Ada"})
    assert known.merged(Profile(properties={})) == known


def test_an_address_that_is_known_twice_is_one_address():
    twice = Profile(
        push_tokens=({"token": "a"}, {"token": "b"}, {"token": "a", "device": {"id": "2"}}),
        web_push_tokens=({"sub": {"endpoint": "/1"}}, {"sub": {"endpoint": "/1"}}),
    )
    assert twice.addresses(Channel.PUSH) == ("a", "b")
    assert twice.addresses(Channel.WEB_PUSH) == ("/1",)
