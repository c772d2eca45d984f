"""What is done to the front end after Reflex has built it."""

from __future__ import annotations

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
