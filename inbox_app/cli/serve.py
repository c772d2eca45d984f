"""The launcher: serves the prebuilt web app with uvicorn on one port."""

from __future__ import annotations

import gc
import logging.config
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from errno import EACCES, EADDRINUSE
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn

from inbox_app.cli.frontend import ROOT
from inbox_app.config import Settings
from inbox_app.ui import bridge

APP: Final = "inbox_app.inbox_app:app"
# Seconds. An open event stream would hold up the end for ever; work not done by then is in the
# database and goes on after the next start.
GRACE: Final = 5
GC_ROUNDS: Final = (20_000, 20, 20)
LARGEST_MESSAGE: Final = 1024 * 1024
EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")

logger = logging.getLogger("inbox")


class CannotServe(Exception):
    """The server cannot run; the message says why and what to do."""


def serve(settings: Settings, greet: Callable[[], None] = lambda: None) -> None:
    """Serves until SIGINT or SIGTERM; the front end must have been built.

    Args:
        settings: Where to listen.
        greet: Called once, when the server answers.

    Raises:
        CannotServe: the port is taken or may not be used, or the app failed to start.
    """
    ensure_port_free(settings.host, settings.port)
    configure_logging()
    hand_to_reflex(settings)
    server = _Server(_uvicorn_config(settings), settings.public_url, greet)
    # Raised once more after a tidy end; Ctrl+C is how one stops a server, not an error.
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        message = "The app could not start; the reason is written above."
        raise CannotServe(message)


def ensure_port_free(host: str, port: int) -> None:
    """Fails with one clear sentence before anything slow is started.

    Raises:
        CannotServe: the port is taken or may not be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                # As the server does: connections of the server before may still be closing.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServe(_explain(error, host, port)) from error


def allowed_origins(settings: Settings) -> list[str]:
    """The origins whose pages may open the socket: the public one and this machine's names."""
    origins = [_origin(settings.public_url)]
    if settings.host in EVERY_ADDRESS or settings.host in LOOPBACK or settings.host == "::1":
        origins += [f"http://{name}:{settings.port}" for name in LOOPBACK]
    else:
        origins.append(f"http://{_bracketed(settings.host)}:{settings.port}")
    return list(dict.fromkeys(origins))


def hand_to_reflex(settings: Settings) -> None:
    """Prepares the process for the app: Reflex reads its switches from the environment only.

    The double-underscore names are Reflex's own, which is why its version is pinned exactly.
    """
    # The app reads its settings anew; it must see options given on the command line, and a
    # relative data folder must not move with the working directory.
    os.environ.update(
        INBOX_HOST=settings.host,
        INBOX_PORT=str(settings.port),
        INBOX_DATA_DIR=str(settings.data_dir.absolute()),
        INBOX_DATABASE_URL=settings.database_url,
        INBOX_PUBLIC_URL=settings.public_url,
        REFLEX_CORS_ALLOWED_ORIGINS=",".join(allowed_origins(settings)),
        REFLEX_ENV_MODE="prod",
        __REFLEX_SKIP_COMPILE="true",
        __REFLEX_MOUNT_FRONTEND_COMPILED_APP="true",
    )
    # Reflex looks for rxconfig.py and .web in the working directory.
    os.chdir(ROOT)


def settle() -> None:
    """Tunes the interpreter once everything is loaded.

    The garbage collector would look at everything again and again. What a start made, some
    400,000 objects, lives as long as the process, and one round over it holds up every request
    for a tenth of a second. What a group of requests makes is gone when they are answered; at the
    default of 700 objects the collector looks in the middle of it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_ROUNDS)


def configure_logging() -> None:
    """One line per event on standard error: time, level, part, message."""
    logging.config.dictConfig(LOGGING)


class _Server(uvicorn.Server):
    """Says where it can be reached, once it can be."""

    def __init__(self, config: uvicorn.Config, url: str, greet: Callable[[], None]) -> None:
        super().__init__(config)
        self._url = url
        self._greet = greet

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settle()
            self._greet()
            logger.info("Ready at %s (stop with Ctrl+C).", self._url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Uvicorn waits for open answers; event streams end by themselves only when told.
        if bridge.is_installed():
            await bridge.runtime().hub.close()
        await super().shutdown(sockets)


def _uvicorn_config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        APP,
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="auto",
        http="httptools",
        ws="websockets-sansio",
        # A click is a few hundred bytes; the default would let anyone send 16 MB.
        ws_max_size=LARGEST_MESSAGE,
        # The path of a socket holds the client's token, which must not reach a log.
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == EADDRINUSE:
        return (
            f"Port {port} on {host} is taken: stop the program that uses it, "
            "or set INBOX_PORT to another one."
        )
    if error.errno == EACCES:
        return f"Port {port} on {host} needs more rights: set INBOX_PORT to 1024 or higher."
    return f"Cannot listen on {host} port {port}: {error.strerror or error}. Check INBOX_HOST."


LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "{asctime}.{msecs:03.0f} {levelname:<7} {name}: {message}",
            "datefmt": "%Y-%m-%dT%H:%M:%S",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "inbox": {"level": "INFO"},
        "inbox_app": {"level": "INFO"},
        # Its news (process started, waiting for this and that) is ours to tell.
        "uvicorn": {"level": "WARNING"},
    },
}
