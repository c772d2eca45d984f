"""The sandbox speaks to nobody."""

from __future__ import annotations

from tests.channels.examples import Example, Wire

EXAMPLE = Example(Wire.NONE, lambda port: {})
