"""What is done to the front end after Reflex has built it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Final

import reflex as rx
from reflex.utils import prerequisites
from reflex_base.plugins.base import CommonContext, PostBuildContext
from typing_extensions import Unpack

from inbox_app.lib import catalogue

WORDS: Final = Path("public/words")
# Joined in this order; what comes first is known to what follows.
WORKER_PARTS: Final = ("shell", "kept", "push", "worker")
WORKER_SOURCES: Final = Path("service_worker")
WORKER_PAGES: Final = ("inbox", "preferences", "account")
SWAGGER_UI: Final = "swagger-ui-dist"
SWAGGER_FILES: Final = ("swagger-ui.css", "swagger-ui-bundle.js")
# Where the browser finds them; `api/docs.py` points here.
SWAGGER_FOLDER: Final = "vendor/swagger-ui"

_BAKED_ADDRESS: Final = re.compile(
    r"""(?P<quote>[`"'])(?P<scheme>ws|http)://[^/`"']+(?P<path>/[^`"']*)(?P=quote)"""
)
_OWN_ADDRESS: Final = (
    r"(location.protocol.replace('http','\g<scheme>'))+'//'+location.host+'\g<path>'"
)


def own_address(script: str) -> str:
    """Makes every absolute address in `script` one of the server the page came from.

    `http` becomes the page's own scheme and `ws` the matching one, so that https yields wss.
    """
    return _BAKED_ADDRESS.sub(_OWN_ADDRESS, script)


class SameOrigin(rx.plugins.Plugin):
    """Lets one build serve every host and port.

    Reflex writes the build's port into the bundle and only corrects the host at run time: served
    on another port, a page would wait for its socket for ever, without a word.
    """

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        for script in (context["static_dir"] / "assets").glob("reflex-env-*.js"):
            script.write_text(own_address(script.read_text("utf-8")), "utf-8")


class Words(rx.plugins.Plugin):
    """Gives the browser the catalogue: a file per language, and the names of the languages."""

    def get_static_assets(self, **_context: Unpack[CommonContext]) -> list[tuple[Path, str]]:
        names = {each: catalogue.texts(each)["name"] for each in catalogue.LANGUAGES}
        files: dict[str, object] = {each: catalogue.browser_texts(each) for each in names}
        return [
            (WORDS / f"{name}.json", json.dumps(content, ensure_ascii=False))
            for name, content in (files | {"languages": names}).items()
        ]


class ApiDocsFiles(rx.plugins.Plugin):
    """Ships the API's documentation viewer, which FastAPI would load from a public network."""

    # A runtime dependency would be bundled into every page: 1.5 MB of JavaScript.
    def get_frontend_development_dependencies(self, **_context: Unpack[CommonContext]) -> list[str]:
        return [f"{SWAGGER_UI}@5.35.0"]

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        package = prerequisites.get_web_dir() / "node_modules" / SWAGGER_UI
        target = context["static_dir"] / SWAGGER_FOLDER
        target.mkdir(parents=True, exist_ok=True)
        for name in SWAGGER_FILES:
            shutil.copyfile(package / name, target / name)


class ServiceWorker(rx.plugins.Plugin):
    """Makes the service worker of this build: one file, at the root, which all pages are in."""

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        site = context["static_dir"]
        (site / "sw.js").write_text(worker_script(site, WORKER_SOURCES), "utf-8")


def worker_script(site: Path, sources: Path) -> str:
    """The worker's script.

    Args:
        site: The folder of the built pages.
        sources: Where its parts lie.
    """
    pages = [f"/{name}/" for name in WORKER_PAGES]
    files = sorted(f"/{path.relative_to(site).as_posix()}" for path in _parts_of(site))
    body = "\n".join((sources / f"{name}.js").read_text("utf-8") for name in WORKER_PARTS)
    build = hashlib.sha256(body.encode())
    for path in (*(site / f"{name}/index.html" for name in WORKER_PAGES), *_parts_of(site)):
        build.update(path.read_bytes())
    known = {"BUILD": build.hexdigest()[:12], "FILES": pages + files, "PAGES": pages}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())
    return f'"use strict";\n{head}\n{body}'


def _parts_of(site: Path) -> list[Path]:
    """All that a page loads, besides the page itself."""
    found = [*(site / "assets").glob("*.js"), *(site / "assets").glob("*.css")]
    return [*sorted(found), *sorted((site / "words").glob("*.json")), site / "favicon.svg"]
