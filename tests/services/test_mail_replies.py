"""From an e-mail to its answer in the inbox: over the real routes, the services played here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from inbox_app.bootstrap import open_runtime
from inbox_app.channels.spec import Call
from inbox_app.config import Settings
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Unauthenticated
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import callbacks, delivering, outgoing, suppressions
from inbox_app.storage import outbox
from tests.channels.examples import examples
from tests.channels.world import World, open_world, tools_for
from tests.clock import START, SetClock
from tests.factories import make_environment, send
from tests.standins import mailgun
from tests.standins.certificate import Authority
from tests.standins.http import Request, Respond
from tests.standins.sns import Sns, stamp

ANA, BEN = "ana@example.com", "ben@example.com"
EMAIL = {"subject": "Order 17", "html": "<p>It has shipped.</p>"}
COPIES = {"email": {"ccAddresses": [BEN]}}
ANSWER = "At four, please.\r\n\r\nOn Mon, 2 Mar 2026, The hub wrote:\r\n> When?\r\n"
PROVIDERS = ["ses", "mailgun"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def sns() -> Sns:
    return Sns()


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    hosts = {host for name in PROVIDERS for host in examples()[name].hosts}
    async with open_world(authority, tuple(sorted(hosts))) as world:
        yield world


@pytest.fixture
async def runtime(
    settings: Settings, clock: SetClock, world: World, authority: Authority
) -> AsyncIterator[Runtime]:
    """A runtime for which the services of the world are on this machine."""
    async with open_runtime(settings, clock) as rt:
        tools = tools_for(world, authority, clock.now)
        yield replace(rt, tools=tools)
        await tools.close()


@dataclass
class Post:
    """An integration of e-mail, and how its provider reports.

    Attributes:
        number: Of reports so far: each has a name of its own.
    """

    rt: Runtime
    client: httpx.AsyncClient
    environment: Environment
    world: World
    sns: Sns
    integration: Integration
    number: int = 0

    async def send(self, yes: Respond | None = None, **more: Any) -> str:
        """Sends an e-mail with an inbox item; its tracking id."""
        self.world.named.script(yes or examples()[self.integration.provider].yes)
        tracking_id = await send(
            *(self.rt, self.environment),
            channels_with_content=(Channel.INAPP_WEB, Channel.EMAIL),
            content={Channel.EMAIL: EMAIL},
            profile=Profile(email=ANA),
            **more,
        )
        while await delivering.work(self.rt):
            pass
        return tracking_id

    def mail(self) -> Message:
        """The e-mail that was sent last."""
        return message_from_bytes(self._mime(self.world.named.requests[-1]))

    def _mime(self, request: Request) -> bytes:
        if self.integration.provider == "ses":
            return base64.b64decode(request.json()["Content"]["Raw"]["Data"])
        return request.body[request.body.index(b"From: ") :]

    async def report(self, event: Mapping[str, Any]) -> httpx.Response:
        """The provider reports an event."""
        self.number += 1
        if self.integration.provider == "ses":
            self.world.named.usual = Respond(body=self.sns.pem)
            body = self.sns.notice(event, MessageId=f"notice-{self.number}")
            return await self.call(body, "text/plain; charset=UTF-8")
        proof = mailgun.proof(token=f"{self.number:050}")
        named = {"id": f"event-{self.number}", "timestamp": START.timestamp()}
        return await self.call(mailgun.webhook({**named, **event}, proof), mailgun.JSON)

    async def pass_on(
        self, to: str, text: str = ANSWER, sender: str = ANA, **headers: str
    ) -> httpx.Response:
        """The provider passes a mail on that came in."""
        if self.integration.provider == "ses":
            lines = "".join(f"{name.replace('_', '-')}: {one}\r\n" for name, one in headers.items())
            received = {
                "notificationType": "Received",
                "receipt": {
                    "timestamp": stamp(START),
                    "recipients": [to],
                    "spfVerdict": {"status": "PASS"},
                },
                "mail": {"source": sender, "messageId": f"in-{self.number}"},
                "content": f"From: {sender}\r\n{lines}\r\n{text}",
            }
            return await self.report(received)
        self.number += 1
        passed = {"X_Mailgun_Spf": "Pass", **headers}
        pairs = [[name.replace("_", "-"), one] for name, one in passed.items()]
        fields = {
            **mailgun.proof(token=f"{self.number:050}"),
            "recipient": to,
            "sender": sender,
            "from": f"Somebody <{sender}>",
            "body-plain": text,
            "message-headers": json.dumps(pairs),
            "Message-Id": f"<{self.number}@example.com>",
        }
        return await self.call(urlencode(fields).encode(), mailgun.FORM)

    async def call(self, body: bytes, kind: str) -> httpx.Response:
        path = f"/callbacks/{self.integration.provider}/{self.integration.id}"
        return await self.client.post(path, content=body, headers={"Content-Type": kind})

    async def delivery(self, tracking_id: str) -> Delivery:
        known = (await outgoing.story(self.rt, self.environment, tracking_id)).deliveries
        [found] = [each for each in known if each.channel is Channel.EMAIL]
        return found

    async def status(self, tracking_id: str) -> DeliveryStatus:
        return (await self.delivery(tracking_id)).status

    async def events(self, tracking_id: str) -> list[EventKind]:
        story = await outgoing.story(self.rt, self.environment, tracking_id)
        return [each.kind for each in story.events if each.channel is Channel.EMAIL]

    async def replies(self, tracking_id: str) -> list[str]:
        story = await outgoing.story(self.rt, self.environment, tracking_id)
        return [each.message for each in story.replies if each.from_user]

    async def suppressed(self) -> dict[str, SuppressionReason]:
        page = await suppressions.page(self.rt, self.environment, Channel.EMAIL, 10, "")
        return {each.address: each.reason for each in page}


@pytest.fixture(params=PROVIDERS)
async def post(
    request: pytest.FixtureRequest,
    runtime: Runtime,
    client: httpx.AsyncClient,
    environment: Environment,
    world: World,
    sns: Sns,
) -> Post:
    made = await integrated(runtime, environment, request.param)
    return Post(runtime, client, environment, world, sns, made)


async def integrated(
    rt: Runtime, environment: Environment, provider: str, *, enabled: bool = True
) -> Integration:
    """A saved integration of e-mail."""
    place = (ids.row_id(), environment.id, Channel.EMAIL, provider, "Mail")
    made = Integration(*place, examples()[provider].settings(0), enabled=enabled)
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    return made


def said(post: Post, kind: str, delivery: Delivery, to: str = ANA) -> Mapping[str, Any]:
    """What happened to a message, in the provider's words."""
    makers: Mapping[str, Callable[[str, Delivery, str], Mapping[str, Any]]] = {
        "ses": _of_ses,
        "mailgun": _of_mailgun,
    }
    return makers[post.integration.provider](kind, delivery, to)


