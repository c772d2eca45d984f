"""When the front end is built anew, and what is said when it cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inbox_app.cli import frontend


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one file for each source of the front end."""
    for source in frontend.SOURCES:
        path = tmp_path / source
        file = path if path.suffix == ".py" else path / "deep" / "file.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("first", "utf-8")
    return tmp_path


def mark_built(project: Path) -> None:
    stamp = project / frontend.STAMP
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(frontend.source_key(project), "utf-8")


def refuse(sentence: str) -> None:
    pytest.fail(f"a build was started: {sentence}")


def test_every_source_exists_in_this_project():
    missing = [s for s in frontend.SOURCES if not (frontend.ROOT / s).exists()]
    assert missing == []


@pytest.mark.parametrize("source", frontend.SOURCES)
def test_a_change_of_any_source_asks_for_a_build(project: Path, source: str):
    mark_built(project)
    path = project / source
    file = path if path.is_file() else path / "deep" / "file.txt"
    file.write_text("second", "utf-8")
    assert not frontend.is_current(project)


def test_a_new_a_deleted_and_a_renamed_file_ask_for_a_build(project: Path):
    before = frontend.source_key(project)
    page = project / "inbox_app/ui/page.py"
    page.write_text("", "utf-8")
    added = frontend.source_key(project)
    page.rename(page.with_name("other.py"))
    renamed = frontend.source_key(project)
    (project / "inbox_app/ui/other.py").unlink()
    assert len({before, added, renamed}) == 3
    assert frontend.source_key(project) == before


@pytest.mark.parametrize(
    "path",
    [
        "inbox_app/ui/__pycache__/page.cpython-311.pyc",
        "assets/external/reflex/link.js",
        "inbox_app/services/inbox/reading.py",
        "README.md",
    ],
)
def test_what_the_browser_never_gets_asks_for_no_build(project: Path, path: str):
    mark_built(project)
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("anything", "utf-8")
    assert frontend.is_current(project)


def test_without_a_finished_build_nothing_is_current(project: Path):
    (project / frontend.SITE).mkdir(parents=True)
    assert not frontend.is_current(project)


def test_a_current_build_is_left_alone(project: Path):
    mark_built(project)
    frontend.ensure_built(project, refuse)


def test_a_full_disk_is_named():
    lines = ["npm error code ENOSPC", "npm error nospc write"]
    assert frontend.explain(lines).endswith("because the disk is full.")


def test_the_reason_the_building_process_gave_is_passed_on():
    lines = ["noise", f"{frontend.ERROR}npm could not install:", "npm error ECONNREFUSED"]
    assert frontend.explain(lines) == "npm could not install:\nnpm error ECONNREFUSED"


def test_an_unknown_failure_shows_the_end_of_the_log_and_where_it_is():
    said = frontend.explain([f"line {n}" for n in range(100)])
    assert "line 99" in said
    assert "line 50" not in said
    assert str(frontend.LOG) in said


@pytest.mark.slow
def test_a_failed_build_is_never_taken_for_done(tmp_path: Path):
    # The mark of an older build is there, the npm lock is not.
    (tmp_path / "rxconfig.py").write_bytes((frontend.ROOT / "rxconfig.py").read_bytes())
    (tmp_path / ".npmrc").write_bytes((frontend.ROOT / ".npmrc").read_bytes())
    shutil.copytree(frontend.ROOT / "assets", tmp_path / "assets")
    stamp = tmp_path / frontend.STAMP
    stamp.parent.mkdir(parents=True)
    stamp.write_text("of another day", "utf-8")
    said: list[str] = []

    with pytest.raises(frontend.BuildFailed, match="npm lock"):
        frontend.build(tmp_path, said.append)

    assert not stamp.exists()
    assert (tmp_path / frontend.LOG).read_text("utf-8")
