"""``/user/inapp``."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from inbox_app.domain.changes import MOST_CHANGES
from inbox_app.domain.environment import Environment
from inbox_app.lib.clock import iso
from tests.api.calls import a_send, as_user, assert_refused, ok
from tests.clock import START, SetClock

INBOX = "/api/user/inapp"
AT = iso(START - timedelta(hours=1))


async def sent(application: httpx.AsyncClient, **fields: Any) -> str:
    return ok(await application.post("/api/send", json=a_send(**fields)))["trackingId"]


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    return ok(await client.get(INBOX, params=params))["notifications"]


async def report(client: httpx.AsyncClient, *tracking_ids: str, **fields: Any) -> None:
    body = {"trackingIds": tracking_ids, **fields}
    assert ok(await client.patch(INBOX, json=body)) == {"success": True}


# Listing


async def test_an_item_has_the_vendors_shape(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    tracking_id = await sent(
        application,
        inapp={"title": "Hello", "url": "/go", "image": "https://acme.example/a.png"},
        subNotificationId="sub-1",
    )
    assert await listed(ada) == [
        {
            "id": tracking_id,
            "notificationId": "greeting",
            "subNotificationId": "sub-1",
            "seen": False,
            "title": "Hello",
            "date": "2026-03-02T09:30:00.000000Z",
            "redirectURL": "/go",
            "imageURL": "https://acme.example/a.png",
            "change": 1,
        }
    ]


async def test_an_empty_inbox_is_an_empty_list(ada: httpx.AsyncClient):
    assert ok(await ada.get(INBOX)) == {"notifications": []}
    assert ok(await ada.get(f"{INBOX}/unread")) == {"count": 0}


async def test_ten_items_are_listed_newest_first_unless_told(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, clock: SetClock
):
    for n in range(12):
        clock.advance(seconds=1)
        await sent(application, title=f"Item {n}")
    titles = [item["title"] for item in await listed(ada)]
    assert titles == [f"Item {n}" for n in range(11, 1, -1)]
    assert len(await listed(ada, count=3.9)) == 3
    assert len(await listed(ada, count=1e9)) == 12


async def test_archived_items_are_listed_too(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    await report(ada, item, archived=AT)
    assert [each["archived"] for each in await listed(ada)] == [AT]


async def test_pages_by_date_or_cursor_joined_are_the_list(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, clock: SetClock
):
    for _ in range(7):
        clock.advance(microseconds=1)
        await sent(application)
    everything = [item["id"] for item in await listed(ada, count=50)]
    for following in ("date", "next"):
        found: list[str] = []
        before: str | None = ""
        while before is not None:
            page = ok(await ada.get(INBOX, params={"before": before, "count": 2}))
            items = page["notifications"]
            found += [item["id"] for item in items]
            if following == "date":
                before = items[-1]["date"] if items else None
            else:
                before = page.get("next")
        assert found == everything


async def test_the_cursor_misses_no_item_of_the_same_moment(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    everything = {await sent(application) for _ in range(5)}
    first = ok(await ada.get(INBOX, params={"count": 2}))
    rest = ok(await ada.get(INBOX, params={"before": first["next"], "count": 50}))
    assert {i["id"] for i in first["notifications"] + rest["notifications"]} == everything


@pytest.mark.parametrize(
    "before", ["2026-03-02T09:30:01Z", "1772443801", "1772443801000", "2026-03-02T10:30:01+01:00"]
)
async def test_before_is_a_date_in_any_spelling(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, clock: SetClock, before: str
):
    item = await sent(application)
    clock.advance(seconds=1)
    await sent(application)
    assert [each["id"] for each in await listed(ada, before=before)] == [item]


@pytest.mark.parametrize(
    "params",
    [
        *({"before": each} for each in ("x", "MTcvAA", "é", "9" * 400, "0001-01-01T00:00+01:00")),
        *({"count": each} for each in ("0", "-1", "x", "nan", "inf", "", "1e999")),
    ],
    ids=str,
)
async def test_a_bad_cursor_or_count_is_refused(ada: httpx.AsyncClient, params: dict[str, str]):
    assert_refused(await ada.get(INBOX, params=params), 400, "INVALID_INPUT")


# Seen


async def test_the_unread_count_counts_what_was_not_seen(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    items = [await sent(application, type=f"kind{n % 2}") for n in range(4)]

    async def count() -> int:
        return ok(await ada.get(f"{INBOX}/unread"))["count"]

    assert await count() == 4
    for body, left in (
        ({"trackingId": items[0]}, 3),
        ({"notificationId": "kind0"}, 2),
        ({"notificationId": "unknown"}, 2),
        ({}, 0),
    ):
        assert ok(await ada.patch(f"{INBOX}/unread", json=body)) == {"success": True}
        assert await count() == left
    assert all(item["seen"] for item in await listed(ada))
    assert not any("opened" in item for item in await listed(ada))


async def test_an_empty_body_marks_everything_as_seen(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    await sent(application)
    ok(await ada.patch(f"{INBOX}/unread"))
    assert ok(await ada.get(f"{INBOX}/unread")) == {"count": 0}


# States


@pytest.mark.parametrize("state", ["opened", "clicked", "archived", "actioned1", "actioned2"])
async def test_a_state_is_reported_and_read_back(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, state: str
):
    item, other = await sent(application), await sent(application)
    await report(ada, item, **{state: AT})
    found = {each["id"]: each for each in await listed(ada)}
    assert found[item][state] == AT
    assert found[item]["seen"]
    assert not found[other]["seen"]
    assert state not in found[other]


async def test_the_sender_reads_back_what_the_person_did(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    await report(
        ada, item, opened=AT, clicked=AT, actioned1=AT, reply={"date": AT, "message": "Thanks"}
    )
    (found,) = await listed(application, userId="ada")
    assert {found[each] for each in ("opened", "clicked", "actioned1")} == {AT}
    assert found["replies"] == [{"date": AT, "message": "Thanks"}]


async def test_a_later_report_never_moves_a_state(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    for at in (AT, iso(START), AT):
        await report(ada, item, opened=at)
    assert (await listed(ada))[0]["opened"] == AT


async def test_a_time_in_the_future_counts_as_now(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    await report(ada, item, opened="2999-01-01T00:00:00Z")
    assert (await listed(ada))[0]["opened"] == iso(START)


async def test_null_takes_opened_and_archived_back_and_nothing_else(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    await report(ada, item, opened=AT, archived=AT)
    await report(ada, item, opened=None, archived=None)
    (found,) = await listed(ada)
    assert not {"opened", "archived"} & found.keys()
    for state in ("clicked", "actioned1", "actioned2"):
        refused = await ada.patch(INBOX, json={"trackingIds": [item], state: None})
        assert_refused(refused, 400, "INVALID_INPUT")


async def test_a_report_on_several_items_is_for_all_or_none(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    items = [await sent(application) for _ in range(3)]
    refused = await ada.patch(INBOX, json={"trackingIds": [*items, "unknown"], "opened": AT})
    assert_refused(refused, 404, "NOT_FOUND")
    assert not any("opened" in each for each in await listed(ada))
    await report(ada, *items, items[0], opened=AT)
    assert all(each["opened"] == AT for each in await listed(ada))


async def test_replies_are_a_thread_and_a_repeated_one_is_not_added(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    first, second = ({"date": iso(START - timedelta(minutes=n)), "message": f"{n}"} for n in (2, 1))
    for _ in range(2):
        await report(ada, item, replies=[second, first])
        await report(ada, item, reply=first)
    (found,) = await listed(ada)
    assert found["replies"] == [first, second]


async def test_the_application_answers_under_its_own_name(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    for number, reply in enumerate(({"message": "a"}, {"message": "b", "author": "Support"})):
        dated = reply | {"date": iso(START - timedelta(minutes=5 - number))}
        answer = await application.patch(
            INBOX, params={"userId": "ada"}, json={"trackingIds": [item], "reply": dated}
        )
        assert ok(answer) == {"success": True}
    (found,) = await listed(ada)
    assert [reply["author"] for reply in found["replies"]] == ["Acme", "Support"]
    assert not found["seen"]


async def test_a_person_cannot_speak_under_anothers_name(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    await report(ada, item, reply={"message": "I am the boss", "author": "The boss"})
    (found,) = await listed(ada)
    assert "author" not in found["replies"][0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"trackingIds": []},
        {"trackingIds": "x"},
        {"trackingIds": [17]},
        {"trackingIds": [None]},
        {"trackingIds": [""]},
        {"trackingIds": ["x"] * 201},
        {"trackingIds": ["x" * 257]},
        {"trackingIds": ["x"], "opened": "soon"},
        {"trackingIds": ["x"], "opened": 17},
        {"trackingIds": ["x"], "opened": True},
        {"trackingIds": ["x"], "opened": "0001-01-01T00:00:00+01:00"},
        {"trackingIds": ["x"], "clicked": None},
        {"trackingIds": ["x"], "reply": "text"},
        {"trackingIds": ["x"], "reply": {"message": 17}},
        {"trackingIds": ["x"], "reply": {"date": "soon", "message": "x"}},
        {"trackingIds": ["x"], "reply": {"date": AT}},
        {"trackingIds": ["x"], "reply": {"message": ""}},
        {"trackingIds": ["x"], "reply": {"message": "x" * 5_001}},
        {"trackingIds": ["x"], "reply": {"message": "x" * 20_001}},
        {"trackingIds": ["x"], "replies": [{"message": "x"}] * 51},
    ],
    ids=lambda body: f"{str(body)[:60]} {len(str(body))}",
)
async def test_a_report_that_cannot_be_read_is_refused(
    ada: httpx.AsyncClient, body: dict[str, Any]
):
    assert_refused(await ada.patch(INBOX, json=body), 400, "INVALID_INPUT")


# Whose inbox


async def test_an_application_names_the_person(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    item = await sent(application)
    assert [each["id"] for each in await listed(application, userId="ada")] == [item]
    assert await listed(application, userId="ben") == []
    for method in ("GET", "PATCH"):
        for path in (INBOX, f"{INBOX}/unread"):
            assert_refused(await application.request(method, path, json={}), 400)


async def test_a_person_may_name_nobody_else(ada: httpx.AsyncClient):
    ok(await ada.get(INBOX, params={"userId": "ada"}))
    assert_refused(await ada.get(INBOX, params={"userId": "ben"}), 403, "FORBIDDEN")


async def test_anothers_item_is_as_unknown_as_none(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, environment: Environment
):
    item = await sent(application, user_id="ben")
    before = await listed(application, userId="ben")
    for path, body in (
        (INBOX, {"trackingIds": [item], "opened": AT}),
        (INBOX, {"trackingIds": [item], "reply": {"message": "x"}}),
        (f"{INBOX}/unread", {"trackingId": item}),
    ):
        theirs = assert_refused(await ada.patch(path, json=body), 404, "NOT_FOUND")
        unknown = {**body, "trackingIds": ["0" * 36], "trackingId": "0" * 36}
        nobodys = assert_refused(await ada.patch(path, json=unknown), 404, "NOT_FOUND")
        assert theirs["message"].replace(item, "0" * 36) == nobodys["message"]
    assert await listed(application, userId="ben") == before
    assert await listed(ada) == []
    ok(await application.get(INBOX, headers=as_user(environment, "ben")))


# Changes


async def test_changes_are_told_since_a_number(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    first, second = await sent(application), await sent(application)
    await report(ada, first, opened=AT)
    answer = ok(await ada.get(f"{INBOX}/changes", params={"since": 2}))
    assert answer["change"] == 3
    assert not answer["reload"]
    assert answer["counts"] == {"all": 2, "unread": 1, "unseen": 1, "archived": 0}
    assert [(each["id"], each["change"]) for each in answer["notifications"]] == [(first, 3)]
    everything = ok(await ada.get(f"{INBOX}/changes", params={"since": 0}))
    assert {each["id"] for each in everything["notifications"]} == {first, second}


async def test_too_many_changes_ask_for_a_reload(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    await asyncio.gather(*(sent(application) for _ in range(MOST_CHANGES + 1)))
    answer = ok(await ada.get(f"{INBOX}/changes", params={"since": 0}))
    assert answer["reload"]
    assert answer["notifications"] == []


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", str(2**63), "9" * 5_000])
async def test_what_is_no_change_number_is_refused(ada: httpx.AsyncClient, since: str):
    answer = await ada.get(f"{INBOX}/changes", params={"since": since})
    assert_refused(answer, 400, "INVALID_INPUT")


async def test_changes_need_a_number(ada: httpx.AsyncClient):
    assert_refused(await ada.get(f"{INBOX}/changes"), 400)
