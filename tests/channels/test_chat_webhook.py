"""Chat webhooks: who is called, what each chat is told, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from inbox_app.channels import registry
from inbox_app.channels.chat.answers import CODES, FAILED
from inbox_app.channels.chat.families import KNOWN, Family, NotCalled, hook_of
from inbox_app.channels.spec import SendResult, Tools
from inbox_app.domain.address import WEBHOOK
from inbox_app.domain.errors import (
    InvalidInput,
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
from tests.standins.http import Do, HttpStandIn, Respond

SLACK = f"https://hooks.slack.com/services/T0/B0/{CANARY}"
DISCORD = f"https://discord.com/api/webhooks/1/{CANARY}"
TEAMS = f"https://acme.webhook.office.com/webhookb2/1@2/IncomingWebhook/{CANARY}/3"
FLOW = f"https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/run?sig={CANARY}"
GOOGLE = f"https://chat.googleapis.com/v1/spaces/A/messages?key=k&token={CANARY}"
ZULIP = f"https://acme.zulipchat.com/api/v1/external/slack_incoming?api_key={CANARY}&stream=a"
MATTERMOST = "https://chat.acme.example/hooks/" + "c4n4ry" + "x" * 20
ROCKET = f"https://chat.acme.example/hooks/5f0/{CANARY}"
OWN = {"allowed_hosts": "chat.acme.example"}
TEXT = {"text": "*Order* <https://acme.example|17> &amp; more"}


async def sent(
    to: str, tools: Tools, seconds: float = 10, *, allowed: str = "", **fields: Any
) -> SendResult | ProviderError:
    parcel = make_parcel(Channel.SLACK, to=to, kind=WEBHOOK, fields={**TEXT, **fields})
    settings = {"allowed_hosts": allowed}
    return await outcome("chat_webhook", parcel, settings, tools, seconds)


def says(**told: object) -> Respond:
    return Respond(headers={"Content-Type": "application/json"}, body=json.dumps(told).encode())


def card(text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "msteams": {"width": "Full"},
                    "body": [{"type": "TextBlock", "text": text, "wrap": True}],
                },
            }
        ],
    }


MARKDOWN = "**Order** [17](https://acme.example) & more"
Post = tuple[str, str, Respond, str, Mapping[str, Any], str]
"""The webhook, the path it is called at, what it answers, its host, the body, the id given."""
POSTS: list[Post] = [
    (
        *(SLACK, f"/services/T0/B0/{CANARY}", Respond(body=b"ok"), "hooks.slack.com"),
        *({**TEXT, "username": "Acme", "icon_emoji": ":package:"}, ""),
    ),
    (
        *(DISCORD, f"/api/webhooks/1/{CANARY}?wait=true", says(id="99"), "discord.com"),
        {"content": MARKDOWN, "allowed_mentions": {"parse": []}, "username": "Acme"},
        "99",
    ),
    (
        *(TEAMS, f"/webhookb2/1@2/IncomingWebhook/{CANARY}/3", Respond(body=b"1")),
        *("acme.webhook.office.com", card(MARKDOWN), ""),
    ),
    (
        *(FLOW, f"/workflows/1/triggers/run?sig={CANARY}", Respond(202, body=b"")),
        *("prod-1.westeurope.logic.azure.com", card(MARKDOWN), ""),
    ),
    (
        *(GOOGLE, f"/v1/spaces/A/messages?key=k&token={CANARY}"),
        *(says(name="spaces/A/messages/B.C"), "chat.googleapis.com"),
        *({"text": "*Order* <https://acme.example|17> & more"}, "spaces/A/messages/B.C"),
    ),
    (
        *(ZULIP, f"/api/v1/external/slack_incoming?api_key={CANARY}&stream=a"),
        *(says(result="success", msg="", id=42), "acme.zulipchat.com"),
        *({**TEXT, "username": "Acme", "icon_emoji": ":package:"}, "42"),
    ),
    (
        *(MATTERMOST, MATTERMOST.removeprefix("https://chat.acme.example")),
        *(Respond(body=b"ok"), "chat.acme.example"),
        *({"text": MARKDOWN, "username": "Acme", "icon_emoji": ":package:"}, ""),
    ),
    (
        *(ROCKET, f"/hooks/5f0/{CANARY}", says(success=True), "chat.acme.example"),
        *({**TEXT, "username": "Acme", "icon_emoji": ":package:"}, ""),
    ),
]


@pytest.mark.parametrize("post", POSTS, ids=[each[3] + each[1][:9] for each in POSTS])
async def test_each_chat_is_told_in_its_own_way(post: Post, world: World, world_tools: Tools):
    url, path, answer, host, body, message_id = post
    world.named.script(answer)
    more: dict[str, Any] = {"username": "Acme", "icon": ":package:"}
    result = await sent(url, world_tools, allowed=OWN["allowed_hosts"], **more)
    assert result == SendResult(message_id=message_id)
    [request] = world.named.requests
    assert (request.method, request.path) == ("POST", path)
    assert request.headers["host"].partition(":")[0] == host
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers
    assert request.json() == body


async def test_slack_is_told_all_that_a_message_says(world: World, world_tools: Tools):
    fields: dict[str, Any] = {
        "blocks": [{"type": "divider"}],
        "thread_ts": "1.2",
        "mrkdwn": False,
        "unfurl_links": False,
        "metadata": {"event_type": "shipped", "event_payload": {}},
    }
    await sent(
        SLACK, world_tools, icon="https://acme.example/i.png", reply_broadcast=None, **fields
    )
    [request] = world.named.requests
    assert request.json() == {**TEXT, **fields, "icon_url": "https://acme.example/i.png"}


BLOCKS: list[Any] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Order *17*"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Shipped*"}},
    {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": "_To_"}, {"type": "plain_text", "text": "Ana"}],
    },
    {"type": "image", "title": {"type": "plain_text", "text": "A box"}, "image_url": "https://a"},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "url": "https://a.example",
                "text": {"type": "plain_text", "text": "See"},
            },
            {
                "type": "button",
                "action_id": "action1",
                "text": {"type": "plain_text", "text": "No"},
            },
        ],
    },
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "~now~"}, 5]},
    {"type": "rich_text", "elements": []},
    "what?",
]
SHOWN = "Order \\*17\\*\n**Shipped**\n_To_\nAna\nA box\n[See](https://a.example)\n~~now~~"


async def test_elsewhere_the_texts_of_blocks_are_shown(world: World, world_tools: Tools):
    # As Slack itself shows them, and the text in its notifications alone.
    await sent(DISCORD, world_tools, blocks=BLOCKS)
    await sent(DISCORD, world_tools, blocks=[{"type": "divider"}])
    first, second = [each.json()["content"] for each in world.named.requests]
    assert (first, second) == (SHOWN, MARKDOWN)


@pytest.mark.parametrize("url", [DISCORD, TEAMS, GOOGLE, SLACK])
async def test_what_says_nothing_is_not_sent(url: str, world: World, world_tools: Tools):
    error = await sent(url, world_tools, text="", blocks=[])
    assert type(error) is UnsupportedContent
    only_line = await sent(DISCORD, world_tools, text=" ", blocks=[{"type": "divider"}])
    assert type(only_line) is UnsupportedContent
    assert world.named.requests == []


async def test_discord_takes_two_thousand_characters(world: World, world_tools: Tools):
    whole = await sent(DISCORD, world_tools, text="x" * 2000)
    cut = await sent(DISCORD, world_tools, text="x" * 2001, username="n" * 99)
    assert whole == SendResult()
    assert cut == SendResult(detail="Cut: Discord takes 2,000 characters.")
    first, second = [each.json() for each in world.named.requests]
    assert first["content"] == "x" * 2000
    assert second["content"] == "x" * 1999 + "…"
    assert second["username"] == "n" * 80


@pytest.mark.parametrize(
    ("url", "most", "chat"),
    [
        (DISCORD, 2_000, "Discord takes 2,000 characters"),
        (TEAMS, 28_000, "Microsoft Teams takes 24,000 bytes"),
        (GOOGLE, 32_000, "Google Chat takes 31,000 bytes"),
    ],
)
async def test_no_chat_is_told_more_than_it_takes(
    url: str, most: int, chat: str, world: World, world_tools: Tools
):
    # Each sign is three bytes long, and escaped ones two signs.
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*木[" * 9_000 + "木*"}}] * 2
    assert await sent(url, world_tools, blocks=blocks) == SendResult(detail=f"Cut: {chat}.")
    [body] = [each.body for each in world.named.requests]
    assert most * 0.75 < len(body if most > 2_000 else json.loads(body)["content"]) <= most


async def test_what_is_cut_leaves_no_mark_open(world: World, world_tools: Tools):
    await sent(DISCORD, world_tools, text="*" + "word " * 1_000 + "end*")
    [content] = [each.json()["content"] for each in world.named.requests]
    assert content.startswith("\\*word word")
    assert content.endswith("…")


async def test_discord_is_asked_once_to_wait(world: World, world_tools: Tools):
    for query in ("thread_id=7", "wait=false", "wait=true#x"):
        await sent(f"{DISCORD}?{query}", world_tools)
    queries = [each.path.partition("?")[2] for each in world.named.requests]
    assert queries == ["thread_id=7&wait=true", "wait=false", "wait=true"]


@pytest.mark.parametrize(
    ("url", "family"),
    [
        (SLACK, Family.SLACK),
        ("https://hooks.slack-gov.com/services/1", Family.SLACK),
        ("https://hooks.slack.com:443/services/1", Family.SLACK),
        ("https://HOOKS.slack.COM./services/1", Family.SLACK),
        ("https://canary.discord.com/api/webhooks/1/2", Family.DISCORD),
        ("https://discordapp.com/api/webhooks/1/2", Family.DISCORD),
        # Discord takes there what Slack takes.
        ("https://discord.com/api/webhooks/1/2/slack", Family.SLACK),
        ("https://de.environment.api.powerplatform.com/workflows/1", Family.TEAMS),
        (MATTERMOST, Family.MATTERMOST),
        (f"http://chat.acme.example:8065/sub/hooks/{'a' * 26}", Family.MATTERMOST),
        (ROCKET, Family.SLACK),
        ("https://below.acme.example/hook", Family.SLACK),
    ],
)
def test_a_url_tells_its_chat(url: str, family: Family):
    assert hook_of(url, ("chat.acme.example", "*.acme.example")).family is family


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/hooks.slack.com",
        "https://hooks.slack.com.evil.example/x",
        "https://evilhooks.slack.com/x",
        "https://webhook.office.com/x",
        "https://slack.com/api/chat.postMessage",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com:port/x",
        "https://acme.example/x",
        "http://hooks.slack.com/x",
        "http://discord.com/x",
        "ftp://chat.acme.example/x",
        "https:///x",
        "https://[::1/x",
        "https://hooks.slack.com@evil.example/x",
        "chat.acme.example/x",
        "",
    ],
)
async def test_no_other_host_is_called(url: str, world: World, world_tools: Tools):
    with pytest.raises(NotCalled):
        hook_of(url, ("chat.acme.example", "*.acme.example"))
    secret = f"{url}/{CANARY}" if "/" in url else CANARY
    error = await sent(secret, world_tools, allowed="chat.acme.example, *.acme.example")
    assert isinstance(error, Permanent)
    # An operator may come to allow it.
    assert (error.status, error.dead_address) == ("not_allowed", False)
    assert CANARY not in f"{error} {error!r} {error.__dict__}"
    assert world.named.requests == []


async def test_a_listed_host_may_be_called_in_the_open(tools: Tools):
    async with HttpStandIn() as server:
        result = await sent(server.url("/hooks/1/2"), tools, allowed="127.0.0.1")
        assert result == SendResult()
        assert server.requests[0].json() == TEXT


async def test_a_listed_host_on_a_private_address_is_refused(world_tools: Tools):
    error = await sent(f"http://169.254.169.254/{CANARY}", world_tools, allowed="169.254.169.254")
    assert isinstance(error, Permanent)
    assert error.status == "blocked"


@pytest.mark.parametrize(
    "hosts", ["https://chat.acme.example", "a/b", "*", "*.*.example", "a..b", "-a", "ho st:1"]
)
def test_settings_name_hosts(hosts: str):
    with pytest.raises(InvalidInput, match="Allowed hosts"):
        registry.settings_of("chat_webhook", {"allowed_hosts": hosts})


def test_settings_are_kept_in_one_form():
    settings = registry.settings_of("chat_webhook", {"allowed_hosts": " A.example,\n*.b.example "})
    assert registry.dump(settings) == {"allowed_hosts": "a.example, *.b.example"}
    assert not set(KNOWN) & {"", "*"}


DEAD = "dead"
"""`Permanent`, and the address with it."""


def text(status: int, words: str, **headers: str) -> Respond:
    return Respond(status, {"Content-Type": "text/plain", **headers}, words.encode())


def told(status: int, **document: object) -> Respond:
    return Respond(status, {"Content-Type": "application/json"}, json.dumps(document).encode())


def google(status: int, code: str) -> Respond:
    return told(status, error={"code": status, "message": "no", "status": code})


def failed(status: int | str) -> Respond:
    return text(
        200,
        f"{FAILED} with error: Microsoft Teams endpoint returned HTTP error {status} with X 1",
    )


ANSWERS: list[tuple[str, Respond, str, Any]] = [
    *[
        (SLACK, text(status, code), code, DEAD)
        for status, code in [
            *(
                (404, "no_service"),
                (404, "no_service_id"),
                (404, "no_team"),
                (403, "invalid_token"),
            ),
            *((404, "channel_not_found"), (410, "channel_is_archived"), (403, "team_disabled")),
            (400, "user_not_found"),
        ]
    ],
    (SLACK, text(410, "whatever"), "410", DEAD),
    (SLACK, text(403, "action_prohibited"), "action_prohibited", Permanent),
    (
        *(SLACK, text(403, "posting_to_general_channel_denied")),
        *("posting_to_general_channel_denied", Permanent),
    ),
    *[
        (SLACK, text(400, code), code, UnsupportedContent)
        for code in (
            *("invalid_payload", "no_text", "missing_text_or_fallback_or_attachments"),
            *("too_many_attachments", "invalid_blocks", "invalid_blocks_format"),
            "invalid_attachments",
        )
    ],
    (SLACK, text(429, "rate_limited"), "rate_limited", RateLimited),
    (SLACK, text(429, "ratelimited"), "ratelimited", RateLimited),
    (SLACK, text(500, "rollup_error"), "rollup_error", Transient),
    (SLACK, text(400, "an_error_of_tomorrow"), "400", Permanent),
    (SLACK, text(404, "<html>no such page</html>"), "404", Permanent),
    *[
        (DISCORD, told(status, message="no", code=int(code)), code, kind)
        for status, code, kind in [
            *((404, "10003", DEAD), (404, "10004", DEAD), (404, "10015", DEAD)),
            *((401, "50027", DEAD), (403, "50001", Permanent), (403, "50013", Permanent)),
            (400, "50006", UnsupportedContent),
            (400, "50035", UnsupportedContent),
            (400, "50109", UnsupportedContent),
        ]
    ],
    (DISCORD, told(429, message="wait", retry_after=1.5), "429", RateLimited),
    (DISCORD, told(404, message="no", code=0), "404", Permanent),
    (GOOGLE, google(404, "NOT_FOUND"), "NOT_FOUND", DEAD),
    (GOOGLE, google(403, "PERMISSION_DENIED"), "PERMISSION_DENIED", Permanent),
    (GOOGLE, google(400, "INVALID_ARGUMENT"), "INVALID_ARGUMENT", UnsupportedContent),
    (GOOGLE, google(429, "RESOURCE_EXHAUSTED"), "RESOURCE_EXHAUSTED", RateLimited),
    (GOOGLE, google(503, "UNAVAILABLE"), "UNAVAILABLE", Transient),
    (GOOGLE, google(500, "INTERNAL"), "INTERNAL", Transient),
    *[
        (ZULIP, told(status, result="error", msg="no", code=code), code, kind)
        for status, code, kind in [
            *((401, "INVALID_API_KEY", DEAD), (400, "STREAM_DOES_NOT_EXIST", DEAD)),
            *((401, "USER_DEACTIVATED", DEAD), (401, "REALM_DEACTIVATED", DEAD)),
            (429, "RATE_LIMIT_HIT", RateLimited),
        ]
    ],
    *[
        (MATTERMOST, told(status, id=f"web.incoming_webhook.{code}.app_error"), code, kind)
        for status, code, kind in [
            *((400, "invalid", DEAD), (501, "disabled", Permanent)),
            *((403, "channel_locked", Permanent), (403, "permissions", Permanent)),
            *((400, "parse", UnsupportedContent), (400, "text", UnsupportedContent)),
        ]
    ],
    *[
        (FLOW, told(status, error={"code": code, "message": "no"}), code, kind)
        for status, code, kind in [
            *((404, "WorkflowNotFound", DEAD), (400, "WorkflowTriggerIsNotEnabled", Permanent)),
            *((401, "DirectApiAuthorizationRequired", Permanent),),
            (400, "TriggerInputSchemaMismatch", UnsupportedContent),
        ]
    ],
    (FLOW, told(413), "413", UnsupportedContent),
    (TEAMS, failed(429), "429", RateLimited),
    (TEAMS, failed(413), "413", UnsupportedContent),
    (TEAMS, failed(404), "404", DEAD),
    (TEAMS, failed(410), "410", DEAD),
    (TEAMS, failed(400), "400", Permanent),
    (TEAMS, failed(403), "403", Permanent),
    (TEAMS, failed(502), "502", Transient),
    (TEAMS, text(200, f"{FAILED} with error: Error contacting it"), "500", Transient),
]


def test_every_code_that_is_known_stands_in_this_table():
    tried = {code.removeprefix("web.incoming_webhook.") for _, _, code, _ in ANSWERS}
    known = {code for codes in CODES.values() for code in codes}
    short = {
        each.removeprefix("web.incoming_webhook.").removesuffix(".app_error") for each in known
    }
    assert short <= tried


@pytest.mark.parametrize(("url", "answer", "code", "kind"), ANSWERS)
async def test_an_answer_says_what_became_of_it(
    url: str, answer: Respond, code: str, kind: Any, world: World, world_tools: Tools
):
    world.named.script(answer)
    error = await sent(url, world_tools, allowed=OWN["allowed_hosts"])
    assert isinstance(error, ProviderError)
    dead = isinstance(error, Permanent) and error.dead_address
    assert (type(error), dead) == (Permanent if kind is DEAD else kind, kind is DEAD)
    assert code in error.status


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (told(429, retry_after=1.25), 1.25),
        (told(429, **{"retry-after": 28.5}), 28.5),
        (told(429, retry_after=1e9), 7 * 86400.0),
        (told(429, retry_after="soon"), None),
        (told(429, retry_after=-1), None),
        (told(429, retry_after=True), None),
        (text(429, "rate_limited", **{"Retry-After": "30"}), 30.0),
        (text(429, "{}", **{"Retry-After": "30", "X-RateLimit-Reset-After": "0.5"}), 0.5),
        (Respond(429, {"X-RateLimit-Reset-After": "2"}, b'{"retry_after": 2000}'), 2.0),
        (Respond(429), None),
    ],
)
async def test_too_much_waits_as_long_as_the_chat_says(
    answer: Respond, seconds: float | None, world: World, world_tools: Tools
):
    world.named.script(answer)
    error = await sent(DISCORD, world_tools)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize("answer", [Respond(500), Respond(401), text(500, "rollup_error")])
async def test_that_one_chat_is_down_says_nothing_of_the_others(
    answer: Respond, world: World, world_tools: Tools
):
    world.named.script(answer)
    error = await sent(ROCKET, world_tools, allowed=OWN["allowed_hosts"])
    assert isinstance(error, Transient)
    assert error.about_message


@pytest.mark.parametrize("action", [Do.STALL, Do.CUT_BEFORE_READING])
async def test_a_chat_that_hangs_is_told_from_the_others_by_its_host(
    action: Do, world: World, world_tools: Tools
):
    world.named.script(action)
    allowed = OWN["allowed_hosts"]
    assert type(await sent(ROCKET, world_tools, SHORT, allowed=allowed)) is OutcomeUnknown
    place = registry.provider_named("chat_webhook").place
    assert place
    assert [place(each) for each in (ROCKET, MATTERMOST, SLACK, "https://[bad", "")] == [
        *("chat.acme.example", "chat.acme.example", "hooks.slack.com", "", ""),
    ]


@pytest.mark.parametrize("answer", HTTP_UNREADABLE)
async def test_a_yes_without_a_readable_id_is_a_yes(
    answer: Respond, world: World, world_tools: Tools
):
    world.named.script(answer)
    assert await sent(DISCORD, world_tools, patience(answer)) == SendResult()


@pytest.mark.parametrize("url", [SLACK, DISCORD, TEAMS, FLOW, GOOGLE, ZULIP, MATTERMOST, ROCKET])
@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
async def test_a_chat_that_repeats_the_url_is_not_quoted(
    url: str, status: int, world: World, world_tools: Tools, caplog: pytest.LogCaptureFixture
):
    secret = MATTERMOST.rpartition("/")[2] if url == MATTERMOST else CANARY
    path = url.partition("//")[2].partition("/")[2]
    said = {"message": f"{url} and {path} and {secret}", "id": secret, "name": url}
    world.named.script(Respond(status, body=json.dumps(said).encode()))
    result = await sent(url, world_tools, allowed=OWN["allowed_hosts"])
    assert secret not in f"{result} {result!r} {vars(result)}"
    assert all(secret not in each.getMessage() for each in caplog.records)


def test_a_parcel_does_not_show_its_address():
    assert CANARY not in repr(make_parcel(Channel.SLACK, to=SLACK, kind=WEBHOOK))
