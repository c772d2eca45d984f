"""Reflex's empty page: one text and one state, built with the same packages as ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from inbox_app.cli.frontend import LOCK, ROOT, SITE, WEB

CONFIG = """
import os
import sys
from pathlib import Path

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ["REFLEX_USE_NPM"] = "1"
os.environ["REFLEX_CHECK_LATEST_VERSION"] = "0"
os.environ["REFLEX_DIR"] = str(Path(sys.prefix) / "share" / "reflex")
sys.path.insert(0, ".")

import reflex as rx

config = rx.Config(
    app_name="floor",
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    frontend_lazy_bundled_libraries=True,
    frontend_compression_formats=["brotli", "gzip"],
    disable_plugins=[rx.plugins.SitemapPlugin],
    show_built_with_reflex=False,
    telemetry_enabled=False,
)
"""
APP = """
import reflex as rx

class State(rx.State):
    text: str = "Nothing"

app = rx.App(toaster=None, reset_style=False)
app.add_page(lambda: rx.el.main(State.text), route="/inbox", title="Empty")
"""


def build(folder: Path) -> Path:
    """Builds the page; where its files are."""
    (folder / "floor").mkdir(parents=True)
    (folder / "rxconfig.py").write_text(CONFIG)
    (folder / "floor" / "__init__.py").touch()
    (folder / "floor" / "floor.py").write_text(APP)
    shutil.copytree(ROOT / LOCK, folder / LOCK)
    # The packages are the same, and installing them takes a quarter of a minute.
    (folder / WEB).mkdir()
    shutil.copytree(ROOT / WEB / "node_modules", folder / WEB / "node_modules", symlinks=True)
    command = [sys.executable, "-m", "inbox_app.cli.export"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / SITE


@contextmanager
def serving(site: Path) -> Generator[str]:
    """Serves files as our server does, compressed where the browser takes it; the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        packed = path.with_name(path.name + ".br")
        body = next((each.read_bytes() for each in (packed, path) if each.is_file()), None)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body or b"")))
        if body is not None and packed.is_file():
            self.send_header("Content-Encoding", "br")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
        """Says nothing."""
