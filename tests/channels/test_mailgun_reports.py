"""What Mailgun reports and passes on: whose word is taken, and what it means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbox_app.channels import registry
from inbox_app.channels.spec import Call, Heard, Tools
from inbox_app.domain.errors import Unauthenticated
from inbox_app.domain.receipt import Receipt, ReceiptKind
from tests.channels.examples.mailgun import DOMAIN, EXAMPLE
from tests.clock import START, SetClock
from tests.standins.mailgun import FORM, JSON, letter, multipart, proof, webhook

K = ReceiptKind
ANA = "ana@example.com"
AT = datetime(2026, 3, 2, 9, 31, 0, 500_000, tzinfo=UTC)
TOKEN = "a2" * 19 + "a"
TO = f"reply+{TOKEN}@in.sender.test"


async def heard(body: bytes, tools: Tools, kind: str = JSON, **changes: Any) -> Heard:
    made = registry.settings_of("mailgun", {**EXAMPLE.settings(0), **changes})
    call = Call("POST", "https://hub.test/callbacks/mailgun/1", {"content-type": kind}, body)
    return await registry.hear(registry.providers()["mailgun"], call, made, tools)


def event(kind: str, **more: Any) -> dict[str, Any]:
    """An event as a webhook has it; underscores stand for dashes."""
    return {
        "event": kind,
        "id": "ev-1",
        "timestamp": AT.timestamp(),
        "recipient": ANA,
        "message": {"headers": {"message-id": f"1@{DOMAIN}", "to": ANA}},
        "user-variables": {"delivery": "17"},
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def told(kind: ReceiptKind, **more: Any) -> Receipt:
    """What is made of it."""
    fields: dict[str, Any] = {"address": ANA, "at": AT, "key": "ev-1 2026-03-02", **more}
    return Receipt(kind=kind, delivery_id=17, message_id=f"1@{DOMAIN}", **fields)


def status(code: int = 550, **more: Any) -> dict[str, Any]:
    """How a mail server answered."""
    return {"code": code, "message": "No.", "description": "", **more}


EVENTS: dict[str, tuple[Mapping[str, Any], list[Receipt]]] = {
    "accepted": (event("accepted"), [told(K.SENT)]),
    "delivered": (event("delivered", delivery_status=status(250)), [told(K.DELIVERED)]),
    "put off": (
        event("failed", severity="temporary", reason="generic", delivery_status=status(452)),
        [told(K.DELAYED, code="452", detail="No.")],
    ),
    "rejected": (
        event("rejected", reject={"reason": "Sandbox domain", "description": ""}),
        [told(K.FAILED, code="SPAM_CONTENT", detail="Sandbox domain")],
    ),
    "complained": (
        event("complained"),
        [told(K.COMPLAINED, code="COMPLAINT_ABUSE", dead_address=True)],
    ),
    "unsubscribed": (event("unsubscribed"), [told(K.UNSUBSCRIBED)]),
    "opened": (
        event("opened", ip="192.0.2.1", client_info={"user-agent": "Mozilla/5.0"}),
        [told(K.OPENED, ip="192.0.2.1", detail="Mozilla/5.0")],
    ),
    "clicked": (
        event("clicked", ip="192.0.2.1", url="https://a.test/?b"),
        [told(K.CLICKED, ip="192.0.2.1", url="https://a.test/?b")],
    ),
    "of a kind of tomorrow": (event("levitated"), []),
    "of a mail that came in": (event("stored"), []),
    "without a delivery": (
        event("delivered", user_variables={}),
        [
            Receipt(
                key="ev-1 2026-03-02",
                kind=K.DELIVERED,
                at=AT,
                message_id=f"1@{DOMAIN}",
                address=ANA,
            )
        ],
    ),
}


@pytest.mark.parametrize("name", EVENTS)
async def test_an_event_says_what_it_means(name: str, world_tools: Tools):
    said, expected = EVENTS[name]
    assert (await heard(webhook(said), world_tools)).receipts == tuple(expected)


FAILURES: list[tuple[str, dict[str, Any], str, bool]] = [
    ("suppress-bounce", status(605), "SUPPRESSED_BOUNCE", True),
    ("suppress-complaint", status(607), "SUPPRESSED_COMPLAINT", True),
    ("suppress-unsubscribe", status(606), "PERMANENT_SUPPRESSED_BOUNCE", False),
    ("", status(605), "SUPPRESSED_BOUNCE", True),
    ("", status(607), "SUPPRESSED_COMPLAINT", True),
    ("bounce", status(550), "PERMANENT_GENERAL_BOUNCE", True),
    ("bounce", status(550, **{"enhanced-code": "5.1.1"}), "PERMANENT_NO_EMAIL_BOUNCE", True),
    ("bounce", status(550, **{"enhanced-code": "5.1.10"}), "PERMANENT_NO_EMAIL_BOUNCE", True),
    ("bounce", status(552, **{"enhanced-code": "5.2.2"}), "TRANSIENT_MAILBOX_FULL_BOUNCE", False),
    (
        *("bounce", status(552, **{"enhanced-code": "5.3.4"})),
        *("TRANSIENT_MESSAGE_TOO_LARGE_BOUNCE", False),
    ),
    (
        *("bounce", status(550, **{"enhanced-code": "5.7.1", "bounce-type": "hard"})),
        *("TRANSIENT_CONTENT_REJECTED_BOUNCE", False),
    ),
    ("bounce", status(554, **{"enhanced-code": "5.4.14"}), "TRANSIENT_GENERAL_BOUNCE", False),
    ("bounce", status(550, **{"bounce-type": "hard"}), "PERMANENT_GENERAL_BOUNCE", True),
    ("bounce", status(550, **{"bounce-type": "soft"}), "TRANSIENT_GENERAL_BOUNCE", False),
    ("old", status(602), "TRANSIENT_GENERAL_BOUNCE", False),
    ("generic", status(550), "TRANSIENT_GENERAL_BOUNCE", False),
    ("espblock", status(550), "TRANSIENT_GENERAL_BOUNCE", False),
    ("bounce", {}, "PERMANENT_GENERAL_BOUNCE", False),
]


@pytest.mark.parametrize(("reason", "said", "code", "dead"), FAILURES)
async def test_a_failure_says_whether_the_address_is_dead(
    reason: str, said: dict[str, Any], code: str, dead: bool, world_tools: Tools
):
    body = webhook(event("failed", severity="permanent", reason=reason, delivery_status=said))
    [receipt] = (await heard(body, world_tools)).receipts
    detail = "No." if said else reason
    assert receipt == told(K.FAILED, code=code, dead_address=dead, detail=detail)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"event": "delivered"},
        {"event": {"delivered": 1}},
        event("failed", delivery_status=[], reason={"a": 1}, severity=None),
        event("delivered", message=[], user_variables="x", recipient=None, timestamp="soon"),
        event("delivered", message={"headers": {"message-id": "a\0b\ud800"}}),
        event("delivered", timestamp=1e300),
    ],
)
async def test_values_of_other_kinds_break_nothing(said: Mapping[str, Any], world_tools: Tools):
    found = (await heard(webhook(said), world_tools)).receipts
    assert len(found) == (1 if isinstance(said.get("event"), str) else 0)
    # No database takes the one, and no encoding the other.
    stored = "".join(f"{each.message_id}{each.address}{each.detail}" for each in found)
    assert not re.search("[\0\ud800]", stored)


# Whose word is taken.

OLD = proof(START - timedelta(hours=9, seconds=1))
NOT_PROVEN: dict[str, tuple[str, bytes]] = {
    "nothing": (JSON, b""),
    "no JSON": (JSON, b"hello"),
    "no signature": (JSON, json.dumps({"event-data": event("delivered")}).encode()),
    "an empty signature": (JSON, webhook(event("delivered"), {"signature": ""})),
    "a list": (JSON, b'{"signature": [1]}'),
    "another key": (JSON, webhook(event("delivered"), proof(key="other"))),
    "another token": (JSON, webhook(event("delivered"), {**proof(), "token": "u" * 50})),
    "another time": (JSON, webhook(event("delivered"), {**proof(), "timestamp": "1772443801"})),
    "too old": (JSON, webhook(event("delivered"), OLD)),
    "from the future": (JSON, webhook(event("delivered"), proof(START + timedelta(minutes=16)))),
    "letters beyond ASCII": (JSON, webhook(event("delivered"), {**proof(), "signature": "é"})),
    "an empty form": (FORM, b""),
    "a form of another key": (FORM, letter(proof(key="other"), recipient=TO)),
    "a form in parts that has none": ("multipart/form-data; boundary=x", b"hello"),
    "a form without a boundary": ("multipart/form-data", b"hello"),
    "a form that breaks off": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disp"),
    "a form of another kind": ("multipart/mixed; boundary=x", b"--x\r\n\r\n--x--"),
    "no kind": ("", webhook(event("delivered"))),
}


@pytest.mark.parametrize("name", NOT_PROVEN)
async def test_what_is_not_proven_is_not_taken(name: str, world_tools: Tools):
    kind, body = NOT_PROVEN[name]
    with pytest.raises(Unauthenticated):
        await heard(body, world_tools, kind)


async def test_without_a_key_nothing_is_proven(world_tools: Tools):
    body = webhook(event("delivered"), proof(key=""))
    with pytest.raises(Unauthenticated, match="no webhook signing key"):
        await heard(body, world_tools, signing_key="")


async def test_a_repeat_is_taken_for_as_long_as_mailgun_repeats(
    world_tools: Tools, clock: SetClock
):
    body = webhook(event("delivered"))
    for _ in range(3):
        assert (await heard(body, world_tools)).receipts == (told(K.DELIVERED),)
        clock.advance(hours=4)


PLAIN = {
    "recipient": TO,
    "sender": "bounce+1@example.com",
    "from": "Ana <Ana@EXAMPLE.com>",
    "subject": "Re: Order",
    "Message-Id": "<m-1@example.com>",
    "In-Reply-To": f"<1@{DOMAIN}>",
    "body-plain": "At four, please.\r\n\r\nOn Mon, 2 Mar 2026, The hub wrote:\r\n> When?\r\n",
    "stripped-text": "At four, please.",
    "stripped-signature": "",
    "X-Mailgun-Spf": "Pass",
}
ONE = event("delivered")
REPORTS = {
    "another event": (JSON, webhook({**ONE, "id": "ev-2"})),
    "another kind": (JSON, webhook({**ONE, "event": "complained"})),
    "another time": (JSON, webhook({**ONE, "timestamp": AT.timestamp() + 86_400})),
    "another person": (JSON, webhook({**ONE, "recipient": "ben@example.com"})),
    "a mail": (FORM, letter(None, **PLAIN)),
    "the mail with another text": (FORM, letter(None, **{**PLAIN, "stripped-text": "No."})),
    "the mail without a header": (FORM, letter(None, **{**PLAIN, "message-headers": "[]"})),
}


async def test_what_a_proof_came_with_is_told_apart(world_tools: Tools):
    found = [await heard(body, world_tools, kind) for kind, body in REPORTS.values()]
    found.append(await heard(webhook(ONE), world_tools))
    proofs = [each.proof for each in found if each.proof]
    assert {each.name for each in proofs} == {proofs[0].name}
    assert len({each.report for each in proofs}) == len(REPORTS) + 1


async def test_a_repeat_has_the_same_proof(world_tools: Tools, clock: SetClock):
    shuffled = dict(reversed(ONE.items()))
    first = (await heard(webhook(ONE), world_tools)).proof
    clock.advance(hours=1)
    assert (await heard(webhook(shuffled), world_tools)).proof == first
    assert first is not None
    assert first.until == START + timedelta(hours=9)
    # In a database it lets nobody report.
    assert proof()["signature"] not in (first.name, first.report)


async def test_a_report_of_a_subaccount_is_proven_by_the_main_one(world_tools: Tools):
    main = proof()
    other = {**proof(key="of the subaccount"), "parent-signature": main["signature"]}
    assert (await heard(webhook(event("delivered"), other), world_tools)).receipts != ()


# Mail that comes in.


def answered(text: str = "At four, please.", address: str = ANA) -> dict[str, Any]:
    return {"kind": K.REPLIED, "at": START, "address": address, "text": text, "token": TOKEN}


def seen(receipt: Receipt) -> dict[str, Any]:
    return {
        "kind": receipt.kind,
        "at": receipt.at,
        "address": receipt.address,
        "text": receipt.text,
        "token": receipt.reply_token,
    }


def headers(*pairs: tuple[str, str]) -> dict[str, str]:
    """The headers of the mail, as a field."""
    return {"message-headers": json.dumps([["Received", "by x"], *map(list, pairs)])}


SIGNED = {**PLAIN, "sender": "x@evil.test", "X-Mailgun-Dkim-Check-Result": "Pass"}


LETTERS: dict[str, tuple[dict[str, str], list[dict[str, Any]]]] = {
    "plain": (PLAIN, [answered(address="Ana@example.com")]),
    "not stripped": (
        {k: v for k, v in PLAIN.items() if k != "stripped-text"},
        [answered(address="Ana@example.com")],
    ),
    "stripped of nothing": (
        {**PLAIN, "stripped-text": PLAIN["body-plain"]},
        [answered(address="Ana@example.com")],
    ),
    "without From": (
        {k: v for k, v in PLAIN.items() if k != "from"} | {"sender": ANA},
        [answered()],
    ),
    "From in its headers": (
        {**PLAIN, **headers(("From", f"Ana <{ANA}>"))},
        [answered()],
    ),
    "in capitals": ({**PLAIN, "recipient": TO.upper()}, [answered(address="Ana@example.com")]),
    "to several": (
        {**PLAIN, "recipient": f"info@in.sender.test, {TO}"},
        [answered(address="Ana@example.com")],
    ),
    "to somebody else": ({**PLAIN, "recipient": "info@in.sender.test"}, []),
    "empty": ({**PLAIN, "stripped-text": "", "body-plain": "> When?"}, []),
    "a bounce": ({**PLAIN, "sender": ""}, []),
    "a bounce with a name": ({**PLAIN, "sender": "mailer-daemon@example.com"}, []),
    "absent": ({**PLAIN, **headers(("Auto-Submitted", "auto-replied"))}, []),
    "absent, said in a field": ({**PLAIN, "Auto-Submitted": "auto-generated"}, []),
    "absent, said in another way": ({**PLAIN, **headers(("X-Autoreply", "yes"))}, []),
    "bulk": ({**PLAIN, **headers(("Precedence", "bulk"))}, []),
    "spam": ({**PLAIN, **headers(("X-Mailgun-Sflag", "Yes"))}, []),
    "no spam": (
        {**PLAIN, **headers(("X-Mailgun-Sflag", "No"))},
        [answered(address="Ana@example.com")],
    ),
    "signed": (
        {**SIGNED, "Dkim-Signature": "v=1; d=example.com; s=a"},
        [answered(address="Ana@example.com")],
    ),
    "signed, said in its headers": (
        {
            **{k: v for k, v in SIGNED.items() if k != "X-Mailgun-Dkim-Check-Result"},
            **headers(
                ("X-Mailgun-Dkim-Check-Result", "Pass"), ("DKIM-Signature", "d=mail.example.com")
            ),
        },
        [answered(address="Ana@example.com")],
    ),
    "of an unknown server": ({**PLAIN, "X-Mailgun-Spf": "Neutral"}, []),
    "of a domain that denies it": ({**PLAIN, "X-Mailgun-Spf": "SoftFail"}, []),
    "forged, from a server of its own": ({**PLAIN, "sender": "x@evil.test"}, []),
    "forged, with a verdict of its own": ({**PLAIN, **headers(("X-Mailgun-Spf", "Fail"))}, []),
    "forged, with a signature of its own": ({**SIGNED, "Dkim-Signature": "v=1; d=evil.test"}, []),
    "forged, with a signature of each": (
        {
            **SIGNED,
            **headers(("DKIM-Signature", "d=example.com"), ("DKIM-Signature", "d=evil.test")),
        },
        [],
    ),
    "forged, with a verdict on no signature": (SIGNED, []),
    "with strange headers": (
        {**PLAIN, "message-headers": '[1, ["a"], ["b", 2], {}]'},
        [answered(address="Ana@example.com")],
    ),
    "with signs no database takes": (
        {**PLAIN, "stripped-text": "At\0 four."},
        [answered("At four.", "Ana@example.com")],
    ),
}


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("name", LETTERS)
async def test_an_answer_is_what_a_person_wrote(name: str, in_parts: bool, world_tools: Tools):
    fields, expected = LETTERS[name]
    if in_parts:
        kind, body = multipart({**proof(), **fields})
    else:
        kind, body = FORM, letter(None, **fields)
    found = await heard(body, world_tools, kind)
    assert [seen(each) for each in found.receipts] == expected


UNCHECKED = {name: text for name, text in PLAIN.items() if name != "X-Mailgun-Spf"}


@pytest.mark.parametrize(
    ("fields", "advice"),
    [(UNCHECKED, True), ({**PLAIN, "X-Mailgun-Spf": "Fail"}, False)],
)
async def test_an_answer_that_is_left_is_told_to_the_operator(
    fields: dict[str, str],
    advice: bool,
    world_tools: Tools,
    caplog: pytest.LogCaptureFixture,
):
    assert (await heard(letter(None, **fields), world_tools, FORM)).receipts == ()
    [told] = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert told.startswith("An answer is left: nothing proves that it came from example.com.")
    assert ("mark spam with MIME headers" in told) is advice


async def test_files_that_come_along_are_left_out(world_tools: Tools):
    picture = (
        b'Content-Disposition: form-data; name="attachment-1"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\0\xff--edgy\r\n"
    )
    # A file whose inside looks like a form: what is in it is no field.
    trick = (
        b'Content-Disposition: form-data; name="attachment-2"; filename="b.eml"\r\n'
        b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n"
        b'Content-Disposition: form-data; name="stripped-text"\r\n\r\nNever!\r\n--inner--\r\n'
    )
    kind, body = multipart({**proof(), **PLAIN, "stripped-text": "Um vier, é?"}, picture, trick)
    [receipt] = (await heard(body, world_tools, kind)).receipts
    assert receipt.text == "Um vier, é?"


async def test_a_mail_keeps_its_name_however_often_it_comes(world_tools: Tools):
    later = proof(START + timedelta(minutes=10), "u" * 50)
    bodies = [letter(None, **PLAIN), letter(later, **PLAIN)]
    keys = {(await heard(each, world_tools, FORM)).receipts[0].key for each in bodies}
    assert len(keys) == 1
    other = letter(proof(token="v" * 50), **{**PLAIN, "Message-Id": "<m-2@example.com>"})
    assert (await heard(other, world_tools, FORM)).receipts[0].key not in keys


FILE = b'Content-Disposition: form-data; name="a"; filename="a"\r\n\r\nx'
MANY = {f"f{number}": "x" for number in range(198)}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, letter(None, **MANY)),
        multipart({**proof(), **MANY}),
        multipart(proof(), *[FILE] * 198),
    ],
)
async def test_a_form_has_so_many_fields_at_most(kind: str, body: bytes, world_tools: Tools):
    with pytest.raises(Unauthenticated):
        await heard(body, world_tools, kind)


async def test_without_a_domain_for_answers_there_are_none(world_tools: Tools):
    found = await heard(letter(None, **PLAIN), world_tools, FORM, reply_domain="")
    assert found.receipts == ()