def _of_ses(kind: str, delivery: Delivery, to: str) -> Mapping[str, Any]:
    tags = {"delivery": [str(delivery.id)]}
    mail = {"messageId": delivery.message_id, "tags": tags, "destination": [to]}
    person = {"emailAddress": to, "diagnosticCode": "smtp; 550 5.1.1 who?"}
    about: dict[str, tuple[str, str, dict[str, Any]]] = {
        "delivered": ("Delivery", "delivery", {"recipients": [to]}),
        "bounced": (
            *("Bounce", "bounce"),
            {
                "bounceType": "Permanent",
                "bounceSubType": "NoEmail",
                "bouncedRecipients": [person],
            },
        ),
        "complained": (
            *("Complaint", "complaint"),
            {"complaintFeedbackType": "abuse", "complainedRecipients": [person]},
        ),
        "opened": ("Open", "open", {"userAgent": "Mozilla/5.0", "ipAddress": "192.0.2.1"}),
        "clicked": ("Click", "click", {"link": "https://shop.test/17"}),
        "unsubscribed": (
            *("Subscription", "subscription"),
            {"newTopicPreferences": {"unsubscribeAll": True}},
        ),
    }
    name, place, more = about[kind]
    return {"eventType": name, "mail": mail, place: {"timestamp": stamp(START), **more}}


def _of_mailgun(kind: str, delivery: Delivery, to: str) -> Mapping[str, Any]:
    message = {"headers": {"message-id": delivery.message_id}}
    base = {"message": message, "recipient": to, "user-variables": {"delivery": str(delivery.id)}}
    about: dict[str, dict[str, Any]] = {
        "delivered": {},
        "bounced": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "message": "who?"},
        },
        "complained": {},
        "unsubscribed": {},
        "opened": {"ip": "192.0.2.1", "client-info": {"user-agent": "Mozilla/5.0"}},
        "clicked": {"url": "https://shop.test/17"},
    }
    return {"event": kind, **base, **about[kind]}


