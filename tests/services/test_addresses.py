"""Addresses that people type in: proven by a code before they are used."""

from __future__ import annotations

import re
from typing import Any

import pytest

from inbox_app.domain.address_code import MOST_TRIES, AddressKind
from inbox_app.domain.delivery import Suppression, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound, Refused, Unavailable
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.lib.catalogue import Tongue
from inbox_app.runtime import Runtime
from inbox_app.services import (
    account,
    addresses,
    housekeeping,
    preference_centre,
    preference_links,
    users,
)
from inbox_app.services.centre_views import AddressView
from inbox_app.storage import outbox
from inbox_app.storage.address_codes import CODES
from inbox_app.storage.environments import ENVIRONMENTS
from tests.clock import SetClock
from tests.databases import BOTH
from tests.factories import make_environment, make_user, send
from tests.pipeline.test_delivering import ONLY_MAIL, captured, drain, integrate
from tests.standins.smtp import SmtpStandIn, Step

EMAIL, NUMBER = AddressKind.EMAIL, AddressKind.NUMBER


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada", email="ada@acme.example")


async def latest_code(rt: Runtime, environment: Environment) -> str:
    """The code in the newest message of the sandbox."""
    fields = (await captured(rt, environment))[-1].fields
    (code,) = re.findall(r"\b\d{6}\b", fields.get("text") or fields["message"])[:1]
    return code


async def where(rt: Runtime, user: User) -> list[AddressView]:
    return (await preference_centre.centre(rt, user.id)).where


async def email_of(rt: Runtime, environment: Environment) -> str | None:
    user = await users.find(rt, environment, "ada")
    return next(iter(user.profile.addresses(Channel.EMAIL)), None) if user else None


async def test_an_address_is_used_once_its_code_has_come_back(
    runtime: Runtime, environment: Environment, ada: User
):
    await addresses.ask(runtime, ada.id, EMAIL, " new@acme.example ")
    assert await email_of(runtime, environment) == "ada@acme.example"
    (mail,) = await captured(runtime, environment)
    assert (mail.channel, mail.to) == (Channel.EMAIL, "new@acme.example")
    known, pending = await where(runtime, ada)
    assert (known.text, known.status, known.sandbox) == ("ada@acme.example", "verified", True)
    assert (pending.text, pending.status) == ("new@acme.example", "unverified")
    assert (pending.again_at, pending.expires) == ("2026-03-02T09:30:30Z", "2026-03-02T09:40:00Z")
    code = await latest_code(runtime, environment)
    await addresses.confirm(runtime, ada.id, EMAIL, f"{code[:3]} {code[3:]}")
    assert await email_of(runtime, environment) == "new@acme.example"
    (only,) = await where(runtime, ada)
    assert (only.text, only.status) == ("new@acme.example", "verified")
    with pytest.raises(NotFound):
        await addresses.confirm(runtime, ada.id, EMAIL, code)


async def test_a_number_is_proven_by_sms_and_kept_in_one_form(
    runtime: Runtime, environment: Environment, ada: User
):
    await addresses.ask(runtime, ada.id, NUMBER, "+49 (1512) 345 67 89")
    (message,) = await captured(runtime, environment)
    assert (message.channel, message.to) == (Channel.SMS, "+4915123456789")
    code = await latest_code(runtime, environment)
    assert message.fields["message"].startswith(f"{code} is your code for Acme.")
    user = await addresses.confirm(runtime, ada.id, NUMBER, code)
    assert user.profile.addresses(Channel.SMS) == ("+4915123456789",)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ada", "ada@acme", "a b@c.de", "a@b@c.de", "a@b.c\0", "+49"),
        *("a@b.com,evil", "a@b.com>", "a..b@c.de", ".@c.de", "Ada <ada@acme.example>"),
    ],
)
async def test_what_is_no_address_is_refused(runtime: Runtime, ada: User, typed: str):
    for kind in AddressKind:
        with pytest.raises(InvalidInput):
            await addresses.ask(runtime, ada.id, kind, typed)


async def test_a_wrong_code_can_be_tried_five_times(
    runtime: Runtime, environment: Environment, ada: User
):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    code = await latest_code(runtime, environment)
    wrong = "000000" if code != "000000" else "111111"
    for left in reversed(range(MOST_TRIES)):
        with pytest.raises(InvalidInput) as refused:
            await addresses.confirm(runtime, ada.id, EMAIL, wrong)
        assert (str(left) in refused.value.fix) == bool(left)
        told = Tongue("de").say(refused.value.name, **refused.value.values)
        assert told.startswith("Das ist nicht der Code.")
        assert (str(left) in told) == (left > 1)
    with pytest.raises(NotFound):
        await addresses.confirm(runtime, ada.id, EMAIL, code)


