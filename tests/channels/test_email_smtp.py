"""E-mail over SMTP: what a server does at each step, and what that means for the next try."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inbox_app.channels.smtp.pool import SmtpPools
from inbox_app.channels.smtp.settings import SmtpSettings
from inbox_app.channels.spec import Resources, SendResult, Tools
from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    Transient,
    UnsupportedContent,
)
from tests.channels.faults import SMTP_BEFORE_THE_END, SMTP_BREAKS, SMTP_REFUSALS, patience
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.standins.certificate import server_context
from tests.standins.smtp import Action, Do, SmtpStandIn, Step


def settings(server: SmtpStandIn, **changes: Any) -> Mapping[str, Any]:
    """An integration that leads to the stand-in and signs in."""
    return {
        "host": server.host,
        "port": server.port,
        "security": "none",
        "username": "hub",
        "password": CANARY,
        "from_address": "hub@sender.test",
        "from_name": "The hub",
        **changes,
    }


async def test_a_message_arrives_with_all_its_parts(smtp_server: SmtpStandIn, tools: Tools):
    result = await outcome("smtp", make_parcel(), settings(smtp_server), tools)
    assert isinstance(result, SendResult)
    [mail] = smtp_server.messages
    assert (mail.sender, mail.recipients) == ("hub@sender.test", ("ana@example.com",))
    assert mail.parsed["Message-ID"] == result.message_id
    assert mail.parsed["X-Tracking-Id"] == "trk_1"
    assert smtp_server.steps.count(Step.AUTH) == 1


@pytest.mark.parametrize(("step", "answer", "kind", "dead"), SMTP_REFUSALS)
async def test_a_refusal_says_what_it_means(
    step: Step,
    answer: str,
    kind: type[ProviderError],
    dead: bool,
    smtp_server: SmtpStandIn,
    tools: Tools,
):
    smtp_server.always(step, answer)
    error = await outcome("smtp", make_parcel(), settings(smtp_server), tools)
    assert type(error) is kind
    assert getattr(error, "dead_address", False) is dead
    assert smtp_server.messages == []


@pytest.mark.parametrize(("step", "answer"), [(Step.AUTH, "535 no"), (Step.MAIL, "530 no")])
async def test_a_failed_sign_in_is_named_as_such(
    step: Step, answer: str, smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.always(step, answer)
    error = await outcome("smtp", make_parcel(), settings(smtp_server), tools)
    assert isinstance(error, Transient)
    assert error.status == "auth"


@pytest.mark.parametrize("action", SMTP_BREAKS)
@pytest.mark.parametrize("step", SMTP_BEFORE_THE_END)
async def test_before_the_end_of_the_message_everything_can_be_tried_again(
    step: Step, action: Action, smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.always(step, action)
    error = await outcome("smtp", make_parcel(), settings(smtp_server), tools, patience(action))
    assert type(error) is Transient
    assert smtp_server.arrived == []


@pytest.mark.parametrize("action", SMTP_BREAKS)
async def test_after_the_end_of_the_message_nobody_knows(
    action: Action, smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.always(Step.END, action)
    error = await outcome("smtp", make_parcel(), settings(smtp_server), tools, patience(action))
    assert type(error) is OutcomeUnknown
    assert len(smtp_server.arrived) == 1


@pytest.mark.parametrize("action", [Do.STALL, Do.CUT])
async def test_a_message_that_is_not_wholly_written_did_not_arrive(
    action: Action, smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.always(Step.CONTENT, action)
    # More than all buffers between here and there hold.
    parcel = make_parcel(fields={"text": "a line of text\n" * 1_000_000})
    error = await outcome("smtp", parcel, settings(smtp_server), tools, 10)
    assert type(error) is Transient
    assert smtp_server.arrived == []


async def test_nobody_listens(smtp_server: SmtpStandIn, tools: Tools):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = await outcome("smtp", make_parcel(), settings(smtp_server, port=port), tools)
    assert type(error) is Transient


async def test_a_copy_that_is_refused_does_not_hold_back_the_message(
    smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.script(Step.RCPT, Do.AS_USUAL, "550 5.1.1 no such user")
    parcel = make_parcel(
        options={"ccAddresses": ["ben@example.com", "nonsense"], "bccAddresses": ["cy@example.com"]}
    )
    result = await outcome("smtp", parcel, settings(smtp_server), tools)
    assert isinstance(result, SendResult)
    assert "ben@example.com" in result.detail
    assert "nonsense" in result.detail
    assert smtp_server.messages[0].recipients == ("ana@example.com", "cy@example.com")


async def test_a_later_try_carries_the_same_message_id(smtp_server: SmtpStandIn, tools: Tools):
    smtp_server.script(Step.END, "451 later")
    for _ in range(2):
        await outcome("smtp", make_parcel(), settings(smtp_server), tools)
    await outcome("smtp", make_parcel(key="delivery-2"), settings(smtp_server), tools)
    first, again, other = (mail.parsed["Message-ID"] for mail in smtp_server.arrived)
    assert first == again != other


async def test_connections_are_used_again(smtp_server: SmtpStandIn, tools: Tools):
    for number in range(5):
        await outcome("smtp", make_parcel(key=str(number)), settings(smtp_server), tools)
    assert (len(smtp_server.messages), smtp_server.connections) == (5, 1)


async def test_a_refused_message_leaves_the_connection_clean(
    smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.script(Step.RCPT, "550 5.1.1 no such user")
    assert isinstance(await outcome("smtp", make_parcel(), settings(smtp_server), tools), Permanent)
    await outcome("smtp", make_parcel(to="ben@example.com"), settings(smtp_server), tools)
    assert [mail.recipients for mail in smtp_server.messages] == [("ben@example.com",)]
    assert smtp_server.connections == 1


@pytest.mark.parametrize("action", [Do.CUT, "421 4.4.2 idle too long"])
async def test_a_stale_connection_is_replaced_without_sending_twice(
    action: Action, smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.script(Step.MAIL, Do.AS_USUAL, action)
    for number in range(2):
        result = await outcome("smtp", make_parcel(key=str(number)), settings(smtp_server), tools)
        assert isinstance(result, SendResult)
    assert (len(smtp_server.arrived), smtp_server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "connections"), [(Do.AS_USUAL, 1), (Do.CUT, 2), ("421 idle too long", 2)]
)
async def test_a_connection_that_rested_is_asked_before_it_is_used(
    answer: Action, connections: int, smtp_server: SmtpStandIn, tools: Tools
):
    wary = replace(tools, resources=Resources(SmtpPools(fresh_seconds=0)))
    smtp_server.script(Step.NOOP, answer)
    for number in range(2):
        result = await outcome("smtp", make_parcel(key=str(number)), settings(smtp_server), wary)
        assert isinstance(result, SendResult)
    await wary.close()
    assert smtp_server.steps.count(Step.NOOP) == 1
    assert (len(smtp_server.arrived), smtp_server.connections) == (2, connections)


async def test_a_message_is_not_repeated_once_its_content_was_asked_for(
    smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.script(Step.END, Do.AS_USUAL, Do.CUT)
    await outcome("smtp", make_parcel(), settings(smtp_server), tools)
    error = await outcome("smtp", make_parcel(key="2"), settings(smtp_server), tools)
    assert type(error) is OutcomeUnknown
    assert len(smtp_server.arrived) == 2


async def test_a_send_that_ends_while_the_server_is_asked_ends_the_connection(
    smtp_server: SmtpStandIn,
):
    pools = SmtpPools(fresh_seconds=0)
    made = SmtpSettings.model_validate(settings(smtp_server))
    async with pools.line(made) as line:
        pass
    smtp_server.script(Step.NOOP, Do.STALL)
    send = asyncio.create_task(pools.line(made).__aenter__())
    await asyncio.to_thread(smtp_server.wait_for, Step.NOOP)
    send.cancel()
    with pytest.raises(asyncio.CancelledError):
        await send
    assert not line.client.is_connected
    await pools.close()


async def test_an_idle_connection_says_goodbye(smtp_server: SmtpStandIn, tools: Tools):
    hasty = replace(tools, resources=Resources(SmtpPools(idle_seconds=0.01)))
    await outcome("smtp", make_parcel(), settings(smtp_server), hasty)
    await asyncio.to_thread(smtp_server.wait_for, Step.QUIT)
    await hasty.close()


async def test_a_burst_stays_within_the_bound(smtp_server: SmtpStandIn, tools: Tools):
    results = await asyncio.gather(
        *(outcome("smtp", make_parcel(key=str(n)), settings(smtp_server), tools) for n in range(40))
    )
    assert all(isinstance(result, SendResult) for result in results)
    assert smtp_server.connections <= 16


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_tls_protects_the_line(security: str, tmp_path: Path, tools: Tools):
    context = server_context(tmp_path)
    starttls, tls = (context, None) if security == "starttls" else (None, context)
    with SmtpStandIn(login=("hub", CANARY), starttls=starttls, tls=tls) as server:
        untrusted = settings(server, security=security)
        error = await outcome("smtp", make_parcel(), untrusted, tools)
        assert type(error) is Transient
        assert Step.AUTH not in server.steps
        trusted = settings(server, security=security, verify_certificates=False)
        assert isinstance(await outcome("smtp", make_parcel(), trusted, tools), SendResult)


async def test_without_the_tls_that_was_asked_for_nothing_is_sent(
    smtp_server: SmtpStandIn, tools: Tools
):
    error = await outcome("smtp", make_parcel(), settings(smtp_server, security="starttls"), tools)
    assert type(error) is Transient
    assert Step.AUTH not in smtp_server.steps


async def test_letters_beyond_ascii_go_where_the_server_takes_them(
    smtp_server: SmtpStandIn, tools: Tools
):
    parcel = make_parcel(to="añá@bücher.example")
    assert isinstance(await outcome("smtp", parcel, settings(smtp_server), tools), SendResult)
    assert smtp_server.messages[0].recipients == ("añá@xn--bcher-kva.example",)


async def test_letters_beyond_ascii_are_not_sent_where_the_server_does_not(tools: Tools):
    with SmtpStandIn(login=("hub", CANARY), utf8=False) as server:
        error = await outcome("smtp", make_parcel(to="añá@example.com"), settings(server), tools)
        assert type(error) is UnsupportedContent
        # The domain alone is no trouble.
        parcel = make_parcel(to="ana@bücher.example")
        assert isinstance(await outcome("smtp", parcel, settings(server), tools), SendResult)


@pytest.mark.parametrize("to", ["", "ana", "@example.com", "a b@example.com", "ana@exa mple.com"])
async def test_what_is_no_address_is_dead(to: str, smtp_server: SmtpStandIn, tools: Tools):
    error = await outcome("smtp", make_parcel(to=to), settings(smtp_server), tools)
    assert isinstance(error, Permanent)
    assert error.dead_address
    assert smtp_server.connections == 0


@pytest.mark.parametrize("step", [Step.AUTH, Step.RCPT, Step.END])
async def test_a_server_that_repeats_the_password_is_not_quoted(
    step: Step, smtp_server: SmtpStandIn, tools: Tools
):
    smtp_server.always(step, f"550 you said {CANARY}")
    error = await outcome("smtp", make_parcel(), settings(smtp_server), tools)
    assert isinstance(error, Permanent | Transient)
    assert CANARY not in f"{error} {error!r} {error.__dict__} {error.__context__!r}"
    assert "you said" in error.detail


async def test_answers_come_back_over_smtp_too(smtp_server: SmtpStandIn, tools: Tools):
    parcel = make_parcel(reply_token="a" * 39)
    wanted = settings(smtp_server, reply_domain="in.sender.test")
    assert isinstance(await outcome("smtp", parcel, wanted, tools), SendResult)
    [mail] = smtp_server.messages
    assert mail.parsed["Reply-To"] == f"reply+{'a' * 39}@in.sender.test"
