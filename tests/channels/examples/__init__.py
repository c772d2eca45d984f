"""An example of each provider: one module each, found by the provider's name.

What holds for all providers is tried with them: a new provider needs one of these and nothing else.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from inbox_app.channels import registry
from inbox_app.channels.spec import Parcel
from tests.channels.parcels import CANARY, make_parcel
from tests.standins.http import Respond

YES = Respond()


class Wire(StrEnum):
    """How a provider is spoken to."""

    NONE = "none"
    SMTP = "smtp"
    HTTP = "http"
    """Over HTTP/1.1, with TLS when its address is fixed (`Example.hosts`)."""
    HTTP2 = "http2"


@dataclass(frozen=True)
class Example:
    """How to try out a provider.

    Attributes:
        settings: Settings by the port of this machine where it is played; those with fixed hosts
            take no notice of it.
        secret: What is secret in them.
        parcel: What it is to send.
        keyed: Whether the secret is in the settings; else it is in the parcel's address.
        hosts: Its fixed hosts, which are played on this machine instead.
        before: What is answered before it comes to the message: a token, say.
        yes: What is answered when it takes the message.
    """

    wire: Wire
    settings: Callable[[int], Mapping[str, Any]]
    parcel: Parcel = field(default_factory=make_parcel)
    hosts: tuple[str, ...] = ()
    before: tuple[Respond, ...] = ()
    yes: Respond = YES
    secret: str = CANARY
    keyed: bool = True


@cache
def examples() -> Mapping[str, Example]:
    """All examples by the name of their provider."""
    return {
        name: importlib.import_module(f"{__name__}.{name}").EXAMPLE for name in registry.providers()
    }


def speaking(*wires: Wire) -> list[str]:
    """The names of those that speak so; of all that speak at all by default."""
    wanted = wires or (Wire.SMTP, Wire.HTTP, Wire.HTTP2)
    return [name for name, each in examples().items() if each.wire in wanted]
