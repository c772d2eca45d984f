"""Settings: read once, typed, with a sentence for each mistake."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from inbox_app.config import InvalidSettings, Settings, async_url


def test_an_empty_environment_gives_a_server_that_starts():
    settings = Settings.from_env({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://localhost:8000"
    assert settings.data_dir.is_absolute()
    assert settings.database_url == f"sqlite+aiosqlite:///{settings.data_dir / 'inbox.db'}"
    assert settings.demo


def test_every_variable_is_read():
    settings = Settings.from_env(
        {
            "INBOX_HOST": "0.0.0.0",
            "INBOX_PORT": "9000",
            "INBOX_DATA_DIR": "/srv/inbox",
            "INBOX_DATABASE_URL": "postgresql://u:p@db/inbox",
            "INBOX_REDIS_URL": "redis://cache",
            "INBOX_SECRET_KEY": "k" * 32,
            "INBOX_PUBLIC_URL": "https://inbox.example/",
            "INBOX_DEMO": "no",
            "INBOX_SESSION_DAYS": "7",
            "INBOX_WORKER_PARALLEL": "8",
            "INBOX_ALLOW_HOSTS": "Mail.LAN, 10.0.0.0/8,127.0.0.1,, ::1",
            "INBOX_PROXY": "http://user:secret@proxy.lan:3128",
        }
    )
    assert settings == Settings(
        host="0.0.0.0",
        port=9000,
        data_dir=Path("/srv/inbox"),
        database_url="postgresql+asyncpg://u:p@db/inbox",
        redis_url="redis://cache",
        secret_key="k" * 32,
        public_url="https://inbox.example",
        demo=False,
        session_days=7,
        worker_parallel=8,
        allow_hosts=("mail.lan", "10.0.0.0/8", "127.0.0.1", "::1"),
        proxy="http://user:secret@proxy.lan:3128",
    )


def test_an_empty_or_blank_variable_counts_as_not_set():
    assert Settings.from_env({"INBOX_PORT": " ", "INBOX_HOST": ""}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("INBOX_PORT", "http"),
        ("INBOX_PORT", "0"),
        ("INBOX_PORT", "65536"),
        ("INBOX_SECRET_KEY", "short"),
        ("INBOX_DATABASE_URL", "mysql://db/inbox"),
        ("INBOX_DATABASE_URL", "inbox.db"),
        ("INBOX_DEMO", "perhaps"),
        ("INBOX_SESSION_DAYS", "a month"),
        ("INBOX_SESSION_DAYS", "-1"),
        ("INBOX_WORKER_PARALLEL", "all"),
        ("INBOX_WORKER_PARALLEL", "0"),
        ("INBOX_WORKER_PARALLEL", "65"),
        ("INBOX_PUBLIC_URL", "inbox.example"),
        ("INBOX_PUBLIC_URL", "ftp://inbox.example"),
        ("INBOX_PUBLIC_URL", "https://übung.example"),
        ("INBOX_PUBLIC_URL", "https://inbox.example/a b"),
        ("INBOX_PUBLIC_URL", "https://inbox.example/" + "x" * 500),
        ("INBOX_ALLOW_HOSTS", "http://mail.lan"),
        ("INBOX_ALLOW_HOSTS", "mail.lan:25"),
        ("INBOX_ALLOW_HOSTS", "mail.lan, -"),
        ("INBOX_ALLOW_HOSTS", "*"),
        ("INBOX_ALLOW_HOSTS", "10.0.0.1/8"),
        ("INBOX_ALLOW_HOSTS", "10.0.0.300"),
        ("INBOX_PROXY", "proxy.lan:3128"),
        ("INBOX_PROXY", "socks5://proxy.lan"),
        ("INBOX_PROXY", "http://proxy.lan/path"),
    ],
)
def test_a_mistake_names_its_variable(variable: str, value: str):
    with pytest.raises(InvalidSettings, match=variable):
        Settings.from_env({variable: value})


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("", ""),
        ("sqlite:////folder/a.db", "sqlite+aiosqlite:////folder/a.db"),
        ("sqlite+aiosqlite:////folder/a.db", "sqlite+aiosqlite:////folder/a.db"),
        ("postgresql://db/inbox?sslmode=require", "postgresql+asyncpg://db/inbox?ssl=require"),
        ("postgres://db/inbox", "postgresql+asyncpg://db/inbox"),
        ("postgresql://db/inbox", "postgresql+asyncpg://db/inbox"),
    ],
)
def test_the_async_driver_is_added(url: str, driver: str):
    assert async_url(url) == driver


def test_a_relative_database_does_not_move_with_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert async_url("sqlite:///a.db") == f"sqlite+aiosqlite:///{tmp_path}/a.db"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1"])
def test_people_on_this_machine_use_its_name(host: str):
    assert Settings(host=host).public_url == "http://localhost:8000"


def test_settings_refuse_late_change():
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_the_secret_is_not_shown():
    assert "k" * 32 not in repr(Settings(secret_key="k" * 32))
