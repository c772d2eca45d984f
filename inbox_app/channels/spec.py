"""What an adapter is, what it is handed, and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from inbox_app.domain.notification import Action
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Proof, Receipt
from inbox_app.lib.http import Http


@dataclass(frozen=True)
class Parcel:
    """A rendered message for one address.

    Attributes:
        tracking_id: Its notification; "" for a digest, which belongs to several.
        to: The address: an e-mail address, a number, a token.
        fields: The content in the channel's terms, as `domain.delivery.Message.fields`: for
            e-mail subject, html, text, preview_text, sender_name, sender_email,
            list_unsubscribe; for SMS message and, where the sender gave them, media_urls (https)
            and from, which a gateway that cannot do that takes no notice of.
        options: What the send asked for on this channel: for e-mail replyToAddresses,
            ccAddresses, bccAddresses, fromAddress, fromName, attachments.
        key: The same over all tries of one delivery, and of no other.
        kind: Which of the channel's services gave the address out (`domain.address.Address`).
        details: What it gave out with it: a device, the keys of a web-push subscription.
        secret: What lets one write to this address alone, such as a person's Slack token; or "".
        callback: Where the provider can report to, or "" when nothing can reach this server.
        page: Where the person finds it on this server.
        reply_token: What an address that takes answers to an e-mail names this message by, and
            a browser that reports what became of a push; or "".
        buttons: Those of the notification itself, in their order; none for a digest.
        through: The integration that it is handed to; 0 where nothing can report of it.
    """

    delivery_id: int
    tracking_id: str
    channel: Channel
    to: str = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    key: str
    kind: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    secret: str = field(default="", repr=False)
    callback: str = field(default="", repr=False)
    page: str = ""
    reply_token: str = field(default="", repr=False)
    buttons: tuple[Action, ...] = ()
    through: int = 0


@dataclass(frozen=True)
class SendResult:
    """The provider took it.

    Attributes:
        message_id: The provider's name for it, "" when it gave none.
        detail: What a person should know about how it went.
        fields: What the sandbox is to keep; None when the message left the server.
    """

    message_id: str = ""
    detail: str = ""
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Call:
    """A request that a provider makes of this server.

    Attributes:
        url: As the provider called it, with its query: some sign it.
        headers: Names in lower case.
        body: As it came: most sign it.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Said:
    """What a provider is answered."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True)
class Ended:
    """What people connected, and their service has ended for all of a workspace.

    Attributes:
        app_id, team_id: As in `domain.connected_chat.ConnectedChat`.
        at: When; who connected it again after that is not meant.
        why: What is said of their addresses.
    """

    app_id: str
    team_id: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Heard:
    """What a request of a provider says.

    Attributes:
        receipts: What it reports.
        answer: What it is answered once that is kept.
        replying: The same where the sender wants those who reply to be answered with these texts.
        proof: What proves it, where that could be put to other reports.
        ended: What people connected before, and cannot use any more; or None.
    """

    receipts: tuple[Receipt, ...] = ()
    answer: Said = Said()
    replying: Callable[[Sequence[str]], Said] | None = None
    proof: Proof | None = None
    ended: Ended | None = None


class ProviderSettings(BaseModel):
    """Base of all settings models: flat, unchanging, and silent about values in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Resource(Protocol):
    """What a provider keeps between sends: a connection pool, a token."""

    async def close(self) -> None: ...


ResourceT = TypeVar("ResourceT", bound=Resource)


class Resources:
    """Keeps one of each kind of resource for the process, made when it is first asked for.

    Args:
        ready: Those that are made otherwise than without arguments.
    """

    def __init__(self, *ready: Resource) -> None:
        self._kept: dict[type[Any], Resource] = {type(each): each for each in ready}

    def get(self, kind: type[ResourceT]) -> ResourceT:
        """The one ``kind`` of this process."""
        kept = self._kept.get(kind)
        if not isinstance(kept, kind):
            self._kept[kind] = kept = kind()
        return kept

    async def close(self) -> None:
        """Closes them all; asking again makes new ones."""
        kept, self._kept = list(self._kept.values()), {}
        async with AsyncExitStack() as ending:
            # Each is closed, whatever another raises.
            for resource in kept:
                ending.push_async_callback(resource.close)


@dataclass(frozen=True)
class Tools:
    """What a process lends its adapters; closed by the process when it ends.

    Attributes:
        timeout: Most seconds one send may take. An adapter ends by itself before that, because
            only it knows whether the message was already written.
    """

    http: Http
    now: Callable[[], datetime]
    timeout: float = 30
    resources: Resources = field(default_factory=Resources)

    async def close(self) -> None:
        """Ends all connections."""
        try:
            await self.resources.close()
        finally:
            await self.http.close()


SettingsT = TypeVar("SettingsT", bound=ProviderSettings)


class Age(StrEnum):
    """Where an address's secret stands."""

    FRESH = "fresh"
    DUE = "due"
    """It still works, and it is time to have it renewed."""
    OVER = "over"
    """It does not work any more."""


@dataclass(frozen=True)
class Renewal(Generic[SettingsT]):
    """How the secret of an address is exchanged for a new one before it ends.

    Attributes:
        age: Where a secret stands now; `Age.FRESH` too when it does not end, or cannot be
            renewed with these settings.
        renew: The new secret. It is asked for by one at a time, and stored before anything else is
            done with it. Raises as `Provider.send`.
    """

    age: Callable[[str, SettingsT, datetime], Age]
    renew: Callable[[str, SettingsT, Tools], Awaitable[str]]


@dataclass(frozen=True)
class Provider(Generic[SettingsT]):
    """A service that carries messages.

    Attributes:
        name: Its name in stored integrations.
        label: Its name for people.
        channels: What it carries.
        settings: Model of an integration's settings; secrets in it are ``SecretStr``.
        kinds: The kinds of addresses it takes (`domain.address.Address.kind`); all when empty.
        send: Hands over one parcel. Raises `domain.errors.Transient`, ``RateLimited``,
            ``Permanent``, ``UnsupportedContent`` or ``OutcomeUnknown``, and nothing else.
        hear: Reads what the provider reports; None when it reports nothing. Raises
            `domain.errors.Unauthenticated` before anything else when the request is not proven to
            be the provider's, and ``InvalidInput`` when it cannot be understood.
        public: What everybody may know of the settings, such as a public key.
        rotated: The secrets with new ones before the old, which go on counting for a while.
        whose: Who granted the secret of an address (`Parcel.secret`), by the provider's name for
            them, or "": tells them from others who write to the same place.
        renewal: How it renews what lets one write to an address (`Parcel.secret`); None when that
            does not end.
        place: Where an address (`Parcel.to`) leads, such as a host, when one of these may be out of
            order while the others work; None when all go the same way.
    """

    name: str
    label: str
    channels: frozenset[Channel]
    settings: type[SettingsT]
    send: Callable[[Parcel, SettingsT, Tools], Awaitable[SendResult]]
    kinds: frozenset[str] = frozenset()
    hear: Callable[[Call, SettingsT, Tools], Awaitable[Heard]] | None = None
    public: Callable[[SettingsT], Mapping[str, Any]] | None = None
    rotated: Callable[[SettingsT], Mapping[str, Any]] | None = None
    whose: Callable[[str], str] | None = None
    renewal: Renewal[SettingsT] | None = None
    place: Callable[[str], str] | None = None
