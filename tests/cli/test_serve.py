"""The launcher: its port, the origins it admits, and one real start to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from inbox_app.cli import frontend, serve
from inbox_app.config import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_free_port_passes():
    serve.ensure_port_free("127.0.0.1", free_port())


def test_a_taken_port_is_one_sentence_that_helps(taken_port: int):
    with pytest.raises(serve.CannotServe) as failure:
        serve.ensure_port_free("127.0.0.1", taken_port)
    said = str(failure.value)
    assert f"Port {taken_port} on 127.0.0.1 is taken" in said
    assert "INBOX_PORT" in said
    assert "\n" not in said


def test_a_foreign_address_points_at_the_setting():
    with pytest.raises(serve.CannotServe, match="INBOX_HOST"):
        serve.ensure_port_free("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        (
            Settings(port=9000),
            ["http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"],
        ),
        (
            Settings(host="0.0.0.0", public_url="https://inbox.example/app"),
            [
                "https://inbox.example",
                "http://localhost:8000",
                "http://127.0.0.1:8000",
                "http://[::1]:8000",
            ],
        ),
        (Settings(host="10.0.0.5"), ["http://10.0.0.5:8000"]),
        (
            Settings(host="fd00::5", public_url="https://inbox.example"),
            ["https://inbox.example", "http://[fd00::5]:8000"],
        ),
    ],
)
def test_only_our_own_pages_may_open_the_socket(settings: Settings, origins: list[str]):
    assert serve.allowed_origins(settings) == origins


def run(**environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "inbox_app", "run"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return
    pytest.fail("the server ended: " + "".join(lines))


@pytest.mark.slow
def test_a_taken_port_ends_the_command_with_status_1(taken_port: int, tmp_path: Path):
    process = run(INBOX_PORT=str(taken_port), INBOX_DATA_DIR=str(tmp_path))
    output, _ = process.communicate()
    assert process.returncode == 1
    assert output.count("\n") == 1
    assert "is taken" in output


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The real command, on a port the build never heard of."""
    frontend.ensure_built(frontend.ROOT, lambda _: None)
    port = free_port()
    process = run(INBOX_PORT=str(port), INBOX_DATA_DIR=str(tmp_path))
    with process:
        read_until(process, "Ready at")
        yield process, port
        process.kill()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_server_answers_admits_its_own_pages_and_ends_when_asked(
    server: tuple[subprocess.Popen[str], int],
):
    process, port = server
    page = httpx.get(f"http://127.0.0.1:{port}/inbox/")
    assert page.status_code == 200
    assert "sha256-" in page.headers["content-security-policy"]

    socket_url = f"ws://127.0.0.1:{port}/_event/?token=t&EIO=4&transport=websocket"
    with connect(socket_url, origin=Origin(f"http://localhost:{port}")) as admitted:
        assert admitted.recv()
    with pytest.raises(InvalidStatus), connect(socket_url, origin=Origin("http://evil.example")):
        pass

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=serve.GRACE + 10)
    assert process.returncode == 0
