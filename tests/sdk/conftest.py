"""A server process for the vendor's SDK, and the older SDK that still has the in-app calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pingram import Pingram

from tests.servers import ROOT, ApiProcess, api_process

IN_APP_SDK = "1.0.30"
"""The last release with the four in-app calls; `make test` installs it, see the Makefile."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    with api_process(tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.fixture
async def pingram(server: ApiProcess) -> AsyncIterator[Pingram]:
    """The current SDK, with nothing changed but its base URL."""
    async with Pingram(api_key=server.api_key, base_url=f"{server.url}/api") as client:
        yield client


@pytest.fixture(scope="session")
def in_app_sdk() -> Path:
    """The folder with the older SDK; installed once and kept beside the newer one."""
    folder = ROOT / ".venv" / f"sdk-{IN_APP_SDK}"
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}-{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        package = f"pingram-python=={IN_APP_SDK}"
        subprocess.run([*pip, "--no-deps", "--target", fresh, package], check=True)
        # Whole or not at all: another test process may look for it at this moment.
        try:
            fresh.rename(folder)
        except OSError:
            shutil.rmtree(fresh)
    return folder
