"""Builds the front end once and says whether the build is still current.

The work itself runs in a process of its own (`inbox_app.cli.export`): compiling fills Reflex's
global registries, which the server that starts next must find empty.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parents[2]
WEB: Final = Path(".web")
LOCK: Final = Path(".locks/npm")
SITE: Final = WEB / "build" / "client"
# Reflex deletes this folder before it builds, and with it the mark of the build before.
STAMP: Final = WEB / "build" / "source-key"
LOG: Final = WEB / "build.log"

# How the building process tells its parent what it is doing and why it gave up.
STEP: Final = "step: "
ERROR: Final = "error: "

# All that decides what the browser gets.
SOURCES: Final = (
    "rxconfig.py",
    "inbox_app/inbox_app.py",
    "inbox_app/cli/export.py",
    "inbox_app/services/views.py",
    "inbox_app/services/centre_views.py",
    "inbox_app/domain/personal.py",
    "inbox_app/lib/catalogue.py",
    "inbox_app/lib/words",
    "inbox_app/ui",
    "assets",
    "service_worker",
    str(LOCK),
)
# Reflex links the assets of its own components here while it compiles.
_GENERATED: Final = Path("assets/external")
_SHOWN_LINES: Final = 12


class BuildFailed(Exception):
    """The front end could not be built; the message says why and what to do."""


def ensure_built(root: Path, report: Callable[[str], None]) -> None:
    """Builds the front end unless the build at hand was made from the same sources.

    Args:
        root: The project's folder.
        report: Told what is being done, one sentence at a time; never called when current.

    Raises:
        BuildFailed: see its message.
    """
    if not is_current(root):
        report("Building the front end; this is done once and takes less than a minute.")
        build(root, report)


def is_current(root: Path) -> bool:
    """Whether a complete build of exactly these sources is there."""
    try:
        return (root / STAMP).read_text("utf-8") == source_key(root)
    except OSError:
        return False


def source_key(root: Path) -> str:
    """A hash over every file that decides what the browser gets, and over Reflex's version."""
    digest = hashlib.sha256(version("reflex").encode())
    for path in _source_files(root):
        digest.update(f"\n{path.relative_to(root).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build(root: Path, report: Callable[[str], None]) -> None:
    """Builds the front end; needs neither the database nor a running server.

    Raises:
        BuildFailed: see its message.
    """
    command = [sys.executable, "-m", "inbox_app.cli.export"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = _follow(process.stdout, report) if process.stdout else []
    _keep_log(root, lines)
    if process.returncode:
        raise BuildFailed(explain(lines))


def explain(lines: list[str]) -> str:
    """One sentence on why a build failed, from the lines it wrote."""
    text = "\n".join(lines)
    if "ENOSPC" in text or "No space left on device" in text:
        return "The front end could not be built because the disk is full."
    _, found, reason = text.rpartition(ERROR)
    if found:
        return reason.strip()
    last = "\n".join(lines[-_SHOWN_LINES:])
    return f"The front end could not be built; the whole story is in {LOG}. It ended with:\n{last}"


def _follow(output: IO[str], report: Callable[[str], None]) -> list[str]:
    lines: list[str] = []
    for line in output:
        lines.append(line.rstrip())
        if line.startswith(STEP):
            report(line.removeprefix(STEP).strip())
    return lines


def _keep_log(root: Path, lines: list[str]) -> None:
    # Written at the end, because Reflex empties the folder when its version changes; and a disk
    # too full for the log must not hide the message that says so.
    with contextlib.suppress(OSError):
        (root / LOG).write_text("\n".join(lines) + "\n", "utf-8")


def _source_files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        path = root / source
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and not _is_generated(root, file))


def _is_generated(root: Path, file: Path) -> bool:
    return "__pycache__" in file.parts or file.is_relative_to(root / _GENERATED)
