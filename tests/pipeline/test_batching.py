"""In-app batching: several notifications that have something in common are one inbox item."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inbox_app.domain.act import Act
from inbox_app.domain.decision import Outcome, Rule
from inbox_app.domain.delivery import DeliveryStatus
from inbox_app.domain.delivery_option import Batching, ChannelOptions
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.template import Mode, Template
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, inbox
from inbox_app.storage import deliveries, notifications, types, users
from tests.clock import SetClock
from tests.factories import make_type, send


async def batching(rt: Runtime, environment: Environment, key: str = "post") -> NotificationType:
    options = ChannelOptions(batching=Batching(key, timedelta(minutes=10)))
    return await make_type(rt, environment, options={Channel.INAPP_WEB: options})


async def like(
    rt: Runtime,
    environment: Environment,
    who: str,
    post: str = "1",
    *,
    text: str = "",
    **changes: Any,
) -> str:
    return await send(
        rt,
        environment,
        in_app=InAppContent(f"{who} liked post {post}"),
        parameters={"who": who, "post": post, "text": text},
        **changes,
    )


async def shown(rt: Runtime, environment: Environment) -> list[tuple[str, str, bool]]:
    """Id, title and whether it is new, of what stands in the inbox; the counters say the same."""
    key = await key_of(rt, environment)
    found = await all_of(rt, environment)
    counted = (await inbox.state(rt, key)).counters
    new = [each.item.state.seen is None for each in found]
    assert (counted.active, counted.unseen) == (len(found), sum(new))
    items = [each.item for each in found]
    return [(i.tracking_id, i.content.title, n) for i, n in zip(items, new, strict=True)]


async def all_of(rt: Runtime, environment: Environment) -> list[inbox.Entry]:
    return await inbox.entries(rt, await key_of(rt, environment), None, 100, Box.ALL)


async def key_of(rt: Runtime, environment: Environment) -> int:
    async with rt.database.read() as tx:
        user = await users.find(tx, environment.id, "ada")
    assert user
    return user.id


async def test_a_second_one_becomes_part_of_the_first(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await batching(runtime, environment)
    first = await like(runtime, environment, "Ana")
    clock.advance(minutes=9)
    second = await like(runtime, environment, "Ben")
    assert await shown(runtime, environment) == [(first, "Ben liked post 1 (+1)", True)]
    async with runtime.database.read() as tx:
        (decision,) = await notifications.decisions(tx, second)
    assert (decision.outcome, decision.rule) == (Outcome.MERGE, Rule.BATCHED)
    assert decision.sentence == "Became part of “Ana liked post 1”."


async def test_what_grows_is_new_again_and_comes_to_the_top(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await batching(runtime, environment)
    first = await like(runtime, environment, "Ana")
    clock.advance(minutes=1)
    other = await send(runtime, environment, type_name="other")
    key = await key_of(runtime, environment)
    await inbox.see_all(runtime, key)
    before = (await inbox.state(runtime, key)).change
    clock.advance(minutes=1)
    await like(runtime, environment, "Ben")
    assert [(one, new) for one, _, new in await shown(runtime, environment)] == [
        (first, True),
        (other, False),
    ]
    changes = await inbox.changes_since(runtime, key, before)
    assert [row.id for row in changes.rows] == [first]


async def test_another_key_another_item(runtime: Runtime, environment: Environment):
    await batching(runtime, environment)
    await like(runtime, environment, "Ana", "1")
    await like(runtime, environment, "Ben", "2")
    assert len(await shown(runtime, environment)) == 2


async def test_the_window_is_counted_from_the_newest_and_then_closes(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await batching(runtime, environment)
    for who in ("Ana", "Ben", "Cleo"):
        await like(runtime, environment, who)
        clock.advance(minutes=9)
    assert [title for _, title, _ in await shown(runtime, environment)] == [
        "Cleo liked post 1 (+2)"
    ]
    clock.advance(minutes=2)
    await like(runtime, environment, "Dan")
    assert [title for _, title, _ in await shown(runtime, environment)] == [
        "Dan liked post 1",
        "Cleo liked post 1 (+2)",
    ]


async def test_what_was_read_or_archived_does_not_grow(runtime: Runtime, environment: Environment):
    await batching(runtime, environment)
    first = await like(runtime, environment, "Ana")
    await inbox.perform(runtime, await key_of(runtime, environment), Act.READ, [first])
    second = await like(runtime, environment, "Ben")
    await inbox.perform(runtime, await key_of(runtime, environment), Act.ARCHIVE, [second])
    await like(runtime, environment, "Cleo")
    titles = [title for _, title, _ in await shown(runtime, environment)]
    assert sorted(titles) == ["Ana liked post 1", "Cleo liked post 1"]


async def crowd(rt: Runtime, environment: Environment, count: int) -> None:
    """Likes at the same time, so that they meet in groups."""
    await asyncio.gather(*(like(rt, environment, f"Person {n}") for n in range(count)))


async def test_a_group_of_sends_becomes_one_item(runtime: Runtime, environment: Environment):
    await batching(runtime, environment)
    await crowd(runtime, environment, 5)
    ((first, title, _),) = await shown(runtime, environment)
    assert title.endswith(" liked post 1 (+4)")
    await crowd(runtime, environment, 20)
    ((same, title, _),) = await shown(runtime, environment)
    assert title.endswith(" liked post 1 (+24)")
    assert same == first


async def test_what_was_seen_and_takes_in_several_at_once_is_new_once(
    runtime: Runtime, environment: Environment
):
    await batching(runtime, environment)
    await like(runtime, environment, "Ana")
    await inbox.see_all(runtime, await key_of(runtime, environment))
    await crowd(runtime, environment, 3)
    ((_, title, new),) = await shown(runtime, environment)
    assert title.endswith(" liked post 1 (+3)")
    assert new


async def test_a_group_begins_one_item_and_adds_to_another(
    runtime: Runtime, environment: Environment
):
    await batching(runtime, environment)
    await like(runtime, environment, "Ana", "1")
    await inbox.see_all(runtime, await key_of(runtime, environment))
    await asyncio.gather(
        *(like(runtime, environment, f"Person {n}", f"{1 + n % 2}") for n in range(6))
    )
    titles = sorted(title[-4:] for _, title, _ in await shown(runtime, environment))
    assert titles == ["(+2)", "(+3)"]


async def test_items_whose_time_comes_together_become_one(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await batching(runtime, environment)
    at = clock.now() + timedelta(hours=1)
    for who in ("Ana", "Ben", "Cleo"):
        await like(runtime, environment, who, schedule=at)
    clock.advance(hours=1)
    await delivering.work(runtime)
    ((_, title, new),) = await shown(runtime, environment)
    assert (title, new) == ("Cleo liked post 1 (+2)", True)


async def put_forms(rt: Runtime, kind: NotificationType, **batch: str) -> None:
    """A template that says what one like is, and in ``batch`` what several are."""
    now = rt.clock.now()
    content = {"instant": {"title": "{{ who }} liked it"}, "batch": batch}
    async with rt.database.write() as tx:
        await types.put_template(
            tx,
            Template(
                *(kind.id, Channel.INAPP_WEB, "likes", content, frozenset({Mode.INSTANT}), now, now)
            ),
        )


async def test_a_template_says_it_better(runtime: Runtime, environment: Environment):
    kind = await batching(runtime, environment)
    await put_forms(runtime, kind, title="{{ who }} and {{ others }} others liked post {{ post }}")
    for who in ("Ana", "Ben", "Cleo"):
        await like(runtime, environment, who)
    ((_, title, _),) = await shown(runtime, environment)
    assert title == "Cleo and 2 others liked post 1"


async def test_of_many_the_first_and_the_newest_are_kept_and_all_are_counted(
    runtime: Runtime, environment: Environment
):
    kind = await batching(runtime, environment)
    title = "{{ first.who }}, {{ who }}: {{ count }}, {{ others }} more, {{ items.size }} known"
    await put_forms(runtime, kind, title=title)
    for n in range(30):
        await like(runtime, environment, f"Person {n}")
    ((_, title, _),) = await shown(runtime, environment)
    assert title == "Person 0, Person 29: 30, 29 more, 20 known"
    (item,) = [each.item for each in await all_of(runtime, environment)]
    assert [each["who"] for each in item.batched] == ["Person 0"] + [
        f"Person {n}" for n in range(11, 30)
    ]


async def test_a_template_that_outgrows_the_limit_refuses_no_send(
    runtime: Runtime, environment: Environment
):
    kind = await batching(runtime, environment)
    body = "{% for item in items %}{{ item.text }}{% endfor %}"
    await put_forms(runtime, kind, title="{{ count }} likes", body=body)
    titles: list[str] = []
    for _ in range(3):
        await like(runtime, environment, "Ana", text="x" * 20_000)
        titles += [title for _, title, _ in await shown(runtime, environment)]
    assert titles == ["Ana liked post 1", "2 likes", "Ana liked post 1 (+2)"]


async def test_the_buttons_and_links_are_those_of_the_text_beside_them(
    runtime: Runtime, environment: Environment
):
    await batching(runtime, environment, "")
    for n in (1, 2):
        approve = Action("Approve", f"https://acme.example/approve/{n}")
        content = InAppContent(
            f"Approve request {n}?", url=f"/r/{n}", actions=(approve,), replies=n == 1
        )
        await send(runtime, environment, in_app=content, parameters={"request": n})
    (item,) = [each.item for each in await all_of(runtime, environment)]
    assert item.content == replace(content, title="Approve request 2? (+1)")
    assert item.parameters == {"request": 2}


async def test_long_keys_that_differ_at_their_end_are_different(
    runtime: Runtime, environment: Environment
):
    await batching(runtime, environment)
    for end in ("1", "2", "1"):
        await like(runtime, environment, "Ana", f"https://acme.example/{'a' * 300}{end}")
    assert len(await shown(runtime, environment)) == 2


@pytest.mark.parametrize("parameters", [{}, {"post": None}, {"post": ""}])
async def test_what_says_nothing_of_the_key_stands_for_itself(
    runtime: Runtime, environment: Environment, parameters: dict[str, Any]
):
    await batching(runtime, environment)
    for n in range(2):
        await send(runtime, environment, in_app=InAppContent(f"No {n}"), parameters=parameters)
    assert len(await shown(runtime, environment)) == 2


def with_email(delay: timedelta) -> dict[str, Any]:
    """A type whose e-mails wait for the item, which may hold several."""
    options = ChannelOptions(batching=Batching("", timedelta(hours=1)))
    return {"options": {Channel.INAPP_WEB: options}, "escalation": delay}


async def email(rt: Runtime, environment: Environment, **changes: Any) -> str:
    fields: dict[str, Any] = {
        "channels_with_content": (Channel.EMAIL, Channel.INAPP_WEB),
        "content": {Channel.EMAIL: {"subject": "Shipped", "html": "<p>Shipped</p>"}},
        "profile": Profile(email="ada@acme.example"),
    }
    return await send(rt, environment, **fields | changes)


async def outcomes(rt: Runtime, tracking_ids: Sequence[str]) -> list[tuple[DeliveryStatus, str]]:
    """What became of the e-mail of each."""
    async with rt.database.read() as tx:
        found = [each for one in tracking_ids for each in await deliveries.of_notification(tx, one)]
    return [(each.status, each.rule) for each in found if each.channel is Channel.EMAIL]


READ = (DeliveryStatus.SKIPPED, Rule.READ_MEANWHILE)


async def test_emails_of_one_item_all_wait_for_it_to_be_read(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, **with_email(timedelta(minutes=10)))
    sent = [await email(runtime, environment) for _ in range(3)]
    waiting = (DeliveryStatus.PENDING, Rule.ESCALATION)
    assert await outcomes(runtime, sent) == [waiting] * 3
    await inbox.perform(runtime, await key_of(runtime, environment), Act.READ, sent[:1])
    clock.advance(minutes=10)
    await delivering.work(runtime)
    assert await outcomes(runtime, sent) == [READ] * 3


async def test_emails_of_one_item_that_nobody_read_are_sent(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, **with_email(timedelta(minutes=10)))
    sent = [await email(runtime, environment) for _ in range(2)]
    clock.advance(minutes=10)
    await delivering.work(runtime)
    assert [status for status, _ in await outcomes(runtime, sent)] == [DeliveryStatus.SENT] * 2


async def test_what_became_part_of_an_item_at_its_time_is_read_with_it(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, **with_email(timedelta(minutes=10)))
    at = clock.now() + timedelta(hours=2)
    sent = [await email(runtime, environment, schedule=at) for _ in range(2)]
    clock.advance(hours=2)
    await delivering.work(runtime)
    ((first, _, _),) = await shown(runtime, environment)
    await inbox.perform(runtime, await key_of(runtime, environment), Act.READ, [first])
    clock.advance(minutes=10)
    await delivering.work(runtime)
    assert await outcomes(runtime, sent) == [READ] * 2
