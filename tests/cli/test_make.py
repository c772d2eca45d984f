"""How `make` chooses a Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from inbox_app.cli.frontend import ROOT

FINDER = ROOT / ".ci" / "find-python"
SHELL = shutil.which("sh") or "/bin/sh"


def add_python(folder: Path, name: str, *, good: bool) -> None:
    """A command that answers the question "are you new enough?" and nothing else."""
    file = folder / name
    file.write_text(f"#!{SHELL}\nexit {0 if good else 1}\n", "utf-8")
    file.chmod(0o755)


def find(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SHELL, str(FINDER)],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_supported_one_is_taken(tmp_path: Path):
    for name in ("python3.11", "python3.13", "python3"):
        add_python(tmp_path, name, good=True)
    assert find(tmp_path).stdout == "python3.13\n"


def test_a_name_that_does_not_run_is_passed_over(tmp_path: Path):
    add_python(tmp_path, "python3.13", good=False)
    add_python(tmp_path, "python3", good=True)
    assert find(tmp_path).stdout == "python3\n"


@pytest.mark.parametrize("name", [None, "python3"])
def test_a_missing_or_old_python_is_one_sentence(tmp_path: Path, name: str | None):
    if name:
        add_python(tmp_path, name, good=False)
    done = find(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed")
    assert done.stderr.count("\n") == 1


def test_a_named_python_is_used(tmp_path: Path):
    add_python(tmp_path, "python3.13", good=True)
    add_python(tmp_path, "mine", good=True)
    assert find(tmp_path, PYTHON="mine").stdout == "mine\n"
