"""Settings of the preference centre by name: what a control leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from inbox_app.domain.errors import InvalidInput


class SettingKind(StrEnum):
    """What is set."""

    ADDRESS = "address"
    """The addresses of a channel."""
    CHANNEL = "channel"
    """Whether a channel is used at all."""
    CELL = "cell"
    """How a type, or a subject within it, comes on a channel."""
    PAUSE = "pause"
    QUIET_HOURS = "quiet-hours"
    ESCALATION = "escalation"


PARTS = {SettingKind.ADDRESS: 1, SettingKind.CHANNEL: 1, SettingKind.CELL: 3}
"""How many names tell which one it is."""


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        kind: What is set.
        names: Of an address or a channel: the channel. Of a cell: the type's name, the id of the
            subject ("" for the whole type), and the channel.
    """

    kind: SettingKind
    names: tuple[str, ...] = ()

    def encode(self) -> str:
        """As text for an address, such as ``cell/order_shipped//EMAIL``."""
        return "/".join([self.kind, *(quote(name, safe="") for name in self.names)])

    @classmethod
    def decode(cls, text: str) -> Setting:
        """Reads what `encode` made.

        Raises:
            InvalidInput: it names no setting.
        """
        kind, *names = text.split("/")
        if kind in set(SettingKind) and len(names) == PARTS.get(SettingKind(kind), 0):
            return cls(SettingKind(kind), tuple(map(unquote, names)))
        raise InvalidInput("The address names no setting.", fix="Open the preferences anew.")
