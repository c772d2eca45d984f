"""Settings: read once from the environment, typed, frozen.

The only module that reads ``os.environ``. Everything else receives a `Settings`
value from `bootstrap`; tests build one directly.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_DATA_DIR = Path("data")
MIN_SECRET_LENGTH = 32
MAX_PORT = 65535
LONGEST_SESSION = 3650
LONGEST_LEASE = 600
MOST_PARALLEL = 64
LONGEST_URL = 500
WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]+")
"""ASCII without spaces and angle brackets, so that it can stand in the header of an e-mail."""
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")


class InvalidSettings(Exception):
    """A setting cannot be used; the message says which one and what to do."""


@dataclass(frozen=True)
class Settings:
    """All settings of one process.

    Attributes:
        host: Address the server listens on.
        port: TCP port, 1 to 65535.
        data_dir: The one folder the server writes to; made when missing.
        database_url: SQLAlchemy URL with an async driver.
        redis_url: ``redis://...`` when several processes share the live hub, else None.
        secret_key: Key material that seals stored secrets, at least 32 characters. None: one is
            made on first start and kept in the data folder.
        public_url: Address people use to reach the server, without a trailing slash.
        demo: Whether a first start seeds the demo environment.
        session_days: How long a signed-in browser stays signed in, days.
        worker_parallel: Batches of deliveries that a process works on at a time.
        lease_seconds: How soon others take over from a worker that died, seconds.
        allow_hosts: Host names, addresses and networks (``10.0.0.0/8``) that outgoing requests
            may reach although they are private; in lower case.
        proxy: URL of the HTTP proxy that outgoing HTTP goes through; "" for none.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data_dir: Path = DEFAULT_DATA_DIR
    database_url: str = field(default="", repr=False)
    redis_url: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    public_url: str = ""
    demo: bool = True
    session_days: int = 30
    worker_parallel: int = 4
    lease_seconds: int = 15
    allow_hosts: tuple[str, ...] = ()
    proxy: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.port <= MAX_PORT:
            raise InvalidSettings(f"INBOX_PORT must be between 1 and {MAX_PORT}, not {self.port}.")
        if not 1 <= self.session_days <= LONGEST_SESSION:
            raise InvalidSettings(
                f"INBOX_SESSION_DAYS must be between 1 and {LONGEST_SESSION}, "
                f"not {self.session_days}."
            )
        if not 1 <= self.lease_seconds <= LONGEST_LEASE:
            raise InvalidSettings(
                f"INBOX_LEASE_SECONDS must be between 1 and {LONGEST_LEASE}, "
                f"not {self.lease_seconds}."
            )
        if not 1 <= self.worker_parallel <= MOST_PARALLEL:
            raise InvalidSettings(
                f"INBOX_WORKER_PARALLEL must be between 1 and {MOST_PARALLEL}, "
                f"not {self.worker_parallel}."
            )
        if self.secret_key is not None and len(self.secret_key) < MIN_SECRET_LENGTH:
            raise InvalidSettings(
                f"INBOX_SECRET_KEY must have at least {MIN_SECRET_LENGTH} characters. Make one "
                "with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if not self.database_url:
            object.__setattr__(self, "database_url", sqlite_url(self.data_dir / "inbox.db"))
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://{browser_host(self.host)}:{self.port}")
        if not WEB_ADDRESS.fullmatch(self.public_url) or len(self.public_url) > LONGEST_URL:
            raise InvalidSettings(
                "INBOX_PUBLIC_URL must be a web address such as https://inbox.example, with other "
                "letters than ASCII in their xn-- form."
            )

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Reads ``INBOX_*`` variables; an empty variable counts as not set.

        Raises:
            InvalidSettings: a value cannot be used.
        """
        values = {k: v.strip() for k, v in (os.environ if env is None else env).items()}
        return cls(
            host=values.get("INBOX_HOST") or DEFAULT_HOST,
            port=_integer("INBOX_PORT", values.get("INBOX_PORT") or str(DEFAULT_PORT)),
            data_dir=Path(values.get("INBOX_DATA_DIR") or DEFAULT_DATA_DIR).absolute(),
            database_url=async_url(values.get("INBOX_DATABASE_URL") or ""),
            redis_url=values.get("INBOX_REDIS_URL") or None,
            secret_key=values.get("INBOX_SECRET_KEY") or None,
            public_url=(values.get("INBOX_PUBLIC_URL") or "").rstrip("/"),
            demo=_flag("INBOX_DEMO", values.get("INBOX_DEMO") or "1"),
            session_days=_integer("INBOX_SESSION_DAYS", values.get("INBOX_SESSION_DAYS") or "30"),
            lease_seconds=_integer(
                "INBOX_LEASE_SECONDS", values.get("INBOX_LEASE_SECONDS") or "15"
            ),
            worker_parallel=_integer(
                "INBOX_WORKER_PARALLEL", values.get("INBOX_WORKER_PARALLEL") or "4"
            ),
            allow_hosts=_hosts("INBOX_ALLOW_HOSTS", values.get("INBOX_ALLOW_HOSTS") or ""),
            proxy=_proxy("INBOX_PROXY", values.get("INBOX_PROXY") or ""),
        )


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path.absolute()}"


def async_url(url: str) -> str:
    """Adds the async driver to a plain ``sqlite://`` or ``postgresql://`` URL.

    Raises:
        InvalidSettings: the database is neither SQLite nor PostgreSQL.
    """
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
    }
    if scheme not in drivers:
        raise InvalidSettings(
            "INBOX_DATABASE_URL must start with sqlite:// or postgresql://, "
            f"not {scheme or 'nothing'}://."
        )
    if drivers[scheme].startswith("sqlite"):
        # A relative path must not move with the working directory.
        return sqlite_url(Path(rest.removeprefix("/")))
    # Its own drivers call the parameter sslmode, ours calls it ssl.
    return f"{drivers[scheme]}://{rest.replace('sslmode=', 'ssl=')}"


def browser_host(host: str) -> str:
    """The name a browser on this machine uses for a listening address."""
    return {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidSettings(f"{name} must be a whole number, not {text!r}.") from None


def _flag(name: str, text: str) -> bool:
    lowered = text.lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise InvalidSettings(f"{name} must be 1 or 0, not {text!r}.")


def _hosts(name: str, text: str) -> tuple[str, ...]:
    return tuple(_host(name, part.strip().lower()) for part in text.split(",") if part.strip())


def _proxy(name: str, text: str) -> str:
    if text and not re.fullmatch(r"https?://([^/@\s]+@)?[^/@\s?#]+/?", text):
        raise InvalidSettings(
            f"{name} must be the address of an HTTP proxy without a path, such as "
            "http://user:secret@proxy.lan:3128."
        )
    return text


def _host(name: str, text: str) -> str:
    """A network or an address in its usual form, or a host name."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        # Digits and dots alone, or a slash, were meant as an address.
        if HOST_NAME.fullmatch(text) and not re.fullmatch(r"[\d.]+", text):
            return text
        raise InvalidSettings(
            f"{name} takes host names, addresses and networks such as 10.0.0.0/8, without scheme "
            f"and port and with commas between them, not {text!r}."
        ) from error
    return str(network if network.num_addresses > 1 else network.network_address)
