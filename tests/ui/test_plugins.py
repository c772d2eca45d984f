"""The address patch: one build serves every host and port."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_app.ui.plugins import SameOrigin, own_address, worker_script

# As Reflex 0.10.1 writes it, for a build whose port was 8000.
BUILT = (
    "var e={PING:`http://localhost:8000/ping`,EVENT:`ws://localhost:8000/_event`,"
    "TRANSPORT:`websocket`,TEST_MODE:!1};export{e as t};"
)


def test_addresses_are_taken_from_the_page():
    patched = own_address(BUILT)
    assert "localhost" not in patched
    assert "PING:(location.protocol.replace('http','http'))+'//'+location.host+'/ping'" in patched
    assert "EVENT:(location.protocol.replace('http','ws'))+'//'+location.host+'/_event'" in patched


@pytest.mark.parametrize("quote", ["'", '"', "`"])
def test_every_quote_a_minifier_may_choose_is_known(quote: str):
    assert "location.host" in own_address(f"{quote}ws://localhost:1/_event{quote}")


def test_patching_twice_changes_nothing_more():
    assert own_address(own_address(BUILT)) == own_address(BUILT)


def test_other_text_is_left_alone():
    assert own_address("TRANSPORT:`websocket`,A:'/relative'") == (
        "TRANSPORT:`websocket`,A:'/relative'"
    )


def test_only_the_address_chunk_of_a_build_is_touched(tmp_path: Path):
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("reflex-env-abc.js", "root-abc.js"):
        (assets / name).write_text(BUILT, "utf-8")

    SameOrigin().post_build(static_dir=tmp_path)

    assert (assets / "reflex-env-abc.js").read_text("utf-8") == own_address(BUILT)
    assert (assets / "root-abc.js").read_text("utf-8") == BUILT


def made(tmp_path: Path, content: str) -> Path:
    site = tmp_path / content
    for name in ("inbox/index.html", "preferences/index.html", "account/index.html"):
        (site / name).parent.mkdir(parents=True)
        (site / name).write_text("<!doctype html>")
    for name in ("assets/root-abc.js", "assets/root-abc.js.gz", "words/en.json", "favicon.svg"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(content)
    return site


def test_the_worker_knows_its_build_and_all_parts_of_it(tmp_path: Path):
    sources = Path("service_worker")
    one, same, other = (
        worker_script(made(tmp_path / str(n), content), sources)
        for n, content in enumerate(("a", "a", "b"))
    )
    assert one == same
    assert one.splitlines()[1] != other.splitlines()[1]
    pages = '"/inbox/", "/preferences/", "/account/"'
    parts = '"/assets/root-abc.js", "/favicon.svg", "/words/en.json"'
    assert f"const FILES = [{pages}, {parts}];" in one
    assert f"const PAGES = [{pages}];" in one
