"""The process's runtime, for states: Reflex makes them itself and hands them nothing."""

from __future__ import annotations

from inbox_app.runtime import Runtime

_installed: list[Runtime] = []


def install(runtime: Runtime) -> None:
    """Makes `runtime` the one that states use; called once, before requests are served."""
    _installed[:] = [runtime]


def is_installed() -> bool:
    """Whether the app has opened its runtime."""
    return bool(_installed)


def runtime() -> Runtime:
    """The process's runtime.

    Raises:
        RuntimeError: none is installed.
    """
    if not _installed:
        message = "No runtime is installed."
        raise RuntimeError(message)
    return _installed[0]
