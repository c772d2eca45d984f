"""Notifications of Amazon SNS: proven to be Amazon's, by a topic that is ours.

The rules are those of "Verifying the signatures of Amazon SNS messages". A signature only says that
Amazon sent it: anybody can have a topic of their own there, so the topic has to be one that is
named in the settings.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from inbox_app.channels.foreign import parsed
from inbox_app.channels.mail.fields import moment
from inbox_app.channels.spec import Tools
from inbox_app.domain.errors import Unauthenticated, Unavailable
from inbox_app.lib.http import Answer, Http, HttpError
from inbox_app.lib.memo import Memo

NOTIFICATION, SUBSCRIBED, UNSUBSCRIBED = (
    *("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"),
)
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIBED: _CONFIRMATION,
    UNSUBSCRIBED: _CONFIRMATION,
}
"""What is signed of each kind, in this order."""
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
"""By ``SignatureVersion``; the first is what topics use unless told otherwise."""
TOPIC = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{5,30}):[0-9]{12}:[\w.-]{1,256}")
CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{8,64}\.pem")
OLDEST = timedelta(hours=2)
"""SNS repeats a notification for an hour at most; the rest is for queues and clocks."""
AHEAD = timedelta(minutes=15)
KEPT, MOST_KEPT = timedelta(days=1), 20
LARGEST = 64 * 1024


@dataclass(frozen=True)
class Notice:
    """A proven notification.

    Attributes:
        kind: `NOTIFICATION`, `SUBSCRIBED` or `UNSUBSCRIBED`.
        topic: The ARN of the topic it was published to.
        id: The same when it is repeated.
        subscribe_url: Where a subscription is confirmed, or "".
    """

    kind: str
    topic: str
    id: str
    at: datetime
    message: str = field(repr=False)
    subscribe_url: str = field(default="", repr=False)


class Certificates:
    """What SNS signs with, fetched once a day; one instance per process."""

    def __init__(self) -> None:
        self._kept: Memo[str, x509.Certificate] = Memo(KEPT, MOST_KEPT)

    async def get(self, url: str, http: Http, now: datetime) -> x509.Certificate:
        """The certificate at ``url``, which is known to be one of SNS.

        Raises:
            Unauthenticated: there is none.
            Unavailable: it cannot be fetched now.
        """
        kept = self._kept.get(url, now)
        if kept is None:
            answer = await _fetched(url, http)
            try:
                kept = x509.load_pem_x509_certificate(answer.body)
            except ValueError:
                raise _false("Its certificate cannot be read.") from None
            self._kept.put(url, kept, now)
        return kept

    async def close(self) -> None:
        """Nothing is open."""


async def proven(body: bytes, topics: Collection[str], tools: Tools) -> Notice:
    """The notification in the body of a request.

    Raises:
        Unauthenticated: it is not SNS's, not of one of these topics, or too old.
        Unavailable: what proves it cannot be fetched now.
    """
    said = parsed(body)
    values = {name: value for name, value in said.items() if isinstance(value, str)}
    kind, topic, now = values.get("Type", ""), values.get("TopicArn", ""), tools.now()
    if kind not in SIGNED or topic not in topics:
        raise _false("It is no notification of a topic that this integration names.")
    at = moment(values.get("Timestamp", ""))
    if at is None or not now - OLDEST <= at <= now + AHEAD:
        raise _false("It is too old, or from the future.")
    host = _host(topic)
    url = values.get("SigningCertURL", "")
    if not _is_at(host, url) or not CERTIFICATE.fullmatch(urlsplit(url).path):
        raise _false("Its certificate is not where those of SNS are.")
    certificate = await tools.resources.get(Certificates).get(url, tools.http, now)
    _check_certificate(certificate, topic, now)
    _check_signature(certificate, values)
    message_id, message = values.get("MessageId", ""), values.get("Message", "")
    return Notice(kind, topic, message_id, at, message, values.get("SubscribeURL", ""))


async def confirm(notice: Notice, tools: Tools) -> None:
    """Subscribes this server to the topic that asks whether it wants that.

    Raises:
        Unauthenticated: the address to call is not one of SNS.
        Unavailable: it did not answer; SNS asks again.
    """
    if not _is_at(_host(notice.topic), notice.subscribe_url):
        raise _false("The address to subscribe at is not one of SNS.")
    await _fetched(notice.subscribe_url, tools.http)


def is_topic(text: str) -> bool:
    """Whether it is the ARN of a topic."""
    return bool(TOPIC.fullmatch(text))


def _host(topic: str) -> str:
    """The host of SNS that serves a topic."""
    region = topic.split(":")[3]
    return f"sns.{region}.{_suffix(region)}"


def _suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _is_at(host: str, url: str) -> bool:
    """Whether the URL leads to this host alone: https, the usual port, no user."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc == host


async def _fetched(url: str, http: Http) -> Answer:
    try:
        answer = await http.request("GET", url, limit=LARGEST)
    except HttpError as error:
        raise Unavailable(f"SNS cannot be asked: {error}.") from None
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.truncated:
        raise Unavailable("SNS cannot be asked now.")
    if answer.status != HTTPStatus.OK:
        raise _false("SNS knows nothing of it.")
    return answer


def _check_certificate(certificate: x509.Certificate, topic: str, now: datetime) -> None:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise _false("Its certificate is not valid now.")
    if not _names(certificate) & _signers(topic.split(":")[3]):
        raise _false("Its certificate is not one of SNS.")


def _signers(region: str) -> frozenset[str]:
    """The names that certificates of SNS carry, which are not the same in all regions."""
    suffix = _suffix(region)
    here = {f"{prefix}{region}.{suffix}" for prefix in ("sns.", "sns-signing.", "sns-")}
    if region.startswith("us-gov-"):
        here.add(f"sns-us-gov-west-1.{suffix}")
    return frozenset({"sns.amazonaws.com", *here})


def _names(certificate: x509.Certificate) -> set[str]:
    names = {
        str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    }
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return names
    return names | set(found.value.get_values_for_type(x509.DNSName))


def _check_signature(certificate: x509.Certificate, values: dict[str, str]) -> None:
    key, kind = certificate.public_key(), HASHES.get(values.get("SignatureVersion", ""))
    if kind is None or not isinstance(key, RSAPublicKey):
        raise _false("It is signed in a way that is not known.")
    try:
        signature = base64.b64decode(values.get("Signature", ""), validate=True)
        key.verify(signature, _canonical(values), PKCS1v15(), kind())
    except (InvalidSignature, binascii.Error, ValueError):
        raise _false("Its signature is wrong.") from None


def _canonical(values: dict[str, str]) -> bytes:
    """What is signed: names and values, each on its own line, those that are there."""
    signed = [name for name in SIGNED[values["Type"]] if name in values]
    return "".join(f"{name}\n{values[name]}\n" for name in signed).encode()


def _false(why: str) -> Unauthenticated:
    return Unauthenticated(f"This is not taken for a notification of SNS. {why}")
