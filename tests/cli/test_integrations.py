"""``inbox integrations``: set up from a terminal, with secrets out of its history."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Protocol

import pytest
from typer.testing import CliRunner, Result

from inbox_app.cli.main import app
from inbox_app.cli.session import with_runtime
from inbox_app.config import Settings
from inbox_app.services import environments
from tests.channels.parcels import CANARY
from tests.databases import SqliteFiles
from tests.standins.smtp import SmtpStandIn

MAIL = ("host=127.0.0.1", "security=none", "from_address=hub@acme.example")


class Integrations(Protocol):
    """Runs ``inbox integrations`` with a data folder of its own; ``given`` is standard input."""

    def __call__(self, *words: str, given: str | None = None) -> Result: ...


@pytest.fixture
def integrations(tmp_path: Path, sqlite_files: SqliteFiles) -> Integrations:
    sqlite_files.new(tmp_path / "inbox.db")
    asyncio.run(
        with_runtime(Settings(data_dir=tmp_path), lambda rt: environments.create(rt, "Acme"))
    )

    def run(*words: str, given: str | None = None) -> Result:
        environment = {"INBOX_DATA_DIR": str(tmp_path)}
        return CliRunner().invoke(app, ["integrations", *words], input=given, env=environment)

    return run


def said(result: Result) -> str:
    """What the command printed; it must have worked."""
    assert result.exit_code == 0, result.output
    return result.stdout


def gives_up(result: Result) -> str:
    """The one sentence of a command that could not."""
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output


def number(result: Result) -> str:
    return said(result).split()[1]


def test_one_that_is_added_is_listed_tried_and_removed(integrations: Integrations):
    with SmtpStandIn(login=("hub", CANARY)) as server:
        words = ("email", "smtp", *MAIL, f"port={server.port}", "username=hub", "--name=Post")
        secret = json.dumps({"password": CANARY})
        made = number(integrations("add", *words, "--stdin", "--rate=5", given=secret))
        listed = said(integrations("list"))
        assert made in listed
        assert "Post" in listed
        assert "host=127.0.0.1" in listed
        assert "password=…" in listed
        assert CANARY not in listed
        assert said(integrations("test", made, "ada@acme.example")).startswith("sent: ")
        assert len(server.messages) == 1
    assert "connect" in gives_up(integrations("test", made, "ada@acme.example")).lower()
    assert said(integrations("remove", made)) == f"Integration {made} is removed.\n"
    assert said(integrations("list")) == ""
    assert "no integration" in gives_up(integrations("remove", made))


def test_the_providers_say_what_they_need(integrations: Integrations):
    shown = said(integrations("providers"))
    assert "smtp  (SMTP: EMAIL)" in shown
    assert "host                 Server (needed)" in shown


@pytest.mark.parametrize("word", ["add", "list", "test", "remove", "providers"])
def test_each_word_has_help(integrations: Integrations, word: str):
    assert "Usage" in said(integrations(word, "--help"))


@pytest.mark.parametrize(
    ("words", "given", "told"),
    [
        (("email", "pigeon"), None, "no provider 'pigeon'"),
        (("sms", "smtp", *MAIL), None, "smtp does not carry SMS"),
        (("email", "smtp", *MAIL, f"port={CANARY}"), None, "Port: "),
        (("email", "smtp", *MAIL, CANARY), None, "not KEY=VALUE"),
        (("email", "smtp", *MAIL, "--stdin"), f"{{{CANARY}", "no JSON object"),
        (("email", "smtp", *MAIL, "--stdin"), f'["{CANARY}"]', "no JSON object"),
        (("email", "smtp", *MAIL, "--client-id=none"), None, "no environment 'none'"),
    ],
)
def test_what_cannot_be_added_is_one_sentence(
    integrations: Integrations, words: tuple[str, ...], given: str | None, told: str
):
    shown = gives_up(integrations("add", *words, given=given))
    assert told in shown
    assert CANARY not in shown
    assert said(integrations("list")) == ""