async def test_what_is_reported_of_an_e_mail_is_known(post: Post):
    tracking_id = await post.send()
    sent = await post.delivery(tracking_id)
    assert sent.status is DeliveryStatus.SENT
    for kind in ("delivered", "opened", "clicked"):
        event = said(post, kind, sent)
        assert (await post.report(event)).status_code == 200
    assert await post.status(tracking_id) is DeliveryStatus.DELIVERED
    told = await post.events(tracking_id)
    assert set(told) >= {EventKind.DELIVERED, EventKind.OPENED, EventKind.CLICKED}
    assert await post.suppressed() == {}


@pytest.mark.parametrize(
    ("kind", "reason", "status"),
    [
        ("bounced", SuppressionReason.BOUNCE, DeliveryStatus.FAILED),
        ("complained", SuppressionReason.COMPLAINT, DeliveryStatus.DELIVERED),
        ("unsubscribed", SuppressionReason.UNSUBSCRIBE, DeliveryStatus.SENT),
    ],
)
async def test_an_address_that_does_not_want_mail_gets_no_more(
    kind: str, reason: SuppressionReason, status: DeliveryStatus, post: Post
):
    tracking_id = await post.send()
    await post.report(said(post, kind, await post.delivery(tracking_id)))
    assert await post.status(tracking_id) is status
    assert await post.suppressed() == {ANA: reason}
    await post.send()
    assert len([each for each in post.world.named.requests if each.method == "POST"]) == 1


async def test_what_happens_to_a_copy_is_not_the_persons(post: Post):
    tracking_id = await post.send(options=COPIES)
    assert post.mail()["Cc"] == BEN
    sent = await post.delivery(tracking_id)
    for kind in ("delivered", "opened", "clicked", "bounced"):
        assert (await post.report(said(post, kind, sent, BEN))).status_code == 200
    assert await post.status(tracking_id) is DeliveryStatus.SENT
    assert await post.events(tracking_id) == [EventKind.SENT]
    assert await post.suppressed() == {BEN: SuppressionReason.BOUNCE}
    await post.report(said(post, "delivered", sent, "Ana@EXAMPLE.com"))
    assert await post.status(tracking_id) is DeliveryStatus.DELIVERED


@pytest.mark.parametrize("post", ["ses"], indirect=True)
async def test_nobody_is_silenced_who_may_not_have_complained(post: Post):
    tracking_id = await post.send(options=COPIES)
    event = said(post, "complained", await post.delivery(tracking_id))
    people = [{"emailAddress": each} for each in (ANA, BEN)]
    about = {**event["complaint"], "complainedRecipients": people}
    assert (await post.report({**event, "complaint": about})).status_code == 200
    story = await outgoing.story(post.rt, post.environment, tracking_id)
    [told] = [each for each in story.events if each.kind is EventKind.COMPLAINED]
    assert told.sentence.startswith("E-mail was marked as spam: One of several")
    assert await post.suppressed() == {}


async def test_what_comes_before_its_message_is_known_is_the_persons_or_not_as_well(post: Post):
    sent = await post.delivery(await post.send())
    early = replace(sent, id=1, message_id="early")
    for kind, to in (("bounced", BEN), ("delivered", ANA)):
        assert (await post.report(said(post, kind, early, to))).status_code == 200
    tracking_id = await post.send(Respond(body=b'{"MessageId": "early", "id": "<early>"}'))
    assert await post.status(tracking_id) is DeliveryStatus.DELIVERED
    assert EventKind.FAILED not in await post.events(tracking_id)
    assert await post.suppressed() == {BEN: SuppressionReason.BOUNCE}


async def test_an_answer_stands_in_the_inbox(post: Post):
    tracking_id = await post.send()
    to = post.mail()["Reply-To"]
    assert re.fullmatch(r"reply\+[a-z2-7]{39}@in\.sender\.test", to)
    assert (await post.pass_on(to.upper(), sender="Ana@Example.COM")).status_code == 200
    assert await post.replies(tracking_id) == ["At four, please."]
    assert EventKind.REPLIED in await post.events(tracking_id)
    # An answer shows that it arrived.
    assert await post.status(tracking_id) is DeliveryStatus.DELIVERED


async def test_an_answer_goes_to_its_own_message(post: Post):
    first = await post.send()
    to = post.mail()["Reply-To"]
    second = await post.send()
    assert post.mail()["Reply-To"] != to
    await post.pass_on(to)
    assert (await post.replies(first), await post.replies(second)) == (["At four, please."], [])


