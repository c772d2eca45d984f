"""Reflex's settings; Reflex loads this file before it does anything else.

It reads its own switches from the environment only, so they are set here, ahead of its import.
"""

import os
import sys
from pathlib import Path

VENV_BIN = Path(sys.executable).parent

# An older Node elsewhere on PATH would be found first, and Reflex refuses it.
os.environ["PATH"] = os.pathsep.join([str(VENV_BIN), os.environ.get("PATH", os.defpath)])
# Reflex would otherwise download bun, ask for its latest version and write to the home folder.
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "0")
os.environ.setdefault("REFLEX_DIR", str(Path(sys.prefix) / "share" / "reflex"))

import reflex as rx  # noqa: E402

from inbox_app.ui.plugins import ApiDocsFiles, SameOrigin, ServiceWorker, Words  # noqa: E402

config = rx.Config(
    app_name="inbox_app",
    # Replaced by the launcher through REFLEX_CORS_ALLOWED_ORIGINS. Neither the default "*" nor an
    # empty list will do: both let every website open the socket with the user's cookie.
    cors_allowed_origins=["http://localhost:8000"],
    # A state is a cache of the database, so one that is lost costs a reload and nothing else.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    # Seconds. Closed tabs are freed after it; open ones send a heartbeat well before it.
    redis_token_expiration=15 * 60,
    frontend_lazy_bundled_libraries=True,
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[SameOrigin(), ApiDocsFiles(), Words(), ServiceWorker()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    show_built_with_reflex=False,
    telemetry_enabled=False,
)
