"""Users: the people to be told, and their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from inbox_app.domain.address_code import AddressKind
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import NOBODY_CHOSE, Preferences

USE_NOTED_EVERY = timedelta(minutes=10)
"""A note each time would be a write for every look at a page."""


@dataclass(frozen=True)
class Profile:
    """What is known of a user beyond the id; a None field is not known.

    Attributes:
        email: E-mail address.
        number: Telephone number, E.164.
        timezone: IANA zone name.
        push_tokens: Device tokens, as the native API's objects.
        web_push_tokens: Web-push subscriptions, as the native API's objects.
        slack_channel: Slack destination.
        slack_token: Slack's OAuth answer as JSON, sealed; only its service opens it.
        properties: Free attributes of the user; ``name`` is shown in the inbox.
        proven: Addresses that the person has proven by a code, by `AddressKind`; each is used
            instead of what applications say.
    """

    email: str | None = None
    number: str | None = None
    timezone: str | None = None
    push_tokens: tuple[Mapping[str, Any], ...] | None = None
    web_push_tokens: tuple[Mapping[str, Any], ...] | None = None
    slack_channel: str | None = None
    slack_token: str | None = field(default=None, repr=False)
    properties: Mapping[str, str | float | bool] | None = None
    proven: Mapping[str, str] | None = None

    def merged(self, newer: Profile) -> Profile:
        """This profile with everything ``newer`` knows laid over it; properties merge by key."""
        mine = vars(self)
        told = {k: v for k, v in vars(newer).items() if v is not None and v != mine[k]}
        if "properties" in told:
            told["properties"] = {**(self.properties or {}), **told["properties"]}
        if all(mine[name] == value for name, value in told.items()):
            return self
        return Profile(**{**mine, **told})

    def addresses(self, channel: Channel) -> tuple[str, ...]:
        """Where the user is reached on a channel, each once.

        "" is the one place that needs no name.
        """
        match channel:
            case Channel.INAPP_WEB:
                return ("",)
            case Channel.EMAIL:
                return self._own(AddressKind.EMAIL, self.email)
            case Channel.SMS | Channel.CALL:
                return self._own(AddressKind.NUMBER, self.number)
            case Channel.PUSH:
                known = (str(each.get("token", "")) for each in self.push_tokens or ())
                return tuple(dict.fromkeys(known))
            case Channel.WEB_PUSH:
                return tuple(dict.fromkeys(map(_endpoint, self.web_push_tokens or ())))
            case Channel.SLACK:
                return (self.slack_channel or "",) if self.slack_channel or self.slack_token else ()

    def _own(self, kind: AddressKind, said: str | None) -> tuple[str, ...]:
        used = (self.proven or {}).get(kind) or said
        return (used,) if used else ()


def _endpoint(token: Mapping[str, Any]) -> str:
    """The push service's address in the native API's ``{"sub": {"endpoint": ...}}``."""
    return str(token.get("sub", {}).get("endpoint", ""))


@dataclass(frozen=True)
class User:
    """A person to be told.

    Attributes:
        id: Internal key.
        environment_id: The environment the user belongs to.
        external_id: The sender's id for the person; unique in the environment.
        profile: Addresses and attributes.
        preferences: What the person chose.
    """

    id: int
    environment_id: int
    external_id: str
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None = None
    profile: Profile = field(default_factory=Profile)
    preferences: Preferences = NOBODY_CHOSE

    @property
    def display_name(self) -> str:
        """The ``name`` property, else the part of the e-mail before the @, else the id."""
        name = (self.profile.properties or {}).get("name")
        if isinstance(name, str) and name.strip():
            return name.strip()
        return (self.profile.email or "").partition("@")[0] or self.external_id


@dataclass(frozen=True)
class Session:
    """A signed-in browser.

    Attributes:
        user_agent: What the browser said of itself, None when it said nothing.
        last_used_at: To within `USE_NOTED_EVERY`.
    """

    id: int
    user_id: int
    created_at: datetime
    expires_at: datetime
    user_agent: str | None = None
    last_used_at: datetime | None = None

    def is_stale(self, now: datetime) -> bool:
        """Whether it is time to note anew that it is used."""
        return now - (self.last_used_at or self.created_at) >= USE_NOTED_EVERY
