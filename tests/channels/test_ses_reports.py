"""What Amazon SES reports through SNS: whose word is taken, and what it means."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from inbox_app.channels import registry
from inbox_app.channels.spec import Call, Heard, Said, Tools
from inbox_app.domain.errors import Unauthenticated, Unavailable
from inbox_app.domain.receipt import Receipt, ReceiptKind
from tests.channels.examples.ses import EXAMPLE, SNS
from tests.channels.world import World
from tests.clock import START, SetClock
from tests.standins.http import Do, Respond
from tests.standins.sns import CERTIFICATE_URL, REGION, Sns, certificate, stamp

K = ReceiptKind
AT = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)
MAIL = {
    "timestamp": stamp(START),
    "messageId": "0100-ses",
    "destination": ["ana@example.com", "ben@example.com"],
    "tags": {"ses:configuration-set": ["events"], "delivery": ["17"]},
}
TOKEN = "a2" * 19 + "a"
MIME = (
    "From: Ana <Ana@Example.com>\r\nTo: x\r\nSubject: Re: Order\r\n{more}\r\n"
    "At four, please.\r\n\r\nOn Mon, 2 Mar 2026, The hub wrote:\r\n> When?\r\n"
)


@pytest.fixture(scope="module")
def sns() -> Sns:
    """Amazon's own."""
    return Sns()


@pytest.fixture(autouse=True)
def certificates(world: World, sns: Sns) -> None:
    """SNS answers with its certificate, whatever it is asked."""
    world.named.usual = Respond(body=sns.pem)


async def heard(body: bytes, tools: Tools, **changes: Any) -> Heard:
    made = registry.settings_of("ses", {**EXAMPLE.settings(0), **changes})
    call = Call("POST", "https://hub.test/callbacks/ses/1", {"content-type": "text/plain"}, body)
    return await registry.hear(registry.providers()["ses"], call, made, tools)


def event(
    kind: str, name: str, about: Mapping[str, Any] | None = None, **mail: Any
) -> dict[str, Any]:
    """An event as a configuration set publishes it."""
    told = {"timestamp": stamp(AT), **(about or {})}
    return {"eventType": kind, "mail": {**MAIL, **mail}, name: told}


def told(kind: ReceiptKind, address: str = "", **more: Any) -> Receipt:
    """What is made of it."""
    fields: dict[str, Any] = {"key": f"notice-1 {address}".strip(), "at": AT, **more}
    return Receipt(kind=kind, delivery_id=17, message_id="0100-ses", address=address, **fields)


