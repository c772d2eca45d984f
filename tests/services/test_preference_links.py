"""Links that open the preference centre."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from inbox_app.domain.address_code import AddressKind
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound, Refused
from inbox_app.lib import links
from inbox_app.lib.links import PreferenceLink
from inbox_app.runtime import Runtime
from inbox_app.services import preference_links, users
from inbox_app.services.addresses import ask
from tests.clock import SetClock
from tests.factories import make_environment, make_user, send
from tests.pipeline.test_delivering import ONLY_MAIL, captured, drain

START = "http://localhost:8000/preferences/?key="


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_link_opens_the_preferences_of_its_person(
    runtime: Runtime, environment: Environment
):
    ada = await make_user(runtime, environment, "ada")
    made = await preference_links.make(runtime, environment, "ada")
    found = await preference_links.resolve(runtime, made.url.partition("key=")[2])
    assert found.id == ada.id
    with pytest.raises(NotFound):
        await preference_links.make(runtime, await make_environment(runtime, "Other"), "ada")


async def test_a_link_expires_after_thirty_days(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_user(runtime, environment, "ada")
    token = (await preference_links.make(runtime, environment, "ada")).url.partition("key=")[2]
    clock.advance(days=30, microseconds=-1)
    await preference_links.resolve(runtime, token)
    clock.advance(microseconds=1)
    with pytest.raises(Refused, match="has expired"):
        await preference_links.resolve(runtime, token)


async def test_revoked_links_are_void_and_later_ones_work(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_user(runtime, environment, "ada")
    await make_user(runtime, environment, "ben")
    old, bens = [
        (await preference_links.make(runtime, environment, name)).url.partition("key=")[2]
        for name in ("ada", "ben")
    ]
    for _ in range(2):
        await preference_links.revoke(runtime, environment, "ada")
        with pytest.raises(Refused, match="was revoked"):
            await preference_links.resolve(runtime, old)
        clock.advance(seconds=1)
    new = (await preference_links.make(runtime, environment, "ada")).url.partition("key=")[2]
    await preference_links.resolve(runtime, new)
    await preference_links.resolve(runtime, bens)


async def test_what_is_no_link_is_refused(runtime: Runtime, environment: Environment):
    await make_user(runtime, environment, "ada")
    made = (await preference_links.make(runtime, environment, "ada")).url.partition("key=")[2]
    far = links.preference_token(runtime.sealer, PreferenceLink(1, 2**63 - 1))
    for token in ("", "x", made[:-1], made + "A", far, "ä" * 43):
        with pytest.raises(NotFound):
            await preference_links.resolve(runtime, token)
    await users.remove(runtime, environment, "ada")
    with pytest.raises(NotFound):
        await preference_links.resolve(runtime, made)


async def mail_html(rt: Runtime, environment: Environment, **changes: Any) -> str:
    await send(rt, environment, **ONLY_MAIL | changes)
    await drain(rt)
    return (await captured(rt, environment))[-1].fields["html"]


async def test_an_email_carries_a_link(runtime: Runtime, environment: Environment):
    html = await mail_html(runtime, environment)
    (token,) = re.findall(rf"{re.escape(START)}([\w-]+)", html)
    assert (await preference_links.resolve(runtime, token)).external_id == "ada"


async def test_mail_to_an_address_that_is_not_proven_carries_none(
    runtime: Runtime, environment: Environment
):
    user = await make_user(runtime, environment, "ada", email="ada@acme.example")
    await ask(runtime, user.id, AddressKind.EMAIL, "new@acme.example")
    (mail,) = await captured(runtime, environment)
    assert "/preferences/" not in mail.fields["html"]


async def test_the_page_to_unsubscribe_leads_there_while_the_links_of_its_mail_work(
    runtime: Runtime, environment: Environment, client: httpx.AsyncClient, clock: SetClock
):
    html = await mail_html(runtime, environment)
    (path,) = set(re.findall(r"http://localhost:8000(/unsubscribe/[\w-]+)", html))
    page = (await client.get(path)).text
    (token,) = re.findall(rf"{re.escape(START)}([\w-]+)", page)
    assert (await preference_links.resolve(runtime, token)).external_id == "ada"
    clock.advance(seconds=1)
    await preference_links.revoke(runtime, environment, "ada")
    assert "/preferences/" not in (await client.get(path)).text


async def test_an_application_makes_and_revokes_links(
    runtime: Runtime, environment: Environment, client: httpx.AsyncClient, api_key: str
):
    await make_user(runtime, environment, "ada")
    answer = await client.post("/api/users/ada/preference-link", headers=bearer(api_key))
    assert answer.status_code == 200
    assert answer.json()["expiresAt"] == "2026-04-01T09:30:00Z"
    token = answer.json()["url"].removeprefix(START)
    await preference_links.resolve(runtime, token)
    gone = await client.delete("/api/users/ada/preference-link", headers=bearer(api_key))
    assert gone.status_code == 200
    with pytest.raises(Refused):
        await preference_links.resolve(runtime, token)
    nobody = await client.post("/api/users/nobody/preference-link", headers=bearer(api_key))
    assert nobody.status_code == 404
    assert (await client.post("/api/users/ada/preference-link")).status_code == 401
