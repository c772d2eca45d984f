"""What the system says of a running process."""

from __future__ import annotations

import os
from pathlib import Path

MIB = 1024 * 1024


def cpu_seconds(pid: int) -> float:
    """Processor time it has used, in itself and in the system."""
    # The name, in parentheses, may hold anything.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Memory it holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB
