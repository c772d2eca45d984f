"""The ``inbox`` command: what each word does, and one sentence when it cannot."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
import pytest
from typer.testing import CliRunner, Result

from inbox_app import __version__
from inbox_app.cli.main import app
from inbox_app.cli.session import with_runtime
from inbox_app.config import Settings
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import access, environments, first_start, integrations
from inbox_app.storage import migrate, outbox
from tests.databases import SqliteFiles
from tests.factories import make_environment, make_user
from tests.servers import ApiProcess, RedisServer, api_process, redis_server

Made = TypeVar("Made")


class Inbox(Protocol):
    """Runs the command with a data folder of its own; settings are upper-case keywords."""

    def __call__(self, *words: str, **settings: str) -> Result: ...


@pytest.fixture
def data_dir(tmp_path: Path, sqlite_files: SqliteFiles) -> Path:
    """A data folder with a migrated, empty database."""
    sqlite_files.new(tmp_path / "inbox.db")
    return tmp_path


@pytest.fixture
def inbox(data_dir: Path) -> Inbox:
    def run(*words: str, **settings: str) -> Result:
        environment = {"INBOX_DATA_DIR": str(data_dir), **settings}
        return CliRunner().invoke(app, words, env=environment)

    return run


def prepare(data_dir: Path, work: Callable[[Runtime], Awaitable[Made]], **settings: Any) -> Made:
    """Works on the data folder without the command."""
    return asyncio.run(with_runtime(Settings(data_dir=data_dir, **settings), work))


@pytest.fixture
def acme(data_dir: Path) -> None:
    """The folder's first environment, with two users."""

    async def work(rt: Runtime) -> None:
        environment = await make_environment(rt, "Acme")
        await make_user(rt, environment, "ada", email="ada@acme.example")
        await make_user(rt, environment, "ben", properties={"name": "Ben Okafor"})

    prepare(data_dir, work)


@pytest.fixture
def demo(data_dir: Path) -> None:
    """The folder as it is after a first start."""
    prepare(data_dir, first_start.ensure)


def said(result: Result) -> str:
    """What the command printed; it must have worked."""
    assert result.exit_code == 0, result.output
    return result.stdout


def assert_gives_up(result: Result, *words: str) -> None:
    """Checks for status 1 and one sentence on standard error, nothing else."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr


# The command itself


def test_the_version_is_told(inbox: Inbox):
    assert said(inbox("--version")) == f"inbox {__version__}\n"


def test_the_help_names_every_command(inbox: Inbox):
    shown = said(inbox("--help"))
    words = ("run", "send", "users", "keys", "migrate", "demo", "doctor")
    assert all(word in shown for word in words)


@pytest.mark.parametrize("words", [("users",), ("keys",), ()])
def test_without_a_word_the_help_is_shown(inbox: Inbox, words: tuple[str, ...]):
    assert "Usage" in inbox(*words).output


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("INBOX_PORT", "http"),
        ("INBOX_SECRET_KEY", "short"),
        ("INBOX_DATABASE_URL", "mysql://db/inbox"),
        ("INBOX_DATABASE_URL", "postgresql://db:port/inbox"),
        ("INBOX_DEMO", "perhaps"),
        ("INBOX_PUBLIC_URL", "nonsense"),
        ("INBOX_PUBLIC_URL", "ftp://x"),
    ],
)
@pytest.mark.parametrize("word", ["keys", "run", "send"])
def test_a_bad_setting_is_one_sentence(inbox: Inbox, word: str, setting: str, value: str):
    words = {"keys": ["list"], "run": [], "send": ["--to=ada", "--title=Hello"]}[word]
    if (word, value) == ("run", "postgresql://db:port/inbox"):
        # Found by the first use of the database, which `run` reaches after the build.
        words, word = ["list"], "users"
    assert_gives_up(inbox(word, *words, **{setting: value}), setting)


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/none/none.db"]
)
def test_a_database_out_of_reach_is_one_sentence(inbox: Inbox, url: str):
    assert_gives_up(inbox("keys", "list", INBOX_DATABASE_URL=url))


def test_a_data_folder_that_cannot_be_made_is_one_sentence(inbox: Inbox):
    assert_gives_up(inbox("keys", "list", INBOX_DATA_DIR="/proc/none"), "/proc/none")


def test_a_file_that_is_no_database_is_one_sentence(inbox: Inbox, data_dir: Path):
    (data_dir / "inbox.db").write_bytes(b"no database, but long enough to look like one " * 50)
    assert_gives_up(inbox("keys", "list"), "database")


def test_a_database_of_another_version_is_one_sentence(inbox: Inbox, data_dir: Path):
    (data_dir / "inbox.db").unlink()
    assert_gives_up(inbox("keys", "list"), "inbox doctor")


def test_a_secret_key_that_is_not_the_databases_is_one_sentence(inbox: Inbox, acme: None):
    assert_gives_up(inbox("keys", "list", INBOX_SECRET_KEY="x" * 40), "INBOX_SECRET_KEY")


def test_a_taken_port_is_one_sentence(inbox: Inbox):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        assert_gives_up(inbox("run", INBOX_PORT=port), port, "is taken", "INBOX_PORT")


# migrate


def test_migrating_brings_an_empty_folder_to_the_newest_schema(inbox: Inbox, data_dir: Path):
    (data_dir / "inbox.db").unlink()
    for _ in range(2):
        assert said(inbox("migrate")) == f"The database is at schema {migrate.newest()}.\n"
    assert said(inbox("keys", "list")) == ""


# keys


def test_a_key_is_made_used_and_revoked(inbox: Inbox, data_dir: Path, acme: None):
    secret = said(inbox("keys", "create", "ci")).strip()

    async def opens(rt: Runtime) -> str:
        return (await access.by_api_key(rt, secret)).title

    assert prepare(data_dir, opens) == "Acme"
    listed = said(inbox("keys", "list"))
    assert secret not in listed
    key = re.search(rf"^  (\d+) +ci +…{re.escape(secret[-4:])}  made \S+$", listed, re.MULTILINE)
    assert key, listed
    assert said(inbox("keys", "revoke", key[1])) == f"Key {key[1]} is revoked.\n"
    assert said(inbox("keys", "list")).rstrip().endswith("revoked")
    assert_gives_up(inbox("keys", "revoke", key[1]), "no active key", "inbox keys list")


def test_a_key_for_an_unknown_environment_is_one_sentence(inbox: Inbox, acme: None):
    assert_gives_up(inbox("keys", "create", "ci", "--client-id", "client_x"), "'client_x'")


def test_a_key_without_any_environment_is_one_sentence(inbox: Inbox):
    assert_gives_up(inbox("keys", "create", "ci"), "no environment yet", "inbox run")


@pytest.mark.parametrize(("on", "told"), [("true", "on"), ("false", "off")])
def test_secure_mode_is_switched(inbox: Inbox, acme: None, on: str, told: str):
    assert said(inbox("keys", "secure", on)) == f"Secure mode is {told}.\n"


# users


def test_users_are_listed_page_by_page(inbox: Inbox, acme: None):
    first = inbox("users", "list", "--limit", "1")
    assert said(first).split() == ["ada", "ada@acme.example", "ada"]
    assert "--after ada" in first.stderr
    assert said(inbox("users", "list", "--after", "ada")).split() == ["ben", "-", "Ben", "Okafor"]


def test_a_printed_link_signs_a_user_in(inbox: Inbox, data_dir: Path, acme: None):
    link = said(inbox("users", "sign-in", "ada", INBOX_PUBLIC_URL="https://inbox.example"))
    assert link.startswith("https://inbox.example/sign-in?token=")

    async def sign_in(rt: Runtime) -> str:
        session = await access.sign_in(rt, link.strip().partition("token=")[2])
        viewer = await access.viewer(rt, session.token)
        return viewer.view.name if viewer else ""

    assert prepare(data_dir, sign_in) == "ada"


def test_a_user_is_deleted_after_a_question(inbox: Inbox, acme: None):
    assert inbox("users", "delete", "ada").exit_code == 1
    assert said(inbox("users", "list")).startswith("ada")
    assert said(inbox("users", "delete", "ada", "--yes")) == "ada is deleted.\n"
    assert said(inbox("users", "list")).startswith("ben")
    assert_gives_up(inbox("users", "delete", "ada", "--yes"), "There is no user 'ada'")


# demo


def test_the_demo_prints_what_a_script_needs(inbox: Inbox, data_dir: Path, demo: None):
    found = json.loads(said(inbox("demo", "--json", INBOX_PORT="8123")))
    assert found.keys() == {"base_url", "api_key", "client_id", "client_secret", "users"}
    assert found["base_url"] == "http://localhost:8123/api"
    assert [user["id"] for user in found["users"]] == ["ada", "ben"]
    again = json.loads(said(inbox("demo", "--json", INBOX_PORT="8123")))
    assert again["api_key"] == found["api_key"]
    links = {user["sign_in_url"] for each in (found, again) for user in each["users"]}
    assert len(links) == 4

    async def sign_in(rt: Runtime) -> None:
        for link in links:
            await access.sign_in(rt, link.partition("token=")[2])

    prepare(data_dir, sign_in)


def test_the_demo_prints_what_a_person_needs(inbox: Inbox, demo: None):
    shown = said(inbox("demo"))
    key = json.loads(said(inbox("demo", "--json")))["api_key"]
    assert "http://localhost:8000/inbox/" in shown
    assert f"Bearer {key}" in shown
    assert shown.count("/sign-in?token=") == 2


def test_without_a_demo_there_is_nothing_to_print(inbox: Inbox, acme: None):
    assert json.loads(said(inbox("demo", "--json"))) == {}
    assert "/api/docs" in said(inbox("demo"))


# send


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles) -> Iterator[Any]:
    """A running API on a folder that has a demo, and the folder."""
    folder = tmp_path_factory.mktemp("server")
    sqlite_files.new(folder / "inbox.db")
    prepare(folder, first_start.ensure)
    with api_process(folder) as process:
        yield process, folder


@pytest.fixture
def api(server: tuple[ApiProcess, Path]) -> ApiProcess:
    return server[0]


def inbox_of(api: ApiProcess, user_id: str) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{api.url}/api/user/inapp",
        params={"userId": user_id},
        headers={"Authorization": f"Bearer {api.api_key}"},
    )
    return answer.raise_for_status().json()["notifications"]


def test_sending_prints_the_tracking_id_of_what_arrived(inbox: Inbox, api: ApiProcess):
    words = ("--to=carl", "--title=Hello", "--body=More", "--url=/go", "--type=kind")
    buttons = ("--action=Yes", "--action=No")
    settings = {"INBOX_PUBLIC_URL": api.url, "INBOX_API_KEY": api.api_key}
    tracking_id = said(inbox("send", *words, *buttons, **settings)).strip()
    (item,) = inbox_of(api, "carl")
    assert (item["id"], item["title"], item["body"]) == (tracking_id, "Hello", "More")
    assert (item["redirectURL"], item["notificationId"]) == ("/go", "kind")
    assert item["actions"] == [{"label": "Yes"}, {"label": "No"}]


def test_sending_twice_under_one_key_is_one_notification(inbox: Inbox, api: ApiProcess):
    words = ("--to=dora", "--title=Hello", "--idempotency-key=k1", "--api-key", api.api_key)
    sent = {said(inbox("send", *words, INBOX_PUBLIC_URL=api.url)) for _ in range(2)}
    assert len(sent) == 1
    assert len(inbox_of(api, "dora")) == 1


def test_without_a_key_the_demos_is_used(inbox: Inbox, server: tuple[ApiProcess, Path]):
    api, folder = server
    settings = {"INBOX_PUBLIC_URL": api.url, "INBOX_DATA_DIR": str(folder)}
    assert said(inbox("send", "--to=ada", "--title=Hello", **settings))


def test_without_a_key_and_a_demo_sending_is_one_sentence(inbox: Inbox, acme: None):
    assert_gives_up(inbox("send", "--to=ada", "--title=Hello"), "--api-key", "INBOX_API_KEY")


def test_what_the_server_remarks_is_told(inbox: Inbox, api: ApiProcess):
    words = ("--to=erna", "--title=Hi {{who}}", "--api-key", api.api_key)
    result = inbox("send", *words, INBOX_PUBLIC_URL=api.url)
    assert said(result).count("\n") == 1
    assert result.stderr == "No value for {{who}}.\n"


def test_what_the_server_refuses_is_one_sentence(inbox: Inbox, api: ApiProcess):
    settings = {"INBOX_PUBLIC_URL": api.url}
    refused = inbox("send", "--to=ada", "--title=", "--api-key", api.api_key, **settings)
    assert_gives_up(refused, "inapp.title is empty")
    refused = inbox("send", "--to=ada", "--title=x", "--api-key=wrong", **settings)
    assert_gives_up(refused, "API key is not valid")


def test_a_server_that_does_not_answer_is_one_sentence(inbox: Inbox):
    url = "http://127.0.0.1:1"
    result = inbox("send", "--to=ada", "--title=x", "--api-key=k", INBOX_PUBLIC_URL=url)
    assert_gives_up(result, "No answer", url)


def test_another_program_that_answers_is_one_sentence(inbox: Inbox, api: ApiProcess):
    # Its /healthz answers JSON of another kind to whatever is asked there.
    url = f"{api.url}/healthz?"
    result = inbox("send", "--to=ada", "--title=x", "--api-key=k", INBOX_PUBLIC_URL=url)
    assert_gives_up(result, "No answer")


# doctor


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


def checks(result: Result) -> dict[str, tuple[bool, str]]:
    """Each line of the doctor's: whether all is well, and what it found."""
    lines = [re.fullmatch(r"([✓✗]) (.{12}) (.+)", line) for line in result.stdout.splitlines()]
    assert all(lines), result.stdout
    return {line[2].strip(): (line[1] == "✓", line[3]) for line in lines if line}


