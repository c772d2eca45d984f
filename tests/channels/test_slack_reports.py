"""What Slack reports: who may, what counts as a reply or a button, and what is let by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from inbox_app.channels import registry
from inbox_app.channels.slack.errors import ENDED
from inbox_app.channels.spec import Call, Ended, Heard, Said, Tools
from inbox_app.domain.errors import InvalidInput, Unauthenticated
from inbox_app.domain.receipt import Receipt, ReceiptKind
from inbox_app.lib.http import Http
from tests.channels.parcels import CANARY
from tests.clock import START, SetClock

AT = datetime(2026, 3, 2, 9, 29, 59, 250_000, tzinfo=UTC)
TS = f"{int(AT.timestamp())}.250000"
FORM = "application/x-www-form-urlencoded"


def signed(body: bytes, at: datetime = START, kind: str = "application/json") -> Call:
    stamp = str(int(at.timestamp()))
    signature = SignatureVerifier(CANARY).generate_signature(timestamp=stamp, body=body)
    headers = {
        "content-type": kind,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature or "",
    }
    return Call("POST", "https://hub.example/callbacks/slack/1", headers, body)


async def heard(call: Call, tools: Tools, secret: str = CANARY) -> Heard:
    settings = registry.settings_of("slack", {"signing_secret": secret})
    return await registry.hear(registry.providers()["slack"], call, settings, tools)


def event(**changes: Any) -> bytes:
    """A reply of a person in a thread; a change to None takes a part away."""
    said = {
        "type": "message",
        "channel": "D0ANA",
        "user": "U0ANA",
        "text": "On my way",
        "ts": TS,
        "thread_ts": "1503435956.000247",
        **changes,
    }
    known = {name: value for name, value in said.items() if value is not None}
    told = {"type": "event_callback", "event_id": "Ev1", "event_time": 1, "event": known}
    return json.dumps(told).encode()


async def test_a_reply_in_a_thread_is_told(tools: Tools):
    told = await heard(signed(event()), tools)
    assert told == Heard(
        (
            Receipt(
                key="Ev1",
                kind=ReceiptKind.REPLIED,
                at=AT,
                message_id="D0ANA:1503435956.000247",
                address="U0ANA",
                text="On my way",
            ),
        )
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("<https://a.example/?b=1&amp;c=2>", "https://a.example/?b=1&c=2"),
        ("<https://a.example|here>", "here (https://a.example)"),
        ("<http://a.example|a.example>", "http://a.example"),
        ("<mailto:ana@a.example|ana@a.example>", "ana@a.example"),
        ("<tel:+34600000001|+34600000001>", "+34600000001"),
        ("<@U0BEN> and <@U0BEN|ben>", "@U0BEN and @ben"),
        ("<#C0ORDERS|orders> <#C0ORDERS>", "#orders #C0ORDERS"),
        ("<!here> <!subteam^S1|@ops> <!date^1^{date}|today>", "@here @ops today"),
        ("*really* `now`", "*really* `now`"),
        ("<nothing known>", "<nothing known>"),
        ("two\nlines :tada:", "two\nlines :tada:"),
    ],
)
async def test_a_reply_reads_as_it_does_in_slack(written: str, read: str, tools: Tools):
    told = await heard(signed(event(text=written)), tools)
    assert [each.text for each in told.receipts] == [read]


async def test_what_is_written_in_a_channel_may_be_anybodys(tools: Tools):
    told = await heard(signed(event(channel="C0TEAM")), tools)
    assert [each.shared for each in told.receipts] == [True]


async def test_a_long_reply_is_kept_as_far_as_the_inbox_takes_it(tools: Tools):
    told = await heard(signed(event(text="a\x00\ud800" + "b" * 6_000)), tools)
    [text] = [each.text for each in told.receipts]
    assert (len(text), text[:3], text[-1]) == (5_000, "abb", "…")


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
async def test_a_reply_with_a_file_or_to_all_is_one(subtype: str, tools: Tools):
    assert len((await heard(signed(event(subtype=subtype)), tools)).receipts) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"thread_ts": None},
        {"thread_ts": TS},
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"type": "app_mention"},
        {"text": "  "},
        {"text": 5},
        {"channel": None},
    ],
)
async def test_what_is_no_reply_is_acknowledged(changes: Mapping[str, Any], tools: Tools):
    assert await heard(signed(event(**changes)), tools) == Heard()


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": [1]}',
        b'{"type": "app_rate_limited", "minute_rate_limited": 1}',
        b'{"type": "tomorrow"}',
    ],
)
async def test_other_reports_are_acknowledged(body: bytes, tools: Tools):
    assert await heard(signed(body), tools) == Heard()


def ended(**event: Any) -> Call:
    told = {"type": "event_callback", "event_id": "Ev2", "event_time": int(AT.timestamp())}
    return signed(
        json.dumps({**told, "team_id": "T1", "api_app_id": "A1", "event": event}).encode()
    )


@pytest.mark.parametrize(
    "event",
    [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}},
    ],
)
async def test_the_end_of_a_connection_is_told(event: Mapping[str, Any], tools: Tools):
    why = f"{ENDED}: {event['type']}"
    told = await heard(ended(**event), tools)
    assert told == Heard(ended=Ended("A1", "T1", AT.replace(microsecond=0), why))


@pytest.mark.parametrize(
    "event",
    [
        {"type": "tokens_revoked", "tokens": {"oauth": ["U0ANA"], "bot": []}},
        {"type": "tokens_revoked"},
        {"type": "app_home_opened"},
    ],
)
async def test_what_ends_nothing_of_the_bot_is_acknowledged(event: Mapping[str, Any], tools: Tools):
    assert await heard(ended(**event), tools) == Heard()


async def test_slack_learns_that_somebody_is_here(tools: Tools):
    body = b'{"token": "t", "challenge": "3eZbrw1aBm2rZgRNFdxV", "type": "url_verification"}'
    told = await heard(signed(body), tools)
    assert told == Heard(answer=Said(200, "3eZbrw1aBm2rZgRNFdxV", "text/plain"))


def pressed(*actions: Mapping[str, Any], **changes: Any) -> bytes:
    told = {
        "type": "block_actions",
        "user": {"id": "U0ANA"},
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "container": {"type": "message", "message_ts": "1503435956.000247", "channel_id": "D0ANA"},
        "channel": {"id": "D0ANA", "name": "directmessage"},
        "message": {"ts": "1503435956.000247"},
        "actions": list(actions),
        **changes,
    }
    known = {name: value for name, value in told.items() if value is not None}
    return urlencode({"payload": json.dumps(known)}).encode()


def press(name: str) -> dict[str, Any]:
    return {"type": "button", "action_id": name, "block_id": "b", "value": "v", "action_ts": TS}


@pytest.mark.parametrize(("name", "number"), [("action1", 1), ("action2", 2)])
async def test_a_button_of_the_item_is_told(name: str, number: int, tools: Tools):
    told = await heard(signed(pressed(press(name)), kind=FORM), tools)
    assert told == Heard(
        (
            Receipt(
                key=f"13345224609.738474920.8088930838d88f008e0:{name}",
                kind=ReceiptKind.PRESSED,
                at=AT,
                message_id="D0ANA:1503435956.000247",
                address="U0ANA",
                number=number,
            ),
        )
    )


async def test_a_button_is_known_without_the_message_and_without_a_trigger(tools: Tools):
    body = pressed(press("action1"), channel=None, message=None, trigger_id=None)
    [receipt] = (await heard(signed(body, kind=FORM), tools)).receipts
    assert receipt.message_id == "D0ANA:1503435956.000247"
    assert receipt.key == f"D0ANA:1503435956.000247:{TS}:action1"


@pytest.mark.parametrize(
    "body",
    [
        pressed(press("approve")),
        pressed(press("action3")),
        pressed(),
        pressed(press("action1"), type="view_submission"),
        pressed(press("action1"), message=None, container=None),
        pressed(press("action1"), actions="action1"),
    ],
)
async def test_other_actions_are_acknowledged(body: bytes, tools: Tools):
    assert await heard(signed(body, kind=FORM), tools) == Heard()


@pytest.mark.parametrize("ts", ["soon", "", "9" * 30, "1.5.2", None])
async def test_a_moment_that_cannot_be_read_is_now(ts: str | None, tools: Tools):
    told = await heard(signed(event(ts=ts)), tools)
    assert [each.at for each in told.receipts] == [START]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"payload=%7B", FORM),
        (b"payload=", FORM),
        (b"other=1", FORM),
    ],
)
async def test_what_cannot_be_understood_is_said(body: bytes, kind: str, tools: Tools):
    with pytest.raises(InvalidInput):
        await heard(signed(body, kind=kind), tools)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-slack-request-timestamp", "soon"),
        ("x-slack-request-timestamp", None),
        ("x-slack-request-timestamp", "9" * 5000),
        ("x-slack-signature", None),
        ("x-slack-signature", ""),
        ("x-slack-signature", "v0=\xe9"),
        ("x-slack-signature", "v0=" + "0" * 64),
    ],
)
async def test_what_slack_has_not_signed_is_refused(header: str, value: str | None, tools: Tools):
    call = signed(event())
    headers = {
        name: text for name, text in {**call.headers, header: value}.items() if text is not None
    }
    with pytest.raises(Unauthenticated):
        await heard(Call(call.method, call.url, headers, call.body), tools)


async def test_a_body_that_is_no_text_is_refused(tools: Tools):
    call = signed(event())
    with pytest.raises(Unauthenticated):
        await heard(Call(call.method, call.url, call.headers, b"\xff" + call.body), tools)


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_what_was_signed_long_ago_is_refused(minutes: int, tools: Tools):
    with pytest.raises(Unauthenticated):
        await heard(signed(event(), START + timedelta(minutes=minutes)), tools)
    assert await heard(signed(event(), START + timedelta(minutes=minutes / 2)), tools)


async def test_without_a_signing_secret_nobody_is_heard(tools: Tools):
    with pytest.raises(Unauthenticated):
        await heard(signed(event()), tools, secret="")


@given(st.data())
async def test_any_changed_byte_is_noticed(data: st.DataObject):
    call = signed(event())
    place = data.draw(st.integers(0, len(call.body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda each: each != call.body[place]))
    changed = call.body[:place] + bytes([byte]) + call.body[place + 1 :]
    tools = Tools(Http(), SetClock().now)
    with pytest.raises(Unauthenticated):
        await heard(Call(call.method, call.url, call.headers, changed), tools)
