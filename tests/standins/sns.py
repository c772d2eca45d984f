"""Notifications as Amazon SNS sends them, signed by a key of the test's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID

from tests.clock import START

REGION = "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:mail"
CERTIFICATE_URL = f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-0123abcd.pem"
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
# "Verifying the signatures of Amazon SNS messages": names in this order, with their values.
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def stamp(at: datetime) -> str:
    """As SNS writes times."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Sns:
    """Signs notifications.

    Attributes:
        pem: Its certificate.
    """

    def __init__(
        self,
        name: str = "sns.amazonaws.com",
        *,
        others: tuple[str, ...] = (),
        starts: timedelta = timedelta(-1),
        ends: timedelta = timedelta(1),
    ) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pem = certificate(self._key, name, others, (starts, ends))

    def notice(self, message: str | Mapping[str, Any] = "", **changes: str | None) -> bytes:
        """The body of a notification; ``changes`` with None take a field away before signing."""
        text = message if isinstance(message, str) else json.dumps(message)
        values: dict[str, str | None] = {
            "Type": "Notification",
            "MessageId": "notice-1",
            "TopicArn": TOPIC,
            "Message": text,
            "Timestamp": stamp(START),
            "SignatureVersion": "1",
            "SigningCertURL": CERTIFICATE_URL,
            **changes,
        }
        return self.signed({name: value for name, value in values.items() if value is not None})

    def confirmation(self, kind: str = "SubscriptionConfirmation", **changes: str | None) -> bytes:
        """The body of a question whether notifications are wanted."""
        url = f"https://sns.{REGION}.amazonaws.com/?Action=ConfirmSubscription&Token=t-1"
        return self.notice(
            "Confirm!", **{"Type": kind, "SubscribeURL": url, "Token": "t-1"} | changes
        )

    def signed(self, values: Mapping[str, str]) -> bytes:
        """These values with their signature."""
        names = NOTIFICATION if values.get("Type") == "Notification" else CONFIRMATION
        text = "".join(f"{name}\n{values[name]}\n" for name in names if name in values)
        kind = HASHES.get(values.get("SignatureVersion", ""), hashes.SHA256)
        signature = self._key.sign(text.encode(), PKCS1v15(), kind())
        return json.dumps({**values, "Signature": base64.b64encode(signature).decode()}).encode()


def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    name: str,
    others: tuple[str, ...] = (),
    lasts: tuple[timedelta, timedelta] = (timedelta(-1), timedelta(1)),
) -> bytes:
    """A certificate of its own key, in PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        *(subject, subject, key.public_key(), x509.random_serial_number()),
        *(START + lasts[0], START + lasts[1]),
    )
    if others:
        names = x509.SubjectAlternativeName([x509.DNSName(other) for other in others])
        builder = builder.add_extension(names, critical=False)
    made = builder.sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)
