"""Links in e-mails: all they stand for is in them, with a proof that this server made them.

A token is base64url (RFC 4648, section 5) of a body and its proof, without padding. It does not end
by itself: whether what it names still stands is asked when it is used, and of one that says when it
was made, whether that is too long ago. The key is the server's own, so a click is answered without
asking the database for a key, and the applications that send, which know their environment's client
secret, cannot act for the people they write to.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

from inbox_app.lib.sealing import PROOF_BYTES, Sealer
from inbox_app.lib.signing import BadSignature

EVERYTHING = 0
"""The type of a link that is for all e-mail."""
LONGEST_TOKEN = 16_000
_FOUR, _TWO, _ONE = struct.Struct(">4Q"), struct.Struct(">2Q"), struct.Struct(">Q")
# What a link is for is proven but not written: a token of one kind is none of another.
_UNSUBSCRIBE, _OPEN, _CLICK = b"unsubscribe\0", b"open\0", b"click\0"
_ATTACHMENT = b"attachment\0"
_PREFERENCES = b"preferences\0"
_REPLY = b"reply\0"


@dataclass(frozen=True)
class UnsubscribeLink:
    """Switches e-mail off.

    Attributes:
        environment_id: Internal key, like the others.
        type_id: Of what; `EVERYTHING` for all e-mail.
        delivery_id: The e-mail it stands in.
    """

    environment_id: int
    user_id: int
    type_id: int
    delivery_id: int


@dataclass(frozen=True)
class PreferenceLink:
    """Opens a person's preferences.

    Attributes:
        user_id: Internal key.
        made_at: Microseconds since 1970, UTC.
    """

    user_id: int
    made_at: int


@dataclass(frozen=True)
class ReplyLink:
    """Stands in the address that an answer to a message goes to."""

    delivery_id: int


@dataclass(frozen=True)
class OpenLink:
    """The picture that reports that an e-mail was opened."""

    delivery_id: int


@dataclass(frozen=True)
class ClickLink:
    """A link of an e-mail, led over this server.

    Attributes:
        url: Where it goes; part of what is proven, so nobody can make it lead elsewhere.
    """

    delivery_id: int
    url: str


def unsubscribe_token(sealer: Sealer, link: UnsubscribeLink) -> str:
    """64 characters."""
    body = _FOUR.pack(link.environment_id, link.user_id, link.type_id, link.delivery_id)
    return _token(sealer, _UNSUBSCRIBE, body)


def preference_token(sealer: Sealer, link: PreferenceLink) -> str:
    """43 characters."""
    return _token(sealer, _PREFERENCES, _TWO.pack(link.user_id, link.made_at))


def open_token(sealer: Sealer, link: OpenLink) -> str:
    """32 characters."""
    return _token(sealer, _OPEN, _ONE.pack(link.delivery_id))


def click_token(sealer: Sealer, link: ClickLink) -> str:
    """32 characters and four for every three bytes of the address."""
    return _token(sealer, _CLICK, _ONE.pack(link.delivery_id) + link.url.encode())


def reply_token(sealer: Sealer, link: ReplyLink) -> str:
    """39 letters and digits: base32 (RFC 4648, section 6), for servers change the case of mail."""
    body = _ONE.pack(link.delivery_id)
    return _in_letters(body + sealer.proof(_REPLY + body))


def _in_letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def read_unsubscribe(sealer: Sealer, token: str) -> UnsubscribeLink:
    """Raises BadSignature: forged, cut short, or made for something else."""
    return UnsubscribeLink(*_FOUR.unpack(_body(sealer, _UNSUBSCRIBE, token)))


def read_preference(sealer: Sealer, token: str) -> PreferenceLink:
    """Raises BadSignature, as `read_unsubscribe`."""
    return PreferenceLink(*_TWO.unpack(_body(sealer, _PREFERENCES, token)))


def read_open(sealer: Sealer, token: str) -> OpenLink:
    """Raises BadSignature, as `read_unsubscribe`."""
    return OpenLink(*_ONE.unpack(_body(sealer, _OPEN, token)))


def read_click(sealer: Sealer, token: str) -> ClickLink:
    """Raises BadSignature, as `read_unsubscribe`."""
    body = _body(sealer, _CLICK, token)
    (delivery_id,) = _ONE.unpack_from(body)
    return ClickLink(delivery_id, body[_ONE.size :].decode())


def read_reply(sealer: Sealer, token: str) -> ReplyLink:
    """Takes the token in any case. Raises BadSignature, as `read_unsubscribe`."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8)) if token.isascii() else b""
    except ValueError as error:
        raise BadSignature("This is not a token.") from error
    body, proof = raw[:-PROOF_BYTES], raw[-PROOF_BYTES:]
    whole = len(body) == _ONE.size and _in_letters(raw) == token.lower()
    if not whole or not sealer.proves(_REPLY + body, proof):
        raise BadSignature("The token is not valid.")
    return ReplyLink(*_ONE.unpack(body))


def _token(sealer: Sealer, purpose: bytes, body: bytes) -> str:
    return _written(body + sealer.proof(purpose + body))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _body(sealer: Sealer, purpose: bytes, token: str) -> bytes:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadSignature("This is not a token.")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise BadSignature("This is not a token.") from error
    body, proof = raw[:-PROOF_BYTES], raw[-PROOF_BYTES:]
    # The decoder skips what is no base64; only one way of writing a token counts.
    if _written(raw) != token or not sealer.proves(purpose + body, proof):
        raise BadSignature("The token is not valid.")
    return body


def attachment_proof(sealer: Sealer, attachment_id: str, until: str) -> str:
    """Proves that a picture may be seen until a time (whole Unix seconds); 22 characters."""
    return _written(sealer.proof(_ATTACHMENT + f"{attachment_id}\0{until}".encode()))


def check_attachment(sealer: Sealer, attachment_id: str, until: str, proof: str) -> None:
    """Raises BadSignature: the proof is not for this picture and this time, or no proof."""
    body, raw = _ATTACHMENT + f"{attachment_id}\0{until}".encode(), b""
    if proof.isascii() and until.isascii() and until.isdigit():
        try:
            raw = base64.urlsafe_b64decode(proof + "=" * (-len(proof) % 4))
        except ValueError:
            raw = b""
    if _written(raw) != proof or not sealer.proves(body, raw):
        raise BadSignature("This address was not made here.")