async def test_a_code_expires(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    code = await latest_code(runtime, environment)
    clock.advance(minutes=10)
    with pytest.raises(NotFound, match="has expired"):
        await addresses.confirm(runtime, ada.id, EMAIL, code)
    assert len(await where(runtime, ada)) == 1


async def test_codes_are_not_kept_in_clear(runtime: Runtime, environment: Environment, ada: User):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    code = await latest_code(runtime, environment)
    async with runtime.database.read() as tx:
        (row,) = (await tx.execute(CODES.select())).mappings()
    assert code not in row["code_hash"]


async def test_another_code_takes_the_place_of_the_first(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    first = await latest_code(runtime, environment)
    with pytest.raises(Refused, match="just been sent") as refused:
        await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    told = Tongue("de").say(refused.value.name, **refused.value.values)
    assert told == "Gerade ging ein Code hinaus. Der nächste geht in 30 Sekunden."
    clock.advance(seconds=30)
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    second = await latest_code(runtime, environment)
    if first != second:
        with pytest.raises(InvalidInput):
            await addresses.confirm(runtime, ada.id, EMAIL, first)
    await addresses.confirm(runtime, ada.id, EMAIL, second)


async def test_codes_are_limited_by_person_and_by_address(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    for number in range(5):
        await addresses.ask(runtime, ada.id, EMAIL, f"a{number}@acme.example")
        clock.advance(seconds=31)
    with pytest.raises(Refused, match="Too many"):
        await addresses.ask(runtime, ada.id, EMAIL, "another@acme.example")
    for number in range(3):
        user = await make_user(runtime, environment, f"u{number}")
        await addresses.ask(runtime, user.id, EMAIL, "one@acme.example")
        clock.advance(seconds=31)
    ben = await make_user(runtime, environment, "ben")
    with pytest.raises(Refused, match="Too many"):
        await addresses.ask(runtime, ben.id, EMAIL, "ONE@ACME.example")
    clock.advance(hours=1)
    await addresses.ask(runtime, ben.id, EMAIL, "one@acme.example")


async def test_a_pending_address_can_be_given_up(
    runtime: Runtime, environment: Environment, ada: User
):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    code = await latest_code(runtime, environment)
    await addresses.cancel(runtime, ada.id, EMAIL)
    assert [each.status for each in await where(runtime, ada)] == ["verified"]
    with pytest.raises(NotFound):
        await addresses.confirm(runtime, ada.id, EMAIL, code)


async def test_an_address_can_be_removed(runtime: Runtime, environment: Environment, ada: User):
    await addresses.remove(runtime, ada.id, EMAIL)
    assert await email_of(runtime, environment) is None
    assert await where(runtime, ada) == []


async def suppressed(rt: Runtime, user: User, reason: SuppressionReason) -> None:
    place, at = user.environment_id, rt.clock.now()
    made = Suppression(place, Channel.EMAIL, "ada@acme.example", reason, {}, at)
    async with rt.database.write() as tx:
        await outbox.suppress(tx, [made])
    (shown,) = await where(rt, user)
    assert (shown.status, shown.reason) == ("suppressed", reason.value)


async def test_a_proven_address_is_used_again(
    runtime: Runtime, environment: Environment, ada: User
):
    await suppressed(runtime, ada, SuppressionReason.BOUNCE)
    await prove(runtime, environment, ada, "ada@acme.example")
    (after,) = await where(runtime, ada)
    assert after.status == "verified"


async def test_no_code_goes_where_an_operator_stopped_everything(runtime: Runtime, ada: User):
    await suppressed(runtime, ada, SuppressionReason.MANUAL)
    with pytest.raises(Refused, match="Nothing is sent"):
        await addresses.ask(runtime, ada.id, EMAIL, "ada@acme.example")


async def test_no_code_goes_out_on_a_channel_that_is_off(
    runtime: Runtime, environment: Environment, ada: User
):
    async with runtime.database.write() as tx:
        await tx.execute(ENVIRONMENTS.update().values(disable_sending=[Channel.EMAIL.value]))
    with pytest.raises(Refused, match="Nothing is sent"):
        await addresses.ask(runtime, ada.id, EMAIL, "ada@acme.example")
    assert await captured(runtime, environment) == []


async def test_a_provider_sends_the_code(runtime: Runtime, environment: Environment, ada: User):
    with SmtpStandIn() as server:
        await integrate(runtime, environment, server)
        await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
        (message,) = server.messages
        assert message.parsed["To"] == "new@acme.example"
        server.script(Step.RCPT, "550 5.1.1 nobody")
        assert [each.sandbox for each in await where(runtime, ada)] == [False, False]
        with pytest.raises(Unavailable):
            await addresses.ask(runtime, ada.id, EMAIL, "other@acme.example")
    assert [each.text for each in await where(runtime, ada)] == ["ada@acme.example"]


async def test_a_worker_leaves_a_code_alone_that_could_not_be_sent(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, "451 4.7.1 later")
        await integrate(runtime, environment, server)
        with pytest.raises(Unavailable):
            await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
        clock.advance(days=1)
        await drain(runtime)
        assert server.messages == []


async def test_a_brand_cannot_speak_to_the_template(runtime: Runtime):
    other = await make_environment(runtime, "{{ user.id }} <b>")
    user = await make_user(runtime, other)
    await addresses.ask(runtime, user.id, EMAIL, "new@acme.example")
    (mail,) = await captured(runtime, other)
    assert user.external_id not in mail.fields["html"]
    assert "<b>Acme" not in mail.fields["html"]


async def test_the_list_says_when_something_last_arrived(
    runtime: Runtime, environment: Environment, ada: User
):
    assert (await where(runtime, ada))[0].last == ""
    await send(runtime, environment, **ONLY_MAIL)
    await drain(runtime)
    assert (await where(runtime, ada))[0].last == "2026-03-02T09:30:00Z"


async def test_the_keys_of_devices_are_not_their_tokens(runtime: Runtime, environment: Environment):
    device = {"type": "FCM", "token": "secret-token", "device": {"model": "Pixel 9"}}
    browser = {"sub": {"endpoint": "https://push.example/secret"}}
    user = await make_user(
        runtime, environment, "bob", push_tokens=(device,), web_push_tokens=(browser,)
    )
    views = await where(runtime, user)
    assert [(each.kind, each.text) for each in views] == [("device", "Pixel 9"), ("browser", "")]
    assert "secret" not in repr(views)


async def test_old_codes_are_forgotten(runtime: Runtime, clock: SetClock, ada: User):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example")
    clock.advance(days=2)
    await housekeeping.tidy(runtime)
    async with runtime.database.read() as tx:
        assert (await tx.execute(CODES.select())).first() is None


async def prove(rt: Runtime, environment: Environment, user: User, address: str) -> None:
    await addresses.ask(rt, user.id, EMAIL, address)
    await addresses.confirm(rt, user.id, EMAIL, await latest_code(rt, environment))


@pytest.mark.parametrize("backend", BOTH)
async def test_what_applications_say_does_not_replace_what_was_proven(
    runtime: Runtime, environment: Environment, ada: User
):
    await prove(runtime, environment, ada, "own@ada.example")
    said = Profile(email="other@acme.example")
    mail: dict[str, Any] = ONLY_MAIL | {"profile": said}
    await send(runtime, environment, **mail)
    await drain(runtime)
    assert (await captured(runtime, environment))[-1].to == "own@ada.example"
    known = await users.identify(runtime, environment, "ada", said)
    assert (known.profile.email, known.profile.addresses(Channel.EMAIL)) == (
        "other@acme.example",
        ("own@ada.example",),
    )
    (shown,) = await where(runtime, ada)
    assert shown.text == "own@ada.example"


async def test_who_removes_a_proven_address_is_reached_where_applications_say_from_then_on(
    runtime: Runtime, environment: Environment, ada: User
):
    await prove(runtime, environment, ada, "own@ada.example")
    await addresses.remove(runtime, ada.id, EMAIL)
    assert await email_of(runtime, environment) is None
    await users.identify(runtime, environment, "ada", Profile(email="new@acme.example"))
    assert await email_of(runtime, environment) == "new@acme.example"


@pytest.mark.parametrize("away", [True, False], ids=["removed", "replaced"])
async def test_who_finds_a_lost_mailbox_finds_no_link_in_it(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User, away: bool
):
    link = (await preference_links.make(runtime, environment, "ada")).url.partition("key=")[2]
    clock.advance(seconds=1)
    await prove(runtime, environment, ada, "ada@acme.example")
    assert (await preference_links.resolve(runtime, link)).id == ada.id
    if away:
        await addresses.remove(runtime, ada.id, EMAIL)
    else:
        clock.advance(minutes=1)
        await prove(runtime, environment, ada, "new@acme.example")
    with pytest.raises(Refused, match="revoked"):
        await preference_links.resolve(runtime, link)


async def test_what_was_proven_outlives_other_settings(
    runtime: Runtime, environment: Environment, ada: User
):
    await prove(runtime, environment, ada, "own@ada.example")
    await account.set_language(runtime, ada.id, "de")
    await account.rename(runtime, ada.id, "Ada D.")
    assert await email_of(runtime, environment) == "own@ada.example"


async def test_a_code_is_sent_in_the_language_of_the_person(
    runtime: Runtime, environment: Environment, ada: User
):
    await addresses.ask(runtime, ada.id, EMAIL, "new@acme.example", language="de-AT")
    fields = (await captured(runtime, environment))[-1].fields
    assert "ist Ihr Code für Acme" in fields["subject"]
    assert "Er gilt 10 Minuten." in fields["text"]