def bounced(kind: str, subkind: str, *people: str) -> dict[str, Any]:
    return event(
        *("Bounce", "bounce"),
        {
            "bounceType": kind,
            "bounceSubType": subkind,
            "bouncedRecipients": [
                {"emailAddress": one, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 who?"}
                for one in people
            ],
        },
    )


def complained(**about: Any) -> dict[str, Any]:
    people = [{"emailAddress": "ana@example.com"}]
    return event("Complaint", "complaint", {"complainedRecipients": people, **about})


ANA, BEN = "ana@example.com", "ben@example.com"
WHY = "smtp; 550 5.1.1 who?"
OTHER_TOPIC = f"arn:aws:sns:{REGION}:123456789012:other"
READ = {"userAgent": "Mozilla/5.0", "ipAddress": "192.0.2.1"}
EVENTS: dict[str, tuple[Mapping[str, Any], list[Receipt]]] = {
    "sent": ({"eventType": "Send", "mail": MAIL, "send": {}}, [told(K.SENT, at=START)]),
    "delivered": (
        event("Delivery", "delivery", {"recipients": [ANA, "Ben@EXAMPLE.com"]}),
        [told(K.DELIVERED, ANA), told(K.DELIVERED, "Ben@example.com")],
    ),
    "delayed": (
        event(
            *("DeliveryDelay", "deliveryDelay"),
            {
                "delayType": "MailboxFull",
                "delayedRecipients": [{"emailAddress": ANA, "diagnosticCode": "452 4.2.2 full"}],
            },
        ),
        [told(K.DELAYED, ANA, code="MailboxFull", detail="452 4.2.2 full")],
    ),
    "complained": (
        complained(complaintFeedbackType="abuse"),
        [told(K.COMPLAINED, ANA, code="COMPLAINT_ABUSE", dead_address=True)],
    ),
    "rejected": (
        event("Reject", "reject", {"reason": "Bad content"}),
        [told(K.FAILED, code="SPAM_CONTENT", detail="Bad content")],
    ),
    "not rendered": (
        event("Rendering Failure", "failure", {"errorMessage": "Attribute x is missing"}),
        [told(K.FAILED, code="TEMPLATE_NOT_FOUND", detail="Attribute x is missing")],
    ),
    "opened": (
        event("Open", "open", READ, destination=["Ana@EXAMPLE.com"]),
        [told(K.OPENED, "Ana@example.com", ip="192.0.2.1", detail="Mozilla/5.0")],
    ),
    "opened by one of several": (event("Open", "open", READ), []),
    "clicked": (
        event("Click", "click", {"link": "https://a.test/?b", **READ}, destination=[ANA]),
        [
            told(
                *(K.CLICKED, ANA),
                url="https://a.test/?b",
                ip="192.0.2.1",
                detail="Mozilla/5.0",
            )
        ],
    ),
    "clicked by one of several": (event("Click", "click", READ), []),
    "of a kind of tomorrow": (event("Levitation", "levitation"), []),
    "without recipients": (
        event("Bounce", "bounce", {"bounceType": "Undetermined"}),
        [told(K.FAILED, code="UNDETERMINED_BOUNCE")],
    ),
}


@pytest.mark.parametrize("name", EVENTS)
async def test_an_event_says_what_it_means(name: str, sns: Sns, world_tools: Tools):
    message, expected = EVENTS[name]
    assert await heard(sns.notice(message), world_tools) == Heard(tuple(expected))


BOUNCES = [
    ("Permanent", "General", "PERMANENT_GENERAL_BOUNCE", True),
    ("Permanent", "NoEmail", "PERMANENT_NO_EMAIL_BOUNCE", True),
    ("Permanent", "Suppressed", "PERMANENT_SUPPRESSED_BOUNCE", True),
    ("Permanent", "OnAccountSuppressionList", "SUPPRESSED_BOUNCE", True),
    ("Permanent", "UnsubscribedRecipient", "PERMANENT_SUPPRESSED_BOUNCE", False),
    ("Transient", "General", "TRANSIENT_GENERAL_BOUNCE", False),
    ("Transient", "MailboxFull", "TRANSIENT_MAILBOX_FULL_BOUNCE", False),
    ("Transient", "MessageTooLarge", "TRANSIENT_MESSAGE_TOO_LARGE_BOUNCE", False),
    ("Transient", "CustomTimeoutExceeded", "TRANSIENT_GENERAL_BOUNCE", False),
    ("Transient", "ContentRejected", "TRANSIENT_CONTENT_REJECTED_BOUNCE", False),
    ("Transient", "AttachmentRejected", "TRANSIENT_ATTACHMENT_REJECTED_BOUNCE", False),
    ("Undetermined", "Undetermined", "UNDETERMINED_BOUNCE", False),
    ("", "", "UNDETERMINED_BOUNCE", False),
]


@pytest.mark.parametrize(("kind", "subkind", "code", "dead"), BOUNCES)
async def test_a_bounce_says_whether_the_address_is_dead(
    kind: str, subkind: str, code: str, dead: bool, sns: Sns, world_tools: Tools
):
    found = await heard(sns.notice(bounced(kind, subkind, ANA, BEN)), world_tools)
    assert found.receipts == tuple(
        told(K.FAILED, one, code=code, dead_address=dead, detail=WHY) for one in (ANA, BEN)
    )


COMPLAINTS = [
    ("abuse", "COMPLAINT_ABUSE", K.COMPLAINED),
    ("auth-failure", "COMPLAINT_AUTH", K.COMPLAINED),
    ("fraud", "COMPLAINT_FRAUD", K.COMPLAINED),
    ("not-spam", "COMPLAINT_NOT_SPAM", K.DELIVERED),
    ("other", "COMPLAINT_OTHER", K.COMPLAINED),
    ("virus", "COMPLAINT_VIRUS", K.COMPLAINED),
    (None, "COMPLAINT_OTHER", K.COMPLAINED),
]


@pytest.mark.parametrize(("feedback", "code", "kind"), COMPLAINTS)
async def test_a_complaint_has_its_kind(
    feedback: str | None, code: str, kind: ReceiptKind, sns: Sns, world_tools: Tools
):
    said = complained(complaintFeedbackType=feedback)
    expected = told(kind, ANA, code=code, dead_address=kind is K.COMPLAINED)
    assert (await heard(sns.notice(said), world_tools)).receipts == (expected,)


async def test_whoever_may_have_complained_still_gets_mail(sns: Sns, world_tools: Tools):
    people = [{"emailAddress": ANA}, {"emailAddress": BEN}]
    said = complained(complaintFeedbackType="abuse", complainedRecipients=people)
    found = (await heard(sns.notice(said), world_tools)).receipts
    assert [(e.kind, e.address, e.dead_address) for e in found] == [
        (K.COMPLAINED, ANA, False),
        (K.COMPLAINED, BEN, False),
    ]
    assert all("One of several" in each.detail for each in found)


async def test_an_old_complaint_keeps_a_message_back(sns: Sns, world_tools: Tools):
    said = complained(complaintSubType="OnAccountSuppressionList")
    [receipt] = (await heard(sns.notice(said), world_tools)).receipts
    assert receipt == told(K.FAILED, ANA, code="SUPPRESSED_COMPLAINT", dead_address=True)


async def test_an_older_notification_names_the_message_alone(sns: Sns, world_tools: Tools):
    said = {**bounced("Permanent", "General", ANA), "mail": {**MAIL, "tags": None}}
    said["notificationType"] = said.pop("eventType")
    [receipt] = (await heard(sns.notice(said), world_tools)).receipts
    assert (receipt.delivery_id, receipt.message_id) == (None, "0100-ses")
    assert receipt.dead_address


@pytest.mark.parametrize(
    ("was", "wants", "people", "kinds"),
    [
        (False, True, [ANA], [K.UNSUBSCRIBED]),
        (True, False, [ANA], [K.RESUBSCRIBED]),
        (False, False, [ANA], []),
        (False, True, [ANA, BEN], []),
    ],
)
async def test_a_wish_is_taken_when_it_is_clear_whose_it_is(
    was: bool,
    wants: bool,
    people: list[str],
    kinds: list[ReceiptKind],
    sns: Sns,
    world_tools: Tools,
):
    said = event(
        *("Subscription", "subscription"),
        {
            "oldTopicPreferences": {"unsubscribeAll": was},
            "newTopicPreferences": {"unsubscribeAll": wants},
        },
    )
    found = await heard(sns.notice({**said, "mail": {**MAIL, "destination": people}}), world_tools)
    assert found.receipts == tuple(told(kind, ANA) for kind in kinds)


@pytest.mark.parametrize("message", ["", "[]", "null", '{"eventType": []}', "{" * 50_000, "\ud83d"])
async def test_a_proven_notification_of_nothing_is_taken(
    message: str, sns: Sns, world_tools: Tools
):
    assert await heard(sns.notice(message.encode("utf-8", "replace").decode()), world_tools) == (
        Heard()
    )


STRANGE: list[dict[str, Any]] = [
    {"bounce": None},
    {"bounce": {"bouncedRecipients": "x", "timestamp": "soon", "bounceType": 5}},
    {"bounce": {"bouncedRecipients": [None, 3, {"emailAddress": ["a", {}]}]}},
    {"mail": []},
    {"mail": {"tags": {"delivery": ["1" * 30]}, "messageId": "a\0b\ud800"}},
]


@pytest.mark.parametrize("values", STRANGE)
async def test_values_of_other_kinds_break_nothing(
    values: Mapping[str, Any], sns: Sns, world_tools: Tools
):
    message = json.dumps({**bounced("Permanent", "General", ANA), **values})
    found = (await heard(sns.notice(message), world_tools)).receipts
    assert [each.kind for each in found] == [K.FAILED]
    # No database takes the one, and no encoding the other.
    stored = f"{found[0].message_id}{found[0].address}{found[0].detail}{found[0].code}"
    assert not re.search("[\0\ud800]", stored)


# Whose word is taken.


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "Amazon SES Email Event Notification"])
async def test_both_kinds_of_signatures_are_understood(
    version: str, subject: str | None, sns: Sns, world_tools: Tools
):
    body = sns.notice(EVENTS["sent"][0], SignatureVersion=version, Subject=subject)
    assert len((await heard(body, world_tools)).receipts) == 1


