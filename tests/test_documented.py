"""What the documents promise exists, and what exists is in the documents."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest
from pydantic.alias_generators import to_camel

from inbox_app.api.app import build
from inbox_app.api.errors import STATUS
from inbox_app.api.native import inapp, integrations, suppressions, templates, types
from inbox_app.api.native.schemas import InAppInput
from inbox_app.api.native.type_schemas import TypeFields
from inbox_app.cli.main import app as commands
from inbox_app.config import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SENDING = (ROOT / "docs/sending.md").read_text()
READING = (ROOT / "docs/reading.md").read_text()
TYPES = (ROOT / "docs/types.md").read_text()
PATHS = {
    "/api/notifications/{notificationId}/{channel}/templates": "…/templates",
    "{template_id}": "{templateId}",
    "{user_id}": "{userId}",
}
OPERATING = (ROOT / "docs/operating.md").read_text()


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    documented = set(re.findall(r"^\| `INBOX_(\w+)` \|", README, re.MULTILINE))
    assert documented == {field.name.upper() for field in fields(Settings)}


def test_every_error_code_is_documented_with_its_status() -> None:
    for kind, status in STATUS.items():
        assert f"| {status} | `{kind.code}` |" in SENDING


def test_every_part_of_the_in_app_message_is_documented() -> None:
    for name in InAppInput.model_fields:
        assert f"| `{name}` |" in SENDING


def test_every_in_app_route_is_documented() -> None:
    for route in inapp.router.routes:
        for method in getattr(route, "methods", ()):
            assert f"`{method} /api{getattr(route, 'path', '')}" in READING


@pytest.mark.parametrize("module", [types, templates, integrations, suppressions])
def test_every_route_that_sets_something_up_is_documented(module: ModuleType) -> None:
    for route in module.router.routes:
        path = "/api" + route.path.replace("notification_id", "notificationId")
        for old, new in PATHS.items():
            path = path.replace(old, new)
        for method in route.methods:
            assert re.search(rf"`.*\b{method}\b.*{re.escape(path)}[`?]", TYPES), (method, path)


@pytest.mark.parametrize("name", TypeFields.model_fields)
def test_every_rule_of_a_type_is_documented(name: str) -> None:
    assert f"`{to_camel(name)}`" in TYPES


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_every_probe_is_documented(path: str) -> None:
    served = {getattr(route, "path", "") for route in build(lambda: pytest.fail("asked")).routes}
    assert path in served
    assert f"| `{path}` |" in OPERATING


def test_every_command_is_named_in_the_changelog() -> None:
    names = {command.name for command in commands.registered_commands}
    names |= {group.name for group in commands.registered_groups}
    names = {name or "run" for name in names}
    line = next(
        line
        for line in (ROOT / "CHANGELOG.md").read_text().splitlines()
        if line.startswith("- The `inbox` command:")
    )
    assert all(name in line for name in names)


def test_every_picture_and_page_the_documents_point_to_exists() -> None:
    for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"