@pytest.mark.parametrize(
    "change",
    [
        {"sender": BEN},
        {"Auto_Submitted": "auto-replied"},
        {"text": "> When?"},
    ],
)
async def test_what_is_no_answer_of_the_person_is_taken_and_left(
    change: dict[str, str], post: Post
):
    tracking_id = await post.send()
    assert (await post.pass_on(post.mail()["Reply-To"], **change)).status_code == 200
    assert await post.replies(tracking_id) == []
    assert EventKind.REPLIED not in await post.events(tracking_id)
    assert await post.status(tracking_id) is DeliveryStatus.SENT


async def test_an_answer_under_a_false_name_is_taken_and_left(post: Post):
    tracking_id = await post.send()
    name, _, domain = str(post.mail()["Reply-To"]).partition("@")
    other = "a" if name[-5] != "a" else "b"
    forged = f"{name[:-5]}{other}{name[-4:]}@{domain}"
    assert (await post.pass_on(forged)).status_code == 200
    assert await post.replies(tracking_id) == []


async def test_an_answer_may_come_in_through_another_integration(
    post: Post, environment: Environment
):
    tracking_id = await post.send()
    [other] = [name for name in PROVIDERS if name != post.integration.provider]
    through = await integrated(post.rt, environment, other, enabled=False)
    elsewhere = replace(post, integration=through)
    assert (await elsewhere.pass_on(post.mail()["Reply-To"])).status_code == 200
    assert await post.replies(tracking_id) == ["At four, please."]


async def test_an_answer_comes_in_through_no_other_environment(post: Post):
    tracking_id = await post.send()
    stranger = await make_environment(post.rt)
    through = await integrated(post.rt, stranger, post.integration.provider)
    elsewhere = replace(post, integration=through)
    assert (await elsewhere.pass_on(post.mail()["Reply-To"])).status_code == 200
    assert await post.replies(tracking_id) == []
    assert await post.status(tracking_id) is DeliveryStatus.SENT


async def test_a_repeated_answer_is_one(post: Post):
    tracking_id = await post.send()
    to = post.mail()["Reply-To"]
    for _ in range(2):
        post.number = 7
        await post.pass_on(to)
    assert await post.replies(tracking_id) == ["At four, please."]
    told = await post.events(tracking_id)
    assert told.count(EventKind.REPLIED) == 1


async def test_what_is_forged_moves_nothing(post: Post):
    tracking_id = await post.send()
    sent = await post.delivery(tracking_id)
    before = await post.events(tracking_id)
    event = said(post, "bounced", sent)
    if post.integration.provider == "ses":
        post.world.named.usual = Respond(body=post.sns.pem)
        bodies = [Sns().notice(event), post.sns.notice(event).replace(b"NoEmail", b"General")]
        old = stamp(START - timedelta(hours=3))
        bodies += [post.sns.notice(event, Timestamp=old), json.dumps(event).encode()]
    else:
        proofs = [mailgun.proof(key="other"), {**mailgun.proof(), "signature": ""}]
        bodies = [mailgun.webhook(event, proof) for proof in proofs]
    for body in bodies:
        assert (await post.call(body, mailgun.JSON)).status_code == 401
    assert await post.status(tracking_id) is DeliveryStatus.SENT
    assert await post.events(tracking_id) == before
    assert await post.suppressed() == {}


@pytest.mark.parametrize("post", ["mailgun"], indirect=True)
async def test_a_proof_is_good_for_one_report_in_every_process(
    post: Post, settings: Settings, clock: SetClock
):
    sent = await post.delivery(await post.send())
    proof = mailgun.proof()
    one = {"id": "event-1", "timestamp": START.timestamp(), **said(post, "delivered", sent)}
    assert (await post.call(mailgun.webhook(one, proof), mailgun.JSON)).status_code == 200
    forged = {**one, "id": "event-2", "event": "complained"}
    url = f"https://hub.test/callbacks/mailgun/{post.integration.id}"
    async with open_runtime(settings, clock) as other:
        for event in (forged, {**one, "recipient": BEN}):
            body = mailgun.webhook(event, proof)
            assert (await post.call(body, mailgun.JSON)).status_code == 401
            call = Call("POST", url, {"content-type": mailgun.JSON}, body)
            with pytest.raises(Unauthenticated):
                await callbacks.take(other, "mailgun", post.integration.id, call)
        again = Call("POST", url, {"content-type": mailgun.JSON}, mailgun.webhook(one, proof))
        await callbacks.take(other, "mailgun", post.integration.id, again)
    assert await post.suppressed() == {}


async def test_nobody_reports_through_another_integration(post: Post):
    response = await post.client.post(f"/callbacks/smtp/{post.integration.id}", content=b"{}")
    assert response.status_code == 404
