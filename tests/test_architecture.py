"""The shape of the code: what no linter checks."""

from __future__ import annotations

import subprocess
import sys

from tests.servers import ROOT


def test_files_functions_and_states_are_small():
    checked = subprocess.run(
        [sys.executable, ROOT / ".ci" / "check_sizes.py", ROOT / "inbox_app"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
