"""Slack: what is posted, by whose token, where to, and what its answers mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from inbox_app.channels import registry
from inbox_app.channels.slack.errors import BEGINNINGS, CODES
from inbox_app.channels.spec import Age, Parcel, SendResult, Tools
from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.notification_type import Channel
from tests.channels.faults import HTTP_UNREADABLE, SHORT, patience
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.channels.world import World
from tests.clock import SetClock
from tests.standins.http import Do, HttpStandIn, Raw, Respond

BOT = f"xoxb-{CANARY}"
SETTINGS = {"bot_token": BOT, "signing_secret": CANARY, "client_id": "1.2"}
OWN: Mapping[str, Any] = {
    "ok": True,
    "access_token": f"xoxe.xoxb-own-{CANARY}",
    "refresh_token": f"xoxe-1-{CANARY}",
    "expires_in": 43200,
    "authed_user": {"id": "U0ANA"},
}
JSON = {"Content-Type": "application/json; charset=utf-8"}


def says(**told: object) -> Respond:
    return Respond(headers=JSON, body=json.dumps(told).encode())


POSTED = says(ok=True, channel="D0ANA", ts="1503435956.000247")


def refuses(code: str, status: int = 200, **more: object) -> Respond:
    return Respond(status, JSON, json.dumps({"ok": False, "error": code, **more}).encode())


def parcel(to: str = "C0ORDERS", *, own: Mapping[str, Any] | None = None, **more: Any) -> Parcel:
    return make_parcel(Channel.SLACK, to=to, secret=json.dumps(own) if own else "", **more)


async def sent(
    what: Parcel, tools: Tools, seconds: float = 10, **settings: str
) -> SendResult | ProviderError:
    return await outcome("slack", what, {**SETTINGS, **settings}, tools, seconds)


async def test_a_message_is_posted_by_the_bot(world: World, world_tools: Tools):
    world.named.script(POSTED)
    fields = {
        "text": "Order <https://acme.example|17> &amp; more",
        "blocks": [{"type": "divider"}],
        "username": "Acme",
        "icon": ":package:",
        "thread_ts": "1503435956.000001",
        "reply_broadcast": False,
        "link_names": True,
        "mrkdwn": True,
        "unfurl_links": False,
        "unfurl_media": True,
        "parse": "none",
        "metadata": {"event_type": "shipped", "event_payload": {"order": 17}},
    }
    result = await sent(parcel(fields=fields), world_tools)
    assert result == SendResult(message_id="D0ANA:1503435956.000247")
    [request] = world.named.requests
    assert (request.method, request.path) == ("POST", "/api/chat.postMessage")
    assert request.headers["host"].partition(":")[0] == "slack.com"
    assert request.headers["authorization"] == f"Bearer {BOT}"
    assert request.headers["content-type"] == "application/json;charset=utf-8"
    icon = {"icon_emoji": fields.pop("icon")}
    assert request.json() == {"channel": "C0ORDERS", **fields, **icon}


async def test_what_is_not_said_is_not_sent(world: World, world_tools: Tools):
    world.named.script(POSTED, POSTED)
    await sent(parcel(), world_tools)
    pictured = {"icon": "https://acme.example/i.png", "text": "", "blocks": [{"type": "divider"}]}
    await sent(parcel(fields=pictured), world_tools)
    first, second = [each.json() for each in world.named.requests]
    assert first == {"channel": "C0ORDERS", "text": "Your order is on its way"}
    # Slack reads an empty text as one.
    assert second == {
        "channel": "C0ORDERS",
        "blocks": [{"type": "divider"}],
        "icon_url": "https://acme.example/i.png",
    }


@pytest.mark.parametrize("text", ["", None])
async def test_a_message_needs_text_or_blocks(text: str | None, world: World, world_tools: Tools):
    error = await sent(parcel(fields={"text": text, "blocks": []}), world_tools)
    assert type(error) is UnsupportedContent
    assert world.named.requests == []


@pytest.mark.parametrize(
    ("own", "token"),
    [
        (OWN, OWN["access_token"]),
        ({"ok": True, "authed_user": {"id": "U0ANA", "access_token": "xoxp-hers"}}, "xoxp-hers"),
        ({**OWN, "authed_user": {"id": "U0ANA", "access_token": "xoxp-hers"}}, OWN["access_token"]),
        ({"ok": True, "authed_user": {"id": "U0ANA"}}, BOT),
        (None, BOT),
    ],
)
async def test_a_persons_own_token_speaks_before_the_bots(
    own: Mapping[str, Any] | None, token: str, world: World, world_tools: Tools
):
    world.named.script(POSTED)
    assert isinstance(await sent(parcel(own=own), world_tools), SendResult)
    assert world.named.requests[0].headers["authorization"] == f"Bearer {token}"


BROKEN = ['{"access_token": 5}', '{"access_token": "xoxp-a\\nb"}', '{"access_token": "xoxp-é"}']


@pytest.mark.parametrize("broken", ["no JSON", "[1]", "[" * 100_000, *BROKEN])
async def test_a_token_that_cannot_be_read_is_none(broken: str, world: World, world_tools: Tools):
    world.named.script(POSTED)
    await sent(make_parcel(Channel.SLACK, secret=broken), world_tools)
    assert world.named.requests[0].headers["authorization"] == f"Bearer {BOT}"


async def test_somebody_without_any_token_waits_for_one(world: World, world_tools: Tools):
    error = await sent(parcel(), world_tools, bot_token="")
    assert isinstance(error, Transient)
    # Those who have connected are still written to.
    assert (error.status, error.about_message) == ("not_authed", True)
    assert world.named.requests == []


@pytest.mark.parametrize(
    ("to", "channel"),
    [
        ("C0ORDERS", "C0ORDERS"),
        ("G0PRIVATE", "G0PRIVATE"),
        ("D0ANA", "D0ANA"),
        ("U0ANA", "U0ANA"),
        ("W0ANA", "W0ANA"),
        ("#orders", "#orders"),
        ("orders", "orders"),
        ("", "U0ANA"),
    ],
)
async def test_a_place_is_named_as_slack_knows_it(
    to: str, channel: str, world: World, world_tools: Tools
):
    world.named.script(POSTED)
    await sent(parcel(to, own=OWN), world_tools)
    [request] = world.named.requests
    assert request.json()["channel"] == channel


async def test_who_names_no_place_needs_to_be_known(world: World, world_tools: Tools):
    unknown = await sent(parcel("", own={"ok": True, "access_token": "xoxb-1"}), world_tools)
    assert isinstance(unknown, Permanent)
    assert unknown.dead_address
    # It was sealed with a key that is missing, which an operator can bring back.
    unopened = await sent(parcel(""), world_tools)
    assert isinstance(unopened, Transient)
    assert world.named.requests == []


def person(key: str, name: str, shown: str = "", **more: object) -> dict[str, object]:
    return {"id": key, "name": name, "profile": {"display_name": shown}, **more}


def people(*members: object, cursor: str = "") -> Respond:
    return says(ok=True, members=members, response_metadata={"next_cursor": cursor})


async def test_a_name_is_looked_up_page_by_page_and_remembered(
    world: World, world_tools: Tools, clock: SetClock
):
    world.named.script(
        people(person("U0GONE", "ana", deleted=True), "?", cursor="next="),
        people(person("U0ANA", "ana", "Ana Paz"), person("U0BEN", "ben", "ana")),
        *[POSTED] * 3,
    )
    for name in ("@ana", "@Ana Paz", "@BEN"):
        assert isinstance(await sent(parcel(name), world_tools), SendResult)
    first, second, *posts = world.named.requests
    assert (first.method, urlsplit(first.path).path) == ("GET", "/api/users.list")
    assert first.headers["authorization"] == f"Bearer {BOT}"
    queries = [parse_qs(urlsplit(each.path).query) for each in (first, second)]
    assert queries == [{"limit": ["200"]}, {"limit": ["200"], "cursor": ["next="]}]
    # The name of an account goes before one that somebody else shows.
    assert [each.json()["channel"] for each in posts] == ["U0ANA", "U0ANA", "U0BEN"]
    clock.advance(minutes=31)
    world.named.script(people(person("U0NEW", "ana")), POSTED)
    await sent(parcel("@ana"), world_tools)
    assert world.named.requests[-1].json()["channel"] == "U0NEW"


async def test_many_ask_once_for_the_names_of_a_workspace(world: World, world_tools: Tools):
    world.named.script(people(person("U0ANA", "ana")))
    world.named.usual = POSTED
    await asyncio.gather(*(sent(parcel("@ana"), world_tools) for _ in range(5)))
    lists = [each for each in world.named.requests if "users.list" in each.path]
    assert (len(lists), len(world.named.requests)) == (1, 6)


async def test_each_token_has_names_of_its_own(world: World, world_tools: Tools):
    world.named.script(people(person("U0ANA", "ana")), POSTED)
    world.named.script(people(person("U0OTHER", "ana")), POSTED)
    await sent(parcel("@ana"), world_tools)
    await sent(parcel("@ana", own=OWN), world_tools)
    posts = [each.json() for each in world.named.requests if each.method == "POST"]
    assert [each["channel"] for each in posts] == ["U0ANA", "U0OTHER"]


@pytest.mark.parametrize("name", ["@nobody", "@Ana", "@"])
async def test_a_name_of_nobody_or_of_two_is_dead(name: str, world: World, world_tools: Tools):
    world.named.script(people(person("U1", "ana1", "Ana"), person("U2", "ana2", "Ana")))
    error = await sent(parcel(name), world_tools)
    assert isinstance(error, Permanent)
    assert (error.status, error.dead_address) == ("user_not_found", True)


async def test_who_has_just_joined_is_found(world: World, world_tools: Tools, clock: SetClock):
    world.named.script(people(person("U1", "ana")), POSTED)
    await sent(parcel("@ana"), world_tools)
    clock.advance(minutes=2)
    world.named.script(people(person("U1", "ana"), person("U2", "ben")), POSTED)
    assert isinstance(await sent(parcel("@ben"), world_tools), SendResult)


@pytest.mark.parametrize("action", [Do.STALL, Do.CUT_AFTER_READING, Raw(b""), Respond(500)])
async def test_a_name_that_cannot_be_looked_up_now_is_tried_again(
    action: Do | Raw | Respond, world: World, world_tools: Tools
):
    # No message was written, so nothing can have arrived.
    world.named.script(action)
    error = await sent(parcel("@ana"), world_tools, patience(action))
    assert type(error) is Transient


async def test_a_list_of_names_goes_on_where_it_was_too_much(
    world: World, world_tools: Tools, clock: SetClock
):
    limit = Respond(429, {"Retry-After": "30"}, b'{"ok": false, "error": "ratelimited"}')
    world.named.script(people(person("U1", "ana"), cursor="two"), limit)
    error = await sent(parcel("@ben"), world_tools)
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.about_message) == (30, True)
    clock.advance(seconds=10)
    # Nobody asks again before.
    error = await sent(parcel("@ana"), world_tools)
    assert isinstance(error, RateLimited)
    assert (error.retry_after, len(world.named.requests)) == (20, 2)
    clock.advance(seconds=21)
    world.named.script(people(person("U2", "ben")), POSTED, POSTED)
    assert isinstance(await sent(parcel("@ben"), world_tools), SendResult)
    assert isinstance(await sent(parcel("@ana"), world_tools), SendResult)
    lists = [each for each in world.named.requests if "users.list" in each.path]
    assert parse_qs(urlsplit(lists[-1].path).query)["cursor"] == ["two"]
    posts = [each.json()["channel"] for each in world.named.requests if each.method == "POST"]
    assert posts == ["U2", "U1"]


async def test_a_list_of_names_that_was_begun_too_long_ago_is_begun_again(
    world: World, world_tools: Tools
):
    world.named.script(people(person("U1", "ana"), cursor="two"), refuses("invalid_cursor"))
    error = await sent(parcel("@ana"), world_tools)
    assert type(error) is Transient
    world.named.script(people(person("U1", "ana")), POSTED)
    assert isinstance(await sent(parcel("@ana"), world_tools), SendResult)


async def test_names_that_may_not_be_read_say_nothing_of_other_messages(
    world: World, world_tools: Tools
):
    world.named.script(refuses("missing_scope"))
    error = await sent(parcel("@ana"), world_tools)
    assert isinstance(error, Transient)
    assert (error.status, error.about_message) == ("missing_scope", True)


async def test_who_waits_too_long_for_names_is_not_the_services_fault(
    world: World, world_tools: Tools
):
    world.named.script(Do.STALL)
    waiting = [asyncio.create_task(sent(parcel("@ana"), world_tools, 0.5)) for _ in range(3)]
    errors = await asyncio.gather(*waiting)
    assert [getattr(each, "about_message", False) for each in errors] == [True] * 3


async def test_too_many_people_to_look_through(world: World, world_tools: Tools):
    world.named.usual = people(person("U1", "ana"), cursor="more")
    error = await sent(parcel("@ana"), world_tools)
    assert isinstance(error, Permanent)
    assert (error.status, error.dead_address) == ("limit_required", False)


DEAD = "dead"
"""`Permanent`, and the address with it."""
TOKENS: list[tuple[str, Any, Any]] = [
    *[(code, Transient, DEAD) for code in ("token_revoked", "account_inactive", "invalid_auth")],
    *[(code, Transient, DEAD) for code in ("invalid_refresh_token", "invalid_grant")],
    ("token_expired", Transient, Transient),
    *[
        (code, Transient, Transient)
        for code in (
            *("not_authed", "missing_scope", "no_permission", "org_login_required"),
            *("ekm_access_denied", "team_access_not_granted", "team_added_to_org"),
            *("access_denied", "two_factor_setup_required", "not_allowed_token_type"),
            *("accesslimited", "enterprise_is_restricted", "bad_client_secret"),
            "invalid_client_id",
        )
    ],
]
ERRORS: list[tuple[str, Any]] = [
    *[
        (code, DEAD)
        for code in (
            *("is_archived", "channel_not_found", "user_not_found", "users_not_found"),
            *("cannot_dm_bot", "user_disabled", "user_not_visible"),
        )
    ],
    *[
        (code, Permanent)
        for code in (
            *("not_in_channel", "posting_to_general_channel_denied", "as_user_not_supported"),
            *("messages_tab_disabled", "restricted_action", "restricted_action_read_only_channel"),
            *("restricted_action_thread_only_channel", "restricted_action_non_threadable_channel"),
            "an_error_of_tomorrow",
        )
    ],
    *[
        (code, UnsupportedContent)
        for code in (
            *("msg_too_long", "no_text", "msg_blocks_too_long", "too_many_attachments"),
            *("too_many_contact_cards", "invalid_attachments", "cannot_reply_to_message"),
            *("invalid_thread_ts", "attachment_payload_limit_exceeded", "markdown_text_conflict"),
            *("invalid_blocks", "invalid_blocks_format", "invalid_metadata_format"),
            *("invalid_metadata_schema", "metadata_must_be_sent_from_app", "metadata_too_large"),
        )
    ],
    *[(code, RateLimited) for code in ("ratelimited", "rate_limited", "message_limit_exceeded")],
    *[
        (code, Transient)
        for code in (
            *("service_unavailable", "request_timeout"),
            *("external_channel_migrating", "migration_in_progress"),
        )
    ],
    # Some of it may have been done by then, says Slack.
    *[(code, OutcomeUnknown) for code in ("fatal_error", "internal_error")],
]


def is_a(error: object, kind: Any) -> bool:
    """Whether it is just this kind, and says of the address what it should."""
    dead = isinstance(error, Permanent) and error.dead_address
    return type(error) is (Permanent if kind is DEAD else kind) and dead is (kind is DEAD)


def test_every_code_that_is_known_stands_in_these_tables():
    tried = {code for code, *_ in (*TOKENS, *ERRORS)}
    assert {code for codes in CODES.values() for code in codes} <= tried
    assert all(any(code.startswith(start) for code in tried) for start in BEGINNINGS)


@pytest.mark.parametrize("own", [None, OWN])
@pytest.mark.parametrize(("code", "kind"), ERRORS)
async def test_an_error_about_the_message_or_its_place(
    code: str, kind: Any, own: Mapping[str, Any] | None, world: World, world_tools: Tools
):
    world.named.script(refuses(code))
    error = await sent(parcel(own=own), world_tools)
    assert isinstance(error, ProviderError)
    assert is_a(error, kind)
    assert error.status == code


@pytest.mark.parametrize(("code", "bot", "persons"), TOKENS)
async def test_an_error_about_the_token(
    code: str, bot: Any, persons: Any, world: World, world_tools: Tools
):
    world.named.script(refuses(code), refuses(code))
    by_bot = await sent(parcel(), world_tools)
    by_person = await sent(parcel(own=OWN), world_tools)
    assert is_a(by_bot, bot)
    assert is_a(by_person, persons)
    assert isinstance(by_bot, Transient)
    # All messages fail by the bot's token; by a person's only those to that person.
    assert not by_bot.about_message
    assert isinstance(by_person, Permanent) or getattr(by_person, "about_message", False)


async def test_a_token_that_ended_and_cannot_be_renewed_is_dead(world: World, world_tools: Tools):
    world.named.script(refuses("token_expired"))
    lasting = {**OWN, "refresh_token": ""}
    assert is_a(await sent(parcel(own=lasting), world_tools), DEAD)


@pytest.mark.parametrize("answer", [Respond(429), refuses("ratelimited", 429)])
async def test_too_much_waits_as_long_as_slack_says(
    answer: Respond, world: World, world_tools: Tools
):
    limited = Respond(429, {**answer.headers, "Retry-After": "30"}, answer.body)
    world.named.script(limited)
    error = await sent(parcel(), world_tools)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 30
    # It is raised, and not waited for here.
    assert len(world.named.requests) == 1


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
async def test_a_page_in_place_of_an_answer_can_be_tried_again(
    kind: str, world: World, world_tools: Tools
):
    world.named.script(Respond(503, {"Content-Type": kind}, b"<html>down</html>"))
    error = await sent(parcel(), world_tools)
    assert type(error) is Transient
    assert error.status == "503"


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
@pytest.mark.parametrize("answer", HTTP_UNREADABLE)
async def test_an_answer_that_does_not_say_ok_leaves_the_outcome_open(
    answer: Respond, kind: str, world: World, world_tools: Tools
):
    world.named.script(Respond(answer.status, {"Content-Type": kind}, answer.body, answer.then))
    error = await sent(parcel(), world_tools, patience(answer))
    # An answer without content has another status than Slack's yes.
    assert isinstance(error, OutcomeUnknown if answer.status == 200 else Permanent)


async def test_an_error_says_what_slack_says_of_it(world: World, world_tools: Tools):
    world.named.script(
        refuses("missing_scope", needed="chat:write", provided=CANARY),
        refuses(
            "invalid_blocks", response_metadata={"messages": [f"[ERROR] no {CANARY} field", 5]}
        ),
    )
    settings = {"bot_token": CANARY}
    details = [
        str(getattr(await outcome("slack", parcel(), settings, world_tools), "detail", ""))
        for _ in range(2)
    ]
    assert details == [
        "missing_scope; needed: chat:write",
        "invalid_blocks; [ERROR] no [hidden] field",
    ]


async def test_nothing_goes_past_the_guard(
    world: World, world_tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    async with HttpStandIn() as proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url())
        world.named.script(POSTED, Respond(307, {"Location": proxy.url("/elsewhere")}))
        assert isinstance(await sent(parcel(), world_tools), SendResult)
        error = await sent(parcel(), world_tools)
        assert type(error) is Transient
        assert (error.status, error.for_operator) == ("redirect", True)
        assert proxy.connections == 0


async def test_all_of_a_send_keeps_to_its_time(world: World, world_tools: Tools):
    world.named.script(people(person("U0ANA", "ana")), Do.STALL)
    began = asyncio.get_running_loop().time()
    error = await sent(parcel("@ana"), world_tools, SHORT)
    assert isinstance(error, OutcomeUnknown)
    # By itself, before whoever called it loses patience.
    assert error.status == "interrupted"
    assert asyncio.get_running_loop().time() - began < SHORT + registry.GRACE


async def test_messages_are_in_no_log(
    world: World, world_tools: Tools, caplog: pytest.LogCaptureFixture
):
    world.named.script(POSTED, refuses("no_text"))
    for _ in range(2):
        await sent(parcel(fields={"text": "between the two of us"}), world_tools)
    assert not [each for each in caplog.records if "between the two" in each.getMessage()]


ENDS: list[tuple[Mapping[str, Any], Age]] = [
    ({"expires_at": 7201}, Age.FRESH),
    ({"expires_at": 7200}, Age.DUE),
    ({"expires_at": 1}, Age.DUE),
    ({"expires_at": 0}, Age.OVER),
    ({}, Age.DUE),
    ({"expires_in": None, "expires_at": 0}, Age.FRESH),
    ({"refresh_token": "", "expires_at": 0}, Age.FRESH),
]
"""What is told of a token, its end in seconds from now on, and where it stands."""


def stands(told: Mapping[str, Any], clock: SetClock, **settings: str) -> Age:
    renewal = registry.providers()["slack"].renewal
    assert renewal is not None
    checked = registry.settings_of("slack", {**SETTINGS, "client_secret": CANARY, **settings})
    return renewal.age(json.dumps(told), checked, clock.now())


@pytest.mark.parametrize("under", ["", "authed_user"])
@pytest.mark.parametrize(("told", "age"), ENDS)
def test_a_token_is_renewed_two_hours_before_it_ends(
    told: Mapping[str, Any], age: Age, under: str, clock: SetClock
):
    at = (
        {"expires_at": told["expires_at"] + clock.now().timestamp()} if "expires_at" in told else {}
    )
    whole = {**OWN, **told, **at}
    assert stands({under: whole} if under else whole, clock) is age
    # Without an app nobody can renew it.
    assert stands({under: whole} if under else whole, clock, client_secret="") is Age.FRESH


async def renewed(told: Mapping[str, Any], tools: Tools) -> dict[str, Any] | ProviderError:
    provider = registry.providers()["slack"]
    assert provider.renewal is not None
    checked = registry.settings_of("slack", {**SETTINGS, "client_secret": f"own+{CANARY}"})
    try:
        text = await registry.renew(provider, provider.renewal, json.dumps(told), checked, tools)
    except ProviderError as error:
        return error
    return json.loads(text)


FRESH = {
    "access_token": "xoxe.xoxb-2",
    "refresh_token": "xoxe-1-2",
    "expires_in": 3600,
    "token_type": "bot",
}


async def test_a_bots_token_is_renewed_with_all_that_stands_beside_it(
    world: World, world_tools: Tools, clock: SetClock
):
    world.named.script(says(ok=True, **FRESH, team={"id": "T2"}, authed_user={}))
    told = {**OWN, "expires_at": 5, "team": {"id": "T1"}}
    expected = {**told, **FRESH, "expires_at": int(clock.now().timestamp()) + 3600}
    assert await renewed(told, world_tools) == expected
    [request] = world.named.requests
    assert (request.method, request.path) == ("POST", "/api/oauth.v2.access")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in request.headers
    assert request.form() == {
        "client_id": "1.2",
        "client_secret": f"own+{CANARY}",
        "grant_type": "refresh_token",
        "refresh_token": OWN["refresh_token"],
    }


@pytest.mark.parametrize("under", [False, True])
async def test_a_persons_token_is_renewed_where_it_stands(
    under: bool, world: World, world_tools: Tools, clock: SetClock
):
    world.named.script(says(ok=True, **({"authed_user": FRESH} if under else FRESH)))
    hers = {"id": "U0ANA", "access_token": "1", "refresh_token": "r", "expires_in": 43200}
    made = await renewed({"ok": True, "authed_user": hers}, world_tools)
    ends = int(clock.now().timestamp()) + 3600
    assert made == {"ok": True, "authed_user": {"id": "U0ANA", **FRESH, "expires_at": ends}}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refuses("invalid_refresh_token"), DEAD),
        (refuses("token_revoked", 400), DEAD),
        (refuses("bad_client_secret"), Transient),
        (refuses("ratelimited", 429), RateLimited),
        (says(ok=True), Transient),
        (says(ok=True, access_token="xoxb-only"), Transient),
        (Respond(500), Transient),
        (Respond(), Transient),
        (Do.CUT_AFTER_READING, Transient),
        (Do.STALL, Transient),
    ],
)
async def test_a_renewal_that_fails_never_leaves_a_message_in_doubt(
    answer: Any, kind: Any, world: World, world_tools: Tools
):
    world.named.script(answer)
    short = patience(answer)
    tools = Tools(world_tools.http, world_tools.now, short, world_tools.resources)
    error = await renewed(OWN, tools)
    assert isinstance(error, ProviderError)
    assert is_a(error, kind)
    assert CANARY not in f"{error} {error!r} {error.__dict__} {error.__context__!r}"
