"""Who calls: four schemes, and nothing else."""

from __future__ import annotations

import base64
import os

import httpx
import pytest

from inbox_app.domain.environment import Environment
from inbox_app.lib import signing
from inbox_app.runtime import Runtime
from inbox_app.services import environments
from tests.api.calls import a_send, as_user, assert_refused, basic, bearer, latin, ok
from tests.factories import make_environment, make_key

INBOX = "/api/user/inapp"
FOR_APPLICATIONS = [
    ("POST", "/api/send"),
    ("GET", "/api/users"),
    ("DELETE", "/api/users/ada"),
]
FOR_ALL = [
    ("GET", "/api/users/account-metadata"),
    ("GET", "/api/users/ada"),
    ("POST", "/api/users/ada"),
    ("GET", f"{INBOX}?userId=ada"),
    ("PATCH", f"{INBOX}?userId=ada"),
    ("GET", f"{INBOX}/unread?userId=ada"),
    ("PATCH", f"{INBOX}/unread?userId=ada"),
    ("GET", f"{INBOX}/changes?since=0&userId=ada"),
]


async def secured(rt: Runtime, environment: Environment) -> None:
    await environments.set_secure_mode(rt, environment, True)


@pytest.mark.parametrize(("method", "path"), FOR_APPLICATIONS + FOR_ALL)
async def test_an_application_may_call_everything_by_key_or_secret(
    client: httpx.AsyncClient, environment: Environment, api_key: str, method: str, path: str
):
    body = a_send() if path == "/api/send" else {}
    for headers in (bearer(api_key), basic(environment.client_id, environment.client_secret)):
        answer = await client.request(method, path, json=body, headers=headers)
        assert answer.status_code not in {401, 403}, answer.text


@pytest.mark.parametrize(("method", "path"), FOR_APPLICATIONS)
async def test_an_end_user_may_not_do_what_applications_do(
    client: httpx.AsyncClient, environment: Environment, method: str, path: str
):
    answer = await client.request(method, path, json=a_send(), headers=as_user(environment))
    assert_refused(answer, 403, "FORBIDDEN")


@pytest.mark.parametrize(("method", "path"), FOR_ALL)
async def test_an_end_user_may_use_what_is_theirs(
    client: httpx.AsyncClient, environment: Environment, method: str, path: str
):
    for headers in (
        as_user(environment),
        basic(
            environment.client_id, "ada", signing.end_user_hash(environment.client_secret, "ada")
        ),
    ):
        answer = await client.request(method, path, json={}, headers=headers)
        assert answer.status_code not in {401, 403}, answer.text


@pytest.mark.parametrize(("method", "path"), FOR_ALL[1:])
async def test_an_end_user_may_not_use_what_is_anothers(
    client: httpx.AsyncClient, environment: Environment, method: str, path: str
):
    answer = await client.request(method, path, json={}, headers=as_user(environment, "ben"))
    assert_refused(answer, 403, "FORBIDDEN")


NOBODY = [
    *(None, "", "Bearer", "Bearer ", "Bearer wrong", "bearer\twrong", "Basic", "Basic ", "x"),
    *("Basic !!!", "Basic YQ", "Basic =", "Token abc", "Basic " + "A" * 100_000, "Bearer \xe9\xff"),
    *(
        "Basic " + base64.b64encode(plain).decode()
        for plain in (b"\xff\xfe:x", b"nocolon", b":ada", b"client_unknown:ada", b"a\0b:ada")
    ),
]


@pytest.mark.parametrize(("method", "path"), [*FOR_APPLICATIONS, *FOR_ALL])
async def test_without_valid_credentials_everything_is_refused(
    client: httpx.AsyncClient, environment: Environment, method: str, path: str
):
    for header in NOBODY:
        headers = latin({} if header is None else {"Authorization": header})
        answer = await client.request(method, path, json={}, headers=headers)
        assert_refused(answer, 401, "UNAUTHORIZED")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_credentials_must_name_a_usable_id(
    client: httpx.AsyncClient, environment: Environment
):
    for user_id in ("", "\0", "a\0b", "x" * 257):
        answer = await client.get(INBOX, headers=as_user(environment, user_id))
        assert_refused(answer, 401, "UNAUTHORIZED")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_name_of_a_scheme_is_read_in_any_case(
    client: httpx.AsyncClient, api_key: str, scheme: str
):
    ok(await client.get("/api/users", headers={"Authorization": f"{scheme} {api_key}"}))


@pytest.mark.parametrize("user_id", ["ada", "a:b", "a:b:c", "é", "a" * 44, "x:" + "y" * 20])
async def test_in_secure_mode_the_hash_must_be_there_and_right(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment, user_id: str
):
    await secured(runtime, environment)
    proof = signing.end_user_hash(environment.client_secret, user_id)
    ok(await client.get(INBOX, headers=basic(environment.client_id, user_id, proof)))
    for wrong in (
        as_user(environment, user_id),
        basic(environment.client_id, user_id, ""),
        basic(environment.client_id, user_id, proof.lower()),
        basic(environment.client_id, user_id + "x", proof),
        basic(environment.client_id, user_id, signing.end_user_hash("other", user_id)),
    ):
        assert_refused(await client.get(INBOX, headers=wrong), 401, "UNAUTHORIZED")


async def test_secure_mode_leaves_applications_alone(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment, api_key: str
):
    await secured(runtime, environment)
    for headers in (bearer(api_key), basic(environment.client_id, environment.client_secret)):
        ok(await client.get("/api/users", headers=headers))


async def test_a_wrong_hash_is_refused_where_none_is_needed(
    client: httpx.AsyncClient, environment: Environment
):
    wrong = base64.b64encode(os.urandom(32)).decode()
    answer = await client.get(INBOX, headers=basic(environment.client_id, "ada", wrong))
    assert_refused(answer, 401)


async def test_ids_with_colons_need_no_care_without_secure_mode(
    client: httpx.AsyncClient, environment: Environment, api_key: str
):
    await client.post("/api/send", json=a_send("team:1:ada"), headers=bearer(api_key))
    found = ok(await client.get(INBOX, headers=as_user(environment, "team:1:ada")))
    assert len(found["notifications"]) == 1


async def test_a_key_or_secret_of_another_environment_reaches_nothing_here(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment, api_key: str
):
    await client.post("/api/send", json=a_send(), headers=bearer(api_key))
    other = await make_environment(runtime, "Other")
    for headers in (bearer(await make_key(runtime, other)), as_user(other)):
        found = ok(await client.get(f"{INBOX}?userId=ada", headers=headers))
        assert found == {"notifications": []}
    # Another environment's secret is no secret here; at most it reads as somebody's id.
    mixed = basic(environment.client_id, other.client_secret)
    assert_refused(await client.get("/api/users", headers=mixed), 403)


async def test_no_answer_repeats_a_credential(
    client: httpx.AsyncClient, environment: Environment, api_key: str
):
    secrets = [api_key[:-1] + "x", environment.client_secret[:-1] + "x"]
    for secret in secrets:
        for headers in (bearer(secret), basic(environment.client_id, "ada", secret)):
            answer = await client.get(INBOX, headers=headers)
            assert secret not in answer.text
            assert secret not in str(answer.headers)
