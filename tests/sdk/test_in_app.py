"""The in-app calls of the vendor's last SDK that had them, as an end user and as the sender."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from inbox_app.lib import signing
from tests.servers import ApiProcess

pytestmark = pytest.mark.sdk

PROGRAM = Path(__file__).parent / "in_app_client.py"
AT = "2026-01-31T09:30:00.000Z"
Calls = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def program(in_app_sdk: Path) -> Iterator[subprocess.Popen[str]]:
    """One process for all tests: reading the SDK in takes a second each time."""
    environment = {**os.environ, "PYTHONPATH": str(in_app_sdk)}
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@pytest.fixture
def calls(server: ApiProcess, program: subprocess.Popen[str]) -> Calls:
    """Makes calls with the older SDK: pairs of a name and arguments, as ``login`` if given."""

    def run(*made: tuple[str, Any], login: tuple[str, ...] = ()) -> list[Any]:
        access = {"url": f"{server.url}/api", "api_key": server.api_key, "login": login}
        assert program.stdin
        assert program.stdout
        program.stdin.write(json.dumps({**access, "calls": made}) + "\n")
        program.stdin.flush()
        return json.loads(program.stdout.readline())

    return run


def a_send(user_id: str, kind: str = "greeting") -> tuple[str, Any]:
    return "send", {"type": kind, "to": {"id": user_id}, "inapp": {"title": "Hello", "url": "/go"}}


async def read_by_sender(server: ApiProcess, user_id: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {server.api_key}"}) as client:
        answer = await client.get(f"{server.url}/api/user/inapp", params={"userId": user_id})
    return answer.raise_for_status().json()["notifications"]


async def test_a_person_lists_counts_and_reports_and_the_sender_reads_it_back(
    calls: Calls, server: ApiProcess
):
    login = (server.client_id, "ada")
    first, second = (each["trackingId"] for each in calls(a_send("ada"), a_send("ada")))
    listed, unread = calls(("list", {"count": 10}), ("unread", {}), login=login)
    assert [each["id"] for each in listed["notifications"]] == [second, first]
    assert [each["seen"] for each in listed["notifications"]] == [False, False]
    assert unread == {"count": 2}

    report = {
        "trackingIds": [first],
        "opened": AT,
        "clicked": AT,
        "archived": AT,
        "actioned1": AT,
        "reply": {"date": AT, "message": "Thanks"},
    }
    *answers, unread, listed = calls(
        ("seen", {"trackingId": second}),
        ("update", report),
        ("update", {"trackingIds": [second], "actioned2": AT}),
        ("unread", {}),
        ("list", {}),
        login=login,
    )
    assert answers == [{"success": True}] * 3
    assert unread == {"count": 0}
    assert {each["id"]: each["seen"] for each in listed["notifications"]} == {
        first: True,
        second: True,
    }

    read = {each["id"]: each for each in await read_by_sender(server, "ada")}
    assert {read[first][name] for name in ("opened", "clicked", "archived", "actioned1")} == {AT}
    assert read[first]["replies"] == [{"date": AT, "message": "Thanks"}]
    assert read[second]["actioned2"] == AT


async def test_a_list_goes_on_before_the_date_of_its_last_item(calls: Calls, server: ApiProcess):
    login = (server.client_id, "pager")
    sent = [each["trackingId"] for each in calls(*[a_send("pager")] * 5)]
    found: list[str] = []
    before: dict[str, Any] = {}
    while True:
        (page,) = calls(("list", {"count": 2, **before}), login=login)
        if not page["notifications"]:
            break
        found += [each["id"] for each in page["notifications"]]
        before = {"before": page["notifications"][-1]["date"]}
    assert found == sent[::-1]


async def test_one_type_or_everything_is_marked_as_seen(calls: Calls, server: ApiProcess):
    login = (server.client_id, "seer")
    calls(a_send("seer", "one"), a_send("seer", "two"), a_send("seer", "two"))
    counts = calls(
        ("seen", {"notificationId": "two"}),
        ("unread", {}),
        ("seen", {}),
        ("unread", {}),
        login=login,
    )
    assert counts == [{"success": True}, {"count": 1}, {"success": True}, {"count": 0}]


async def test_the_hash_of_secure_mode_is_understood(calls: Calls, server: ApiProcess):
    calls(a_send("hashed"))
    proof = signing.end_user_hash(server.client_secret, "hashed")
    (unread,) = calls(("unread", {}), login=(server.client_id, "hashed", proof))
    assert unread == {"count": 1}


async def test_another_persons_item_is_not_found(calls: Calls, server: ApiProcess):
    (sent,) = calls(a_send("owner"))
    report = {"trackingIds": [sent["trackingId"]], "opened": AT}
    (refused,) = calls(("update", report), login=(server.client_id, "stranger"))
    assert (refused["exception"], refused["status"]) == ("NotFoundException", 404)
    assert json.loads(refused["body"])["error"]["code"] == "NOT_FOUND"


async def test_a_wrong_client_is_not_let_in(calls: Calls):
    (refused,) = calls(("unread", {}), login=("client_unknown", "ada"))
    assert refused["exception"] == "UnauthorizedException"


async def test_an_api_key_alone_names_nobody(calls: Calls):
    (refused,) = calls(("unread", {}))
    assert refused["exception"] == "BadRequestException"
    assert "userId" in json.loads(refused["body"])["error"]["fix"]