async def test_the_certificate_is_fetched_once(
    sns: Sns, world: World, world_tools: Tools, clock: SetClock
):
    for _ in range(3):
        await heard(sns.notice(EVENTS["sent"][0]), world_tools)
    [request] = world.named.requests
    assert (request.method, request.headers["host"]) == ("GET", SNS)
    assert f"https://{SNS}{request.path}" == CERTIFICATE_URL
    clock.advance(hours=20)
    later = sns.notice(EVENTS["sent"][0], Timestamp=stamp(clock.at))
    await heard(later, world_tools)
    assert len(world.named.requests) == 1


SIGNERS = [
    ("sns.amazonaws.com", ()),
    (f"sns.{REGION}.amazonaws.com", ()),
    ("Amazon", (f"sns-signing.{REGION}.amazonaws.com",)),
]


@pytest.mark.parametrize(("name", "others"), SIGNERS)
async def test_the_certificates_of_sns_have_several_names(
    name: str, others: tuple[str, ...], world: World, world_tools: Tools
):
    signer = Sns(name, others=others)
    world.named.usual = Respond(body=signer.pem)
    assert await heard(signer.notice(EVENTS["sent"][0]), world_tools) != Heard()


FORGED: dict[str, Callable[[Sns], bytes]] = {
    "no JSON": lambda sns: b"hello",
    "no text": lambda sns: b"\xff\xfe",
    "a list": lambda sns: b"[]",
    "deep": lambda sns: b"[" * 100_000,
    "nothing": lambda sns: b"{}",
    "bare, as with raw delivery": lambda sns: json.dumps(EVENTS["sent"][0]).encode(),
    "another kind": lambda sns: sns.notice(Type="Gossip"),
    "no kind": lambda sns: sns.notice(Type=None),
    "another topic": lambda sns: sns.notice(TopicArn=f"arn:aws:sns:{REGION}:999999999999:mail"),
    "no topic": lambda sns: sns.notice(TopicArn=None),
    "too old": lambda sns: sns.notice(Timestamp=stamp(START - timedelta(hours=2, seconds=1))),
    "from the future": lambda sns: sns.notice(Timestamp=stamp(START + timedelta(minutes=16))),
    "no time": lambda sns: sns.notice(Timestamp="soon"),
    "no signature": lambda sns: json.dumps(
        {**json.loads(sns.notice()), "Signature": None}
    ).encode(),
    "a signature of nothing": lambda sns: json.dumps(
        {**json.loads(sns.notice()), "Signature": base64.b64encode(b"x" * 256).decode()}
    ).encode(),
    "a signature that is none": lambda sns: json.dumps(
        {**json.loads(sns.notice()), "Signature": "%%%"}
    ).encode(),
    "another version": lambda sns: sns.notice(SignatureVersion="3"),
    "signed for the other version": lambda sns: sns.notice(SignatureVersion="2").replace(
        b'"SignatureVersion": "2"', b'"SignatureVersion": "1"'
    ),
    "changed": lambda sns: sns.notice("one").replace(b'"one"', b'"two"'),
    "with a subject that was not signed": lambda sns: json.dumps(
        {**json.loads(sns.notice()), "Subject": "x"}
    ).encode(),
    "signed by somebody else": lambda sns: Sns().notice(),
    "half of a pair": lambda sns: json.dumps(
        {**json.loads(sns.notice()), "Message": "\ud800"}
    ).encode(),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_is_not_proven_is_not_taken(name: str, sns: Sns, world_tools: Tools):
    with pytest.raises(Unauthenticated):
        await heard(FORGED[name](sns), world_tools)


@pytest.mark.parametrize(
    "url",
    [
        f"http://{SNS}/SimpleNotificationService-0123abcd.pem",
        f"https://{SNS}:8443/SimpleNotificationService-0123abcd.pem",
        f"https://{SNS}.evil.test/SimpleNotificationService-0123abcd.pem",
        f"https://evil.test/{SNS}/SimpleNotificationService-0123abcd.pem",
        f"https://user@{SNS}/SimpleNotificationService-0123abcd.pem",
        f"https://evil.test#@{SNS}/SimpleNotificationService-0123abcd.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
        f"https://{SNS}/SimpleNotificationService-0123abcd.pem/../evil",
        f"https://{SNS}/?Action=ListTopics&x=.pem",
        f"https://s3.{REGION}.amazonaws.com/SimpleNotificationService-0123abcd.pem",
        "https://[::1/x.pem",
        "",
    ],
)
async def test_a_certificate_from_elsewhere_is_not_even_fetched(
    url: str, sns: Sns, world: World, world_tools: Tools
):
    with pytest.raises(Unauthenticated):
        await heard(sns.notice(SigningCertURL=url), world_tools)
    assert world.named.requests == []


async def test_a_topic_that_is_not_named_costs_no_call(sns: Sns, world: World, world_tools: Tools):
    with pytest.raises(Unauthenticated):
        await heard(sns.notice(), world_tools, topics="")
    assert world.named.requests == []


SIGNED_BY: dict[str, Callable[[], Sns]] = {
    "somebody else": lambda: Sns("evil.test"),
    "SNS of another region": lambda: Sns("sns.eu-west-1.amazonaws.com"),
    "SNS of yesterday": lambda: Sns(ends=timedelta(seconds=-1)),
    "SNS of tomorrow": lambda: Sns(starts=timedelta(seconds=1)),
}


@pytest.mark.parametrize("name", SIGNED_BY)
async def test_a_certificate_must_be_valid_and_of_sns(name: str, world: World, world_tools: Tools):
    made = SIGNED_BY[name]()
    world.named.usual = Respond(body=made.pem)
    with pytest.raises(Unauthenticated):
        await heard(made.notice(), world_tools)


async def test_a_certificate_that_runs_out_is_trusted_no_longer(
    world: World, world_tools: Tools, clock: SetClock
):
    signer = Sns(ends=timedelta(hours=1))
    world.named.usual = Respond(body=signer.pem)
    await heard(signer.notice(), world_tools)
    clock.advance(hours=1, seconds=1)
    with pytest.raises(Unauthenticated):
        await heard(signer.notice(Timestamp=stamp(clock.at)), world_tools)


@pytest.mark.parametrize(
    "pem",
    [b"", b"hello", certificate(ec.generate_private_key(ec.SECP256R1()), "sns.amazonaws.com")],
)
async def test_a_certificate_that_cannot_be_used_proves_nothing(
    pem: bytes, sns: Sns, world: World, world_tools: Tools
):
    world.named.usual = Respond(body=pem)
    with pytest.raises(Unauthenticated):
        await heard(sns.notice(), world_tools)


@pytest.mark.parametrize(
    "action", [Respond(500), Respond(body=b"x" * 70_000), Do.CUT_AFTER_READING]
)
async def test_a_certificate_that_cannot_be_fetched_now_is_asked_for_again(
    action: Respond | Do, sns: Sns, world: World, world_tools: Tools
):
    world.named.usual = action
    with pytest.raises(Unavailable):
        await heard(sns.notice(), world_tools)
    world.named.usual = Respond(body=sns.pem)
    assert await heard(sns.notice(), world_tools) == Heard()


# Subscribing.


async def test_a_topic_of_ours_is_subscribed_to(sns: Sns, world: World, world_tools: Tools):
    assert await heard(sns.confirmation(), world_tools) == Heard((), Said())
    fetched, confirmed = world.named.requests
    assert fetched.path.endswith(".pem")
    assert (confirmed.method, confirmed.headers["host"]) == ("GET", SNS)
    assert confirmed.path == "/?Action=ConfirmSubscription&Token=t-1"


async def test_the_end_of_a_subscription_is_only_noted(sns: Sns, world: World, world_tools: Tools):
    assert await heard(sns.confirmation("UnsubscribeConfirmation"), world_tools) == Heard()
    assert len(world.named.requests) == 1


@pytest.mark.parametrize(
    "url", ["https://evil.test/", f"http://{SNS}/", f"https://{SNS}.evil.test/", "", None]
)
async def test_nobody_else_is_called(url: str | None, sns: Sns, world: World, world_tools: Tools):
    with pytest.raises(Unauthenticated):
        await heard(sns.confirmation(SubscribeURL=url), world_tools)
    assert len(world.named.requests) == 1


async def test_a_subscription_that_fails_is_asked_for_again(
    sns: Sns, world: World, world_tools: Tools
):
    world.named.script(Respond(body=sns.pem), Respond(503))
    with pytest.raises(Unavailable):
        await heard(sns.confirmation(), world_tools)


# Mail that comes in.


PASS, FAIL, GRAY = ({"status": name} for name in ("PASS", "FAIL", "GRAY"))


def received(
    mime: str = MIME.format(more=""),
    *,
    to: str = f"reply+{TOKEN}@in.sender.test",
    source: str = "ana@example.com",
    **receipt: Any,
) -> dict[str, Any]:
    """What a receipt rule with the action SNS publishes."""
    checked = {"spfVerdict": PASS, "dkimVerdict": GRAY, "dmarcVerdict": GRAY, **receipt}
    return {
        "notificationType": "Received",
        "receipt": {"timestamp": stamp(AT), "recipients": [to], **checked},
        "mail": {**MAIL, "source": source, "messageId": "in-1"},
        "content": mime,
    }


def answered(text: str = "At four, please.", address: str = "Ana@example.com") -> Receipt:
    fields: dict[str, Any] = {"address": address, "text": text, "reply_token": TOKEN}
    return Receipt(key=f"in-1 {TOKEN}", kind=K.REPLIED, at=AT, **fields)


def signed(domain: str = "example.com") -> str:
    """A mail of Ana's that a domain has signed."""
    return MIME.format(more=f"DKIM-Signature: v=1; a=rsa-sha256;\r\n d={domain}; s=a; b=x=\r\n")


HTML = (
    "From: ana@example.com\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    "<html><head><style>p {}</style></head><body><p>At <b>four</b>, please&nbsp;&eacute;.</p>"
    '<div class="gmail_quote">On 2 Mar 2026, The hub wrote:<br><blockquote>When?</blockquote>'
)
ATTACHED = (
    'From: ana@example.com\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nFile\r\n"
    "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9\r\n--b--\r\n"
)
LETTERS: dict[str, tuple[dict[str, Any], list[Receipt]]] = {
    "plain": (received(), [answered()]),
    "in base64": (
        received(base64.b64encode(MIME.format(more="").encode()).decode()),
        [answered()],
    ),
    "in capitals": (received(to=f"REPLY+{TOKEN.upper()}@IN.SENDER.TEST"), [answered()]),
    "HTML": (received(HTML), [answered("At four, please é.", "ana@example.com")]),
    "with a file": (received(ATTACHED), [answered("Café", "ana@example.com")]),
    "of an unknown charset": (
        received("From: ana@example.com\r\nContent-Type: text/plain; charset=x-moon\r\n\r\nHi"),
        [answered("Hi", "ana@example.com")],
    ),
    "of two writers": (
        received("From: a@a.test, b@b.test\r\n\r\nHi"),
        [answered("Hi", "ana@example.com")],
    ),
    "too long": (
        received("From: ana@example.com\r\n\r\n" + "x" * 6_000),
        [answered("x" * 4_999 + "…", "ana@example.com")],
    ),
    "signed": (received(signed(), dkimVerdict=PASS, spfVerdict=GRAY), [answered()]),
    "signed by a mail server of the domain": (
        received(signed("mail.Example.com"), dkimVerdict=PASS, spfVerdict=GRAY),
        [answered()],
    ),
    "proven, as SES has found": (
        received(source="x@other.test", dmarcVerdict=PASS),
        [answered()],
    ),
    "to somebody else": (received(to="info@in.sender.test"), []),
    "to another domain": (received(to=f"reply+{TOKEN}@sender.test"), []),
    "to no address": (received(to="reply"), []),
    "empty": (received("From: ana@example.com\r\n\r\n\r\n> When?\r\n"), []),
    "no mail": (received("%%%"), []),
    "no content": ({**received(), "content": None}, []),
    "a bounce": (received(source="<>"), []),
    "a bounce with a name": (received(source="MAILER-DAEMON@example.com"), []),
    "a report": (
        received("From: ana@example.com\r\nContent-Type: multipart/report; boundary=b\r\n\r\nHi"),
        [],
    ),
    "absent": (received(MIME.format(more="Auto-Submitted: auto-replied (vacation)\r\n")), []),
    "said not to be automatic": (
        received(MIME.format(more="Auto-Submitted: no\r\n")),
        [answered()],
    ),
    "absent, said in another way": (received(MIME.format(more="X-Autoreply: yes\r\n")), []),
    "absent, said in a third way": (received(MIME.format(more="Precedence: Auto_Reply\r\n")), []),
    "bulk": (received(MIME.format(more="Precedence: bulk\r\n")), []),
    "spam": (received(spamVerdict={"status": "FAIL"}), []),
    "a virus": (received(virusVerdict={"status": "FAIL"}), []),
    "disowned": (received(dmarcVerdict=FAIL, dmarcPolicy="reject"), []),
    "disowned without a wish": (received(dmarcVerdict=FAIL, dmarcPolicy="none"), []),
    "of an unknown server": (received(spfVerdict=GRAY), []),
    "unchecked": (received(spfVerdict=None, dkimVerdict=None, dmarcVerdict=None), []),
    "forged, from a server of its own": (received(source="x@evil.test"), []),
    "forged, with a signature of its own": (
        received(signed("evil.test"), source="x@evil.test", dkimVerdict=PASS),
        [],
    ),
    "forged, with a signature of each": (
        received(
            MIME.format(more="DKIM-Signature: d=example.com\r\nDKIM-Signature: d=evil.test\r\n"),
            source="x@evil.test",
            dkimVerdict=PASS,
        ),
        [],
    ),
    "forged, with a signature that names nobody": (
        received(
            MIME.format(more="DKIM-Signature: v=1; s=a\r\n"),
            source="x@evil.test",
            dkimVerdict=PASS,
        ),
        [],
    ),
}


@pytest.mark.parametrize("name", LETTERS)
async def test_an_answer_is_what_a_person_wrote(name: str, sns: Sns, world_tools: Tools):
    message, expected = LETTERS[name]
    assert await heard(sns.notice(message), world_tools) == Heard(tuple(expected))


async def test_one_mail_is_one_answer_whatever_tells_of_it(sns: Sns, world_tools: Tools):
    notices = [sns.notice(received(), MessageId=f"notice-{number}") for number in (1, 2)]
    notices.append(sns.notice(received(), TopicArn=OTHER_TOPIC))
    topics = f"{EXAMPLE.settings(0)['topics']},{OTHER_TOPIC}"
    found = [(await heard(each, world_tools, topics=topics)).receipts for each in notices]
    assert {each.key for [each] in found} == {f"in-1 {TOKEN}"}


async def test_a_forged_answer_is_told_to_the_operator(
    sns: Sns, world_tools: Tools, caplog: pytest.LogCaptureFixture
):
    await heard(sns.notice(received(source="x@evil.test")), world_tools)
    [told] = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert told.startswith("An answer is left: nothing proves that it came from example.com.")


async def test_without_a_domain_for_answers_there_are_none(sns: Sns, world_tools: Tools):
    assert await heard(sns.notice(received()), world_tools, reply_domain="") == Heard()
