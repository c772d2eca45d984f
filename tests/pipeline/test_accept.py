"""Accept: durable groups, one answer each, and one notification per idempotency key."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.decision import Outcome, Rule
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput
from inbox_app.domain.feed import Box
from inbox_app.domain.notification import Accepted, InAppContent, InboxItem, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.live.hub import LocalHub
from inbox_app.pipeline.accept import Acceptor
from inbox_app.runtime import Runtime
from inbox_app.services import sending, users
from inbox_app.storage import inbox, notifications, types
from tests.clock import SetClock
from tests.factories import make_environment, make_send, make_user, send


async def feed(rt: Runtime, environment: Environment, user_id: str = "ada") -> list[InboxItem]:
    """Everything a person got, newest first."""
    user = await users.find(rt, environment, user_id)
    if user is None:
        return []
    async with rt.database.read() as tx:
        return await inbox.page(tx, user.id, Box.EVERYTHING, None, 10_000)


async def submit_all(rt: Runtime, sends: Sequence[Send]) -> list[Accepted | BaseException]:
    """Sends at the same time, so that they meet in groups."""
    return await asyncio.gather(*(sending.send(rt, each) for each in sends), return_exceptions=True)


async def test_an_accepted_send_is_in_the_feed(runtime: Runtime, environment: Environment):
    tracking_id = await send(runtime, environment, title="Hello")
    (item,) = await feed(runtime, environment)
    assert (item.tracking_id, item.content.title) == (tracking_id, "Hello")
    assert item.at == runtime.clock.now()
    assert item.type_title == "Order shipped"


async def test_everything_a_send_says_is_kept(runtime: Runtime, environment: Environment):
    content = InAppContent(
        "Hi {{name}}", "body", "<p>html", "/go", "https://acme.example/x.png", replies=False
    )
    await send(
        runtime,
        environment,
        in_app=content,
        parameters={"name": "Ada", "deep": {"list": [1, 2.5, None, True, "é\U0001f600"]}},
        sub_notification_id="order-17",
        profile=Profile(email="ada@acme.example", properties={"name": "Ada", "plan": 3.0}),
    )
    (item,) = await feed(runtime, environment)
    assert item.content == replace(content, title="Hi Ada", html="<p>html</p>")
    assert item.parameters["deep"] == {"list": [1, 2.5, None, True, "é\U0001f600"]}
    assert item.sub_notification_id == "order-17"
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    assert user.profile.properties == {"name": "Ada", "plan": 3.0}


async def test_a_crowd_of_senders_gets_every_item_into_the_feed_once(
    runtime: Runtime, environment: Environment
):
    sends = [make_send(environment, f"u{n % 7}", f"Item {n}") for n in range(300)]
    answers = await submit_all(runtime, sends)
    assert answers == [Accepted(each.tracking_id) for each in sends]
    found = [
        item.tracking_id for n in range(7) for item in await feed(runtime, environment, f"u{n}")
    ]
    assert Counter(found) == Counter(each.tracking_id for each in sends)


async def test_items_of_a_group_get_change_numbers_without_a_gap(
    runtime: Runtime, environment: Environment
):
    sends = [make_send(environment, f"u{n % 3}") for n in range(30)]
    await Acceptor(runtime.database, runtime.hub, runtime.engine)(sends)
    await Acceptor(runtime.database, runtime.hub, runtime.engine)([make_send(environment, "u1")])
    for user_id, count in (("u0", 10), ("u1", 11), ("u2", 10)):
        found = await feed(runtime, environment, user_id)
        assert sorted(item.change for item in found) == list(range(1, count + 1))


async def test_readers_are_told_after_the_commit(runtime: Runtime, environment: Environment):
    user = await make_user(runtime, environment, "ada")
    with runtime.hub.subscribe(user.id) as reader:
        await send(runtime, environment)
        news = await reader.wait(5)
        assert news is not None
        assert news.change == 1
        assert len(await feed(runtime, environment)) == 1


async def test_one_send_that_cannot_be_kept_fails_alone(runtime: Runtime, environment: Environment):
    sends = [
        make_send(environment, title="first"),
        make_send(environment, title=" "),
        # Beyond what any schema lets through: the database itself refuses it.
        make_send(environment, type_name=None),
        make_send(environment, title="last"),
    ]
    answers = await Acceptor(runtime.database, runtime.hub, runtime.engine)(sends)
    assert [type(each) for each in (answers[0], answers[1], answers[3])] == [
        Accepted,
        InvalidInput,
        Accepted,
    ]
    assert isinstance(answers[2], Exception)
    assert {item.content.title for item in await feed(runtime, environment)} == {"first", "last"}


async def test_a_send_with_unusable_content_leaves_no_trace(
    runtime: Runtime, environment: Environment
):
    with pytest.raises(InvalidInput):
        await send(runtime, environment, "nobody", title="{{nothing}}", type_name="strange")
    assert await users.find(runtime, environment, "nobody") is None
    async with runtime.database.read() as tx:
        assert await types.find_many(tx, [(environment.id, "strange")]) == {}


class DeafHub(LocalHub):
    """A hub that breaks when it is told something."""

    async def publish(self, changes: Mapping[int, int]) -> None:
        raise OSError("no one listens")


async def test_what_is_stored_is_accepted_even_if_readers_cannot_be_told(
    runtime: Runtime, environment: Environment
):
    sends = [make_send(environment, title=f"Item {n}") for n in range(3)]
    answers = await Acceptor(runtime.database, DeafHub(), runtime.engine)(sends)
    assert answers == [Accepted(each.tracking_id) for each in sends]
    assert len(await feed(runtime, environment)) == 3


async def test_every_channel_of_a_send_has_a_decision_on_record(
    runtime: Runtime, environment: Environment
):
    request = make_send(
        environment, channels_with_content=(Channel.EMAIL, Channel.INAPP_WEB, Channel.SMS)
    )
    accepted = await sending.send(runtime, request)
    async with runtime.database.read() as tx:
        found = await notifications.decisions(tx, accepted.tracking_id)
    assert {each.channel: (each.outcome, each.rule) for each in found} == {
        Channel.EMAIL: (Outcome.SKIP, Rule.NO_ADDRESS),
        Channel.INAPP_WEB: (Outcome.SEND, Rule.ALLOWED),
        Channel.SMS: (Outcome.SKIP, Rule.NO_ADDRESS),
    }
    assert len(accepted.messages) == 2


async def test_a_send_without_in_app_content_adds_no_item(
    runtime: Runtime, environment: Environment
):
    await send(runtime, environment, in_app=None, channels_with_content=(Channel.EMAIL,))
    assert await feed(runtime, environment) == []


async def test_a_channel_that_is_switched_off_adds_no_item(
    runtime: Runtime, environment: Environment
):
    muted = replace(environment, disable_sending=frozenset({Channel.INAPP_WEB}))
    accepted = await sending.send(runtime, make_send(muted))
    assert await feed(runtime, environment) == []
    assert accepted.messages == ("INAPP_WEB: In-app is switched off for everyone.",)


async def test_the_sender_is_told_which_names_had_no_value(
    runtime: Runtime, environment: Environment
):
    accepted = await sending.send(runtime, make_send(environment, title="Hi {{who}}"))
    assert accepted.messages == ("No value for {{who}}.",)


async def test_an_unknown_type_is_made_on_the_fly_and_kept(
    runtime: Runtime, environment: Environment
):
    await submit_all(
        runtime, [make_send(environment, type_name="invoice.due-soon") for _ in range(5)]
    )
    await send(runtime, environment, type_name="invoice.due-soon")
    async with runtime.database.read() as tx:
        found = await types.find_many(tx, [(environment.id, "invoice.due-soon")])
    (kind,) = found.values()
    assert (kind.title, kind.channels) == ("Invoice due soon", (Channel.INAPP_WEB,))


async def test_types_and_users_of_one_name_in_two_environments_are_apart(
    runtime: Runtime, environment: Environment
):
    other = await make_environment(runtime, "Other")
    await submit_all(runtime, [make_send(environment, title="a"), make_send(other, title="b")])
    assert [item.content.title for item in await feed(runtime, environment)] == ["a"]
    assert [item.content.title for item in await feed(runtime, other)] == ["b"]


async def test_the_last_send_of_a_group_decides_what_is_known_of_a_user(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_user(runtime, environment, "ada", email="old@acme.example", number="+1")
    later = clock.advance(minutes=1)
    await Acceptor(runtime.database, runtime.hub, runtime.engine)(
        [
            make_send(environment, profile=Profile(email=email), accepted_at=later)
            for email in ("a@acme.example", "b@acme.example")
        ]
    )
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    assert (user.profile.email, user.profile.number) == ("b@acme.example", "+1")
    assert user.updated_at == later


# Idempotency


async def keyed(
    rt: Runtime, environment: Environment, bodies: Sequence[str], user_id: str = "ada"
) -> list[Accepted | BaseException]:
    """Sends one body after the other under one key, all at the same time."""
    return await submit_all(
        rt, [make_send(environment, user_id, title=b, key=("key-1", b)) for b in bodies]
    )


async def test_equal_sends_at_the_same_time_are_one_notification(
    runtime: Runtime, environment: Environment
):
    answers = await keyed(runtime, environment, ["a"] * 50)
    assert len({repr(each) for each in answers}) == 1
    (item,) = await feed(runtime, environment)
    assert answers[0] == Accepted(item.tracking_id)


async def test_another_body_under_a_key_is_a_conflict(runtime: Runtime, environment: Environment):
    (first,) = await keyed(runtime, environment, ["a"])
    answers = await keyed(runtime, environment, ["b", "a", "c"])
    assert [type(each) for each in answers] == [Conflict, Accepted, Conflict]
    assert answers[1] == first
    assert len(await feed(runtime, environment)) == 1


async def test_two_bodies_in_one_group_the_first_one_holds(
    runtime: Runtime, environment: Environment
):
    answers = await Acceptor(runtime.database, runtime.hub, runtime.engine)(
        [make_send(environment, title=b, key=("key-1", b)) for b in ("a", "b", "a")]
    )
    assert [type(each) for each in answers] == [Accepted, Conflict, Accepted]
    assert [item.content.title for item in await feed(runtime, environment)] == ["a"]


async def test_a_key_holds_across_a_restart(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    (first,) = await keyed(runtime, environment, ["a"])
    async with open_runtime(settings, clock) as restarted:
        assert await keyed(restarted, environment, ["a"]) == [first]
        (other,) = await keyed(restarted, environment, ["b"])
    assert isinstance(other, Conflict)
    assert len(await feed(runtime, environment)) == 1


async def test_a_key_holds_between_two_servers_at_the_same_time(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    async with open_runtime(settings, clock) as neighbour:
        answers = await asyncio.gather(
            keyed(runtime, environment, ["a"] * 5), keyed(neighbour, environment, ["a"] * 5)
        )
    assert len({repr(each) for group in answers for each in group}) == 1
    assert len(await feed(runtime, environment)) == 1


async def test_lone_sends_with_one_key_at_the_same_time_get_one_answer(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    async with open_runtime(settings, clock) as neighbour:
        for n in range(20):
            here, there = (
                make_send(environment, key=(f"key {n}", "same"), accepted_at=clock.now())
                for _ in range(2)
            )
            one, other = await asyncio.gather(
                submit_all(runtime, [here]), submit_all(neighbour, [there])
            )
            assert one == other
    assert len(await feed(runtime, environment)) == 20


async def test_one_key_in_two_environments_is_two_keys(runtime: Runtime, environment: Environment):
    other = await make_environment(runtime, "Other")
    (one,), (two,) = (
        await keyed(runtime, environment, ["a"]),
        await keyed(runtime, other, ["b"]),
    )
    assert isinstance(one, Accepted)
    assert isinstance(two, Accepted)


async def test_a_send_that_failed_is_not_remembered(runtime: Runtime, environment: Environment):
    for title in ("", "{{nothing}}"):
        (failed,) = await keyed(runtime, environment, [title])
        assert isinstance(failed, InvalidInput)
    (accepted,) = await keyed(runtime, environment, ["a"])
    assert isinstance(accepted, Accepted)


async def test_a_failed_send_does_not_take_its_key_from_another_one_of_its_group(
    runtime: Runtime, environment: Environment
):
    answers = await Acceptor(runtime.database, runtime.hub, runtime.engine)(
        [make_send(environment, title=b, key=("key-1", b)) for b in (" ", "a", " ", "a")]
    )
    assert [type(each) for each in answers] == [InvalidInput, Accepted, InvalidInput, Accepted]
    assert len(await feed(runtime, environment)) == 1


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abX")), min_size=1, max_size=12))
async def test_whatever_repeats_each_key_is_one_notification(
    runtime: Runtime, environment: Environment, sent: list[tuple[int, str]]
):
    user_id = (await make_user(runtime, environment)).external_id
    sends = [
        # An X is a send that fails whenever it is tried.
        make_send(environment, user_id, b if b != "X" else "", key=(f"{user_id}-{key}", b))
        for key, b in sent
    ]
    answers = [*await submit_all(runtime, sends), *await submit_all(runtime, sends)]
    accepted: dict[int, set[str]] = {}
    for (key, body), answer in zip(sent + sent, answers, strict=True):
        if isinstance(answer, Accepted):
            assert body != "X"
            accepted.setdefault(key, set()).add(answer.tracking_id)
        else:
            assert isinstance(answer, InvalidInput | Conflict)
    found = {item.tracking_id for item in await feed(runtime, environment, user_id)}
    assert all(len(tracking_ids) == 1 for tracking_ids in accepted.values())
    assert accepted.keys() == {key for key, body in sent if body != "X"}
    assert found == {each for tracking_ids in accepted.values() for each in tracking_ids}


async def test_two_servers_that_meet_the_same_people_both_get_through(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    people = [f"u{n}" for n in range(20)]

    def crowd(order: Sequence[str], rounds: int) -> list[Send]:
        known: dict[str, Any] = {"accepted_at": clock.now() + timedelta(seconds=rounds)}
        return [
            make_send(environment, each, profile=Profile(number=str(ids.row_id())), **known)
            for each in order
        ]

    async with open_runtime(settings, clock) as neighbour:
        for rounds in range(5):
            here, there = crowd(people, rounds), crowd(people[::-1], rounds)
            answers = await asyncio.gather(submit_all(runtime, here), submit_all(neighbour, there))
            assert [type(each) for group in answers for each in group] == [Accepted] * 40
    for each in people:
        assert len(await feed(runtime, environment, each)) == 10
