"""E-mail through Amazon SES, and what it reports through Amazon SNS."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from inbox_app.channels.http import accepted, call, document
from inbox_app.channels.mail.compose import Mail, Sender, compose_in_time
from inbox_app.channels.mail.settings import (
    REPLY_DOMAIN_HELP,
    FromAddress,
    FromName,
    ReplyDomain,
)
from inbox_app.channels.ses import sns
from inbox_app.channels.ses.events import TAG, receipts_of
from inbox_app.channels.ses.faults import refusal
from inbox_app.channels.spec import (
    Call,
    Heard,
    Parcel,
    Provider,
    ProviderSettings,
    SendResult,
    Tools,
)
from inbox_app.channels.words import spoken
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.sigv4 import Keys, Request, Scope, signed

NAME = "ses"
SERVICE = "ses"


def _topics(value: str) -> str:
    named = re.split(r"[\s,]+", value.strip()) if value.strip() else []
    if not all(map(sns.is_topic, named)):
        raise ValueError("not ARNs of topics with commas between them")
    return ",".join(named)


class SesSettings(ProviderSettings):
    """Whose account it is, who writes, and who reports."""

    region: str = Field(
        title="Region", description="Such as eu-west-1.", pattern=r"^[a-z]{2}(-[a-z]+){1,3}-[0-9]$"
    )
    access_key_id: str = Field(
        title="Access key ID",
        description="Of a user who may call ses:SendEmail and ses:SendRawEmail.",
        pattern=r"^[A-Za-z0-9]{1,128}$",
    )
    secret_access_key: SecretStr = Field(title="Secret access key", min_length=1)
    session_token: SecretStr = Field(
        SecretStr(""), title="Session token", description="Only with keys that are lent."
    )
    from_address: FromAddress = Field(
        title="From address", description="The sender of every message that does not say another."
    )
    from_name: FromName = Field("", title="From name", max_length=200)
    configuration_set: str = Field(
        "",
        title="Configuration set",
        description="The one that publishes events to the SNS topic below.",
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
    )
    topics: Annotated[str, AfterValidator(_topics)] = Field(
        "",
        title="SNS topics",
        description="ARNs, with commas between. Reports and answers are taken from these alone.",
        max_length=2000,
    )
    reply_domain: ReplyDomain = Field(
        "", title="Domain for answers", description=REPLY_DOMAIN_HELP, max_length=253
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must appear in no error."""
        return (self.secret_access_key.get_secret_value(), self.session_token.get_secret_value())


async def send(parcel: Parcel, settings: SesSettings, tools: Tools) -> SendResult:
    """Sends one e-mail.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    sender = Sender(NAME, settings.from_address, settings.from_name, settings.reply_domain)
    mail, tools = await compose_in_time(parcel, sender, tools)
    request = _request(parcel, mail, settings)
    keys = Keys(settings.access_key_id, *settings.secrets)
    headers = signed(request, keys, Scope(settings.region, SERVICE), tools.now())
    answer = await call(
        *(NAME, tools, request.method, request.url), headers=headers, body=request.body
    )
    if not accepted(answer):
        raise refusal(NAME, answer, settings.secrets, tools)
    name = document(answer).get("MessageId")
    message_id = spoken(name) if isinstance(name, str) else ""
    return SendResult(message_id, spoken(" ".join(mail.notes)))


def _request(parcel: Parcel, mail: Mail, settings: SesSettings) -> Request:
    tags = [{"Name": TAG, "Value": str(parcel.delivery_id)}] if parcel.delivery_id else []
    who = mail.who
    asked = {
        "FromEmailAddress": str(who.sender),
        "Destination": {
            "ToAddresses": [str(who.to)],
            "CcAddresses": [str(each) for each in who.besides if each in who.carbon],
            "BccAddresses": [str(each) for each in who.besides if each not in who.carbon],
        },
        "Content": {"Raw": {"Data": base64.b64encode(mail.content).decode()}},
        "EmailTags": tags,
    }
    if settings.configuration_set:
        asked["ConfigurationSetName"] = settings.configuration_set
    suffix = "amazonaws.com.cn" if settings.region.startswith("cn-") else "amazonaws.com"
    url = f"https://email.{settings.region}.{suffix}/v2/email/outbound-emails"
    return Request("POST", url, {"Content-Type": "application/json"}, json.dumps(asked).encode())


async def hear(report: Call, settings: SesSettings, tools: Tools) -> Heard:
    """Reads a notification of SNS, and answers a topic that asks whether to send some.

    Raises:
        Unauthenticated: it is not from one of the topics in the settings.
        Unavailable: what proves it cannot be fetched now.
    """
    topics = tuple(filter(None, settings.topics.split(",")))
    notice = await sns.proven(report.body, topics, tools)
    if notice.kind == sns.SUBSCRIBED:
        await sns.confirm(notice, tools)
    if notice.kind != sns.NOTIFICATION:
        return Heard()
    # A mail that came in, however it is built, takes its time.
    return Heard(await asyncio.to_thread(receipts_of, notice, settings.reply_domain))


PROVIDER = Provider(
    name=NAME,
    label="Amazon SES",
    channels=frozenset({Channel.EMAIL}),
    settings=SesSettings,
    send=send,
    hear=hear,
)
