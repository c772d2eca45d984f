"""``python -m inbox_app`` and the ``inbox`` command."""

from __future__ import annotations

from inbox_app.cli.main import app


def main() -> None:
    app()


if __name__ == "__main__":
    main()
