"""Writes the Python locks: what pip would install today, as exact versions and nothing else.

Each layer holds what the layers below it do not, and is resolved with them held fixed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / ".locks"
HEADING = "# Written by `make lock`; do not edit.\n"


def main() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, build = document["project"], document["build-system"]["requires"]
    layers: dict[str, list[str]] = {
        "build": build,
        "runtime": project["dependencies"],
        "test": project["optional-dependencies"]["test"],
        "dev": project["optional-dependencies"]["dev"],
    }
    markers = known_markers(requirement for layer in layers.values() for requirement in layer)
    below: dict[str, str] = {}
    for name, requirements in layers.items():
        found = resolve(requirements, below)
        own = {package: version for package, version in found.items() if package not in below}
        write(name, own, markers)
        below |= own


def resolve(requirements: list[str], fixed: dict[str, str]) -> dict[str, str]:
    """The exact versions pip would install for `requirements`, with `fixed` held."""
    pins = [f"{name}=={version}" for name, version in fixed.items()]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--report", "-", *pins, *requirements]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    metadata = [item["metadata"] for item in report["install"]]
    return {canonicalize_name(one["name"]): one["version"] for one in metadata}


def known_markers(requirements: Iterable[str]) -> dict[str, str]:
    """The conditions we put on our own requirements; pip's report drops them."""
    parsed = [Requirement(requirement) for requirement in requirements]
    return {canonicalize_name(one.name): str(one.marker) for one in parsed if one.marker}


def write(layer: str, packages: dict[str, str], markers: dict[str, str]) -> None:
    lines = [
        f"{name}=={version}" + (f" ; {markers[name]}" if name in markers else "")
        for name, version in sorted(packages.items())
    ]
    (LOCKS / f"{layer}.txt").write_text(HEADING + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
