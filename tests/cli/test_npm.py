"""The front end's packages come from the lock, and the lock names no registry."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from inbox_app.cli import npm
from inbox_app.cli.frontend import LOCK, ROOT, BuildFailed

NOTHING: dict[str, str] = {}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose lock holds react 19.3.1 and vite 8.3.4, already installed."""
    lock, web = tmp_path / LOCK, tmp_path / ".web"
    lock.mkdir(parents=True)
    manifest = {"dependencies": {"react": "19.3.1"}, "devDependencies": {"vite": "8.3.4"}}
    (lock / npm.MANIFEST).write_text(json.dumps(manifest), "utf-8")
    (lock / npm.LOCKFILE).write_text("{}", "utf-8")
    (web / "node_modules").mkdir(parents=True)
    (web / npm.INSTALLED).write_text(npm.fingerprint(lock), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "name", "version"),
    [
        ("react", "react", ""),
        ("react@19.3.1", "react", "19.3.1"),
        ("@emotion/react", "@emotion/react", ""),
        ("@emotion/react@11.14.0", "@emotion/react", "11.14.0"),
    ],
)
def test_specs_are_split_at_the_version(spec: str, name: str, version: str):
    assert npm.parse_specs([spec]) == {name: version}


def test_what_the_lock_covers_needs_no_npm(root: Path):
    npm.install(root, root / ".web", npm.Wanted({"react": ""}, {"vite": "8.3.4"}))
    assert (root / ".web" / npm.LOCKFILE).read_text("utf-8") == "{}"


@pytest.mark.parametrize(
    "wanted",
    [
        npm.Wanted({"lodash": ""}, NOTHING),
        npm.Wanted({"react": "20.0.0"}, NOTHING),
        npm.Wanted(NOTHING, {"vite": "9.0.0"}),
    ],
)
def test_a_package_the_lock_lacks_is_named(root: Path, wanted: npm.Wanted):
    (name,) = {**wanted.runtime, **wanted.development}
    with pytest.raises(BuildFailed, match=rf"lacks {name}.*make lock"):
        npm.install(root, root / ".web", wanted)


def test_another_lock_means_another_install(root: Path):
    assert not npm.needs_install(root, root / ".web")
    (root / LOCK / npm.LOCKFILE).write_text('{"changed": true}', "utf-8")
    assert npm.needs_install(root, root / ".web")


def test_the_locks_name_no_address():
    files = [ROOT / ".npmrc", *(path for path in (ROOT / ".locks").rglob("*") if path.is_file())]
    named = [path.name for path in files if '"resolved"' in path.read_text("utf-8")]
    assert named == []
    assert "registry=" not in (ROOT / ".npmrc").read_text("utf-8")


def test_python_locks_hold_exact_versions_only():
    exact = re.compile(r"[a-z0-9-]+==[^\s;]+( ; .+)?")
    for lock in (ROOT / ".locks").glob("*.txt"):
        _, *lines = lock.read_text("utf-8").splitlines()
        assert lines
        assert [line for line in lines if not exact.fullmatch(line)] == []
