"""Users: the people to be told, and their addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from inbox_app.domain.address import GIVEN_OUT, UNTRIED, Address, kind_of_chat
from inbox_app.domain.address_code import AddressKind
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import NOBODY_CHOSE, Preferences

USE_NOTED_EVERY = timedelta(minutes=10)
"""A note each time would be a write for every look at a page."""
MOST_DEVICES = 100
"""Of one person on one channel."""


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
        slack_connected: What the person connected by themselves
            (`domain.connected_chat.ConnectedChat`), used whatever applications say of Slack.
        properties: Free attributes of the user; ``name`` is shown in the inbox.
        proven: Addresses that the person has proven by a code, by `AddressKind`; each is used
            instead of what applications say.
        stored: Those of the channels in `address.GIVEN_OUT` as they are stored, with how they fare.
    """

    email: str | None = None
    number: str | None = None
    timezone: str | None = None
    push_tokens: tuple[Mapping[str, Any], ...] | None = None
    web_push_tokens: tuple[Mapping[str, Any], ...] | None = None
    slack_channel: str | None = None
    slack_token: str | None = field(default=None, repr=False)
    slack_connected: Mapping[str, Any] | None = None
    properties: Mapping[str, str | float | bool] | None = None
    proven: Mapping[str, str] | None = None
    stored: Mapping[tuple[Channel, str], Address] = field(
        default_factory=dict[tuple[Channel, str], Address], repr=False, compare=False
    )

    def merged(self, newer: Profile) -> Profile:
        """This profile with everything ``newer`` knows laid over it; properties merge by key."""
        mine = vars(self)
        told = {k: v for k, v in vars(newer).items() if v is not None and v != mine[k]}
        told.pop("stored", None)
        if self.slack_connected and newer.slack_connected is None:
            told = {k: v for k, v in told.items() if k not in {"slack_channel", "slack_token"}}
        if "properties" in told:
            told["properties"] = {**(self.properties or {}), **told["properties"]}
        if all(mine[name] == value for name, value in told.items()):
            return self
        return Profile(**{**mine, **told})

    def joined(self, newer: Profile) -> Profile:
        """Like `merged`, with devices added to those that are known.

        That is how a device speaks, which knows only of itself.
        """
        return self.merged(
            replace(
                newer,
                push_tokens=_added(self.push_tokens, newer.push_tokens, _token),
                web_push_tokens=_added(self.web_push_tokens, newer.web_push_tokens, _endpoint),
            )
        )

    def without_device(self, value: str) -> Profile:
        """This profile without the phone or browser of that name."""
        return replace(
            self,
            push_tokens=_left(self.push_tokens, value, _token),
            web_push_tokens=_left(self.web_push_tokens, value, _endpoint),
        )

    def addresses(self, channel: Channel) -> tuple[str, ...]:
        """The names of where the user is reached on a channel, each once.

        The values of `reached`, which plans ask for far more often than for all of it.
        """
        match channel:
            case Channel.INAPP_WEB:
                return ("",)
            case Channel.EMAIL:
                used = self._proven_or(AddressKind.EMAIL, self.email)
            case Channel.SMS | Channel.CALL:
                used = self._proven_or(AddressKind.NUMBER, self.number)
            case Channel.PUSH:
                return tuple(dict.fromkeys(map(_token, self.push_tokens or ())))
            case Channel.WEB_PUSH:
                return tuple(dict.fromkeys(map(_endpoint, self.web_push_tokens or ())))
            case Channel.SLACK:
                return (self.slack_channel or "",) if self.slack_channel or self.slack_token else ()
        return (used,) if used else ()

    def reached(self, channel: Channel) -> tuple[Address, ...]:
        """Where the user is reached on a channel, each once, those too that are not used."""
        match channel:
            case Channel.INAPP_WEB:
                return (Address(channel, ""),)
            case Channel.EMAIL | Channel.SMS | Channel.CALL:
                return tuple(Address(channel, each) for each in self.addresses(channel))
            case Channel.PUSH:
                return self._devices(channel, self.push_tokens, _token)
            case Channel.WEB_PUSH:
                return self._devices(channel, self.web_push_tokens, _endpoint)
            case Channel.SLACK:
                return self._chats()

    @property
    def given_out(self) -> tuple[Address, ...]:
        """The addresses of all channels in `address.GIVEN_OUT`."""
        return tuple(each for channel in sorted(GIVEN_OUT) for each in self.reached(channel))

    @property
    def dead(self) -> frozenset[tuple[Channel, str]]:
        """Those of them that their services have said to be dead."""
        return frozenset(key for key, each in self.stored.items() if each.disabled)

    def _proven_or(self, kind: AddressKind, said: str | None) -> str | None:
        return (self.proven or {}).get(kind) or said

    def _devices(
        self,
        channel: Channel,
        known: tuple[Mapping[str, Any], ...] | None,
        name: Callable[[Mapping[str, Any]], str],
    ) -> tuple[Address, ...]:
        named = {name(each): each for each in known or ()}
        return tuple(
            self._standing(Address(channel, value, str(each.get("type", "")), each))
            for value, each in named.items()
        )

    def _chats(self) -> tuple[Address, ...]:
        place = self.slack_channel or ""
        if not place and not self.slack_token:
            return ()
        details = self.slack_connected or {}
        told = Address(Channel.SLACK, place, kind_of_chat(place), details, self.slack_token)
        return (self._standing(told),)

    def _standing(self, address: Address) -> Address:
        known = self.stored.get(address.key)
        return replace(address, standing=known.standing if known else UNTRIED)


Tokens = tuple[Mapping[str, Any], ...]


def _token(device: Mapping[str, Any]) -> str:
    return str(device.get("token", ""))


def _endpoint(subscription: Mapping[str, Any]) -> str:
    """The push service's address in the native API's ``{"sub": {"endpoint": ...}}``."""
    return str(subscription.get("sub", {}).get("endpoint", ""))


def _left(
    known: Tokens | None, gone: str, name: Callable[[Mapping[str, Any]], str]
) -> Tokens | None:
    return None if known is None else tuple(each for each in known if name(each) != gone)


def _added(
    known: Tokens | None, told: Tokens | None, name: Callable[[Mapping[str, Any]], str]
) -> Tokens | None:
    """The latest last; the oldest go when they get too many."""
    if told is None:
        return None
    said = {name(each) for each in told}
    left = tuple(each for each in known or () if name(each) not in said)
    return (*left, *told)[-MOST_DEVICES:]


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