def test_the_doctor_looks_at_everything(inbox: Inbox, acme: None, redis: RedisServer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    found = checks(inbox("doctor", INBOX_PORT=port, INBOX_REDIS_URL=redis.url))
    assert found.keys() == {
        *("Python", "Data folder", "Database", "Integrations", "Redis", "Front end", "Port"),
    }
    assert found["Integrations"] == (True, "none needs mending")
    assert found["Database"] == (True, "sqlite, 1 environment(s)")
    assert found["Redis"] == (True, "answers")
    assert found["Port"] == (True, f"{port} is free")


def test_the_doctor_says_what_to_do(inbox: Inbox, data_dir: Path, redis: RedisServer):
    (data_dir / "inbox.db").unlink()
    redis.stop()
    result = inbox("doctor", INBOX_REDIS_URL=redis.url)
    assert result.exit_code == 1
    found = checks(result)
    assert not found["Database"][0]
    assert "inbox migrate" in found["Database"][1]
    assert not found["Redis"][0]
    assert "INBOX_REDIS_URL" in found["Redis"][1]


def test_the_doctor_knows_what_providers_refuse(inbox: Inbox, data_dir: Path, acme: None):
    async def refused(rt: Runtime) -> None:
        [place] = await environments.every(rt)
        change: integrations.IntegrationChange = {
            "name": "Gateway",
            "settings": {"url": "https://sms.example/send"},
        }
        made = await integrations.add(rt, place, Channel.SMS, "http_sms", change)
        async with rt.database.write() as tx:
            await outbox.note_problems(tx, {made.integration.id: "It refuses the secret."})

    prepare(data_dir, refused)
    result = inbox("doctor")
    assert result.exit_code == 1
    assert checks(result)["Integrations"] == (False, "SMS by Gateway: It refuses the secret.")


def test_the_doctor_knows_a_port_that_is_in_use(inbox: Inbox, acme: None):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        found = checks(inbox("doctor", INBOX_PORT=port))
    assert found["Port"][0]
    assert "in use" in found["Port"][1]


def test_the_doctor_finds_a_bad_setting(inbox: Inbox):
    result = inbox("doctor", INBOX_PORT="http")
    assert result.exit_code == 1
    assert checks(result)["Settings"] == (
        False,
        "INBOX_PORT must be a whole number, not 'http'.",
    )
