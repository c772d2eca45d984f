"""E-mail through Mailgun, and what its webhooks and routes report."""

from __future__ import annotations

import asyncio
import base64
from enum import StrEnum

from pydantic import Field, SecretStr

from inbox_app.channels.foreign import inner, parsed
from inbox_app.channels.http import accepted, call, document
from inbox_app.channels.mail.compose import Sender, compose_in_time
from inbox_app.channels.mail.settings import (
    REPLY_DOMAIN_HELP,
    FromAddress,
    FromName,
    ReplyDomain,
)
from inbox_app.channels.mailgun import events, proof, routes
from inbox_app.channels.mailgun.faults import refusal
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
from inbox_app.lib.http import File

NAME = "mailgun"


class Region(StrEnum):
    """Where the domain was added."""

    US = "us"
    EU = "eu"


HOSTS = {Region.US: "api.mailgun.net", Region.EU: "api.eu.mailgun.net"}


class MailgunSettings(ProviderSettings):
    """Which domain sends, who writes, and what proves a report."""

    domain: str = Field(
        title="Sending domain", pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=253
    )
    region: Region = Field(Region.US, title="Region")
    api_key: SecretStr = Field(title="API key", min_length=1)
    signing_key: SecretStr = Field(
        SecretStr(""),
        title="Webhook signing key",
        description="Without it no reports and no answers are taken.",
    )
    from_address: FromAddress = Field(
        title="From address", description="The sender of every message that does not say another."
    )
    from_name: FromName = Field("", title="From name", max_length=200)
    reply_domain: ReplyDomain = Field(
        "",
        title="Domain for answers",
        description=f"{REPLY_DOMAIN_HELP} It needs a route that stores mail and notifies this "
        "server: forwarding sends attachments along, which are not taken. The spam filter has to "
        "mark mail with MIME headers: without them nothing proves who wrote an answer.",
        max_length=253,
    )


async def send(parcel: Parcel, settings: MailgunSettings, tools: Tools) -> SendResult:
    """Sends one e-mail.

    Raises:
        Transient, RateLimited, Permanent, UnsupportedContent, OutcomeUnknown: as `Provider.send`.
    """
    sender = Sender(NAME, settings.from_address, settings.from_name, settings.reply_domain)
    mail, tools = await compose_in_time(parcel, sender, tools)
    everybody = (mail.who.to, *mail.who.besides)
    form = {"to": ",".join(map(str, everybody))}
    if parcel.delivery_id:
        form[f"v:{events.VARIABLE}"] = str(parcel.delivery_id)
    key = settings.api_key.get_secret_value()
    pair = f"api:{key}"
    answer = await call(
        *(
            NAME,
            tools,
            "POST",
            f"https://{HOSTS[settings.region]}/v3/{settings.domain}/messages.mime",
        ),
        headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
        form=form,
        files={"message": File("message.mime", mail.content, "message/rfc822")},
    )
    if not accepted(answer):
        raise refusal(NAME, answer, (key, pair), tools, alone=len(everybody) == 1)
    name = document(answer).get("id")
    message_id = spoken(name.strip("<>")) if isinstance(name, str) else ""
    return SendResult(message_id, spoken(" ".join(mail.notes)))


async def hear(report: Call, settings: MailgunSettings, tools: Tools) -> Heard:
    """Reads a webhook, which is JSON, or a mail that came in, which is a form.

    Raises:
        Unauthenticated: it is not proven to be Mailgun's.
    """
    key, now = settings.signing_key.get_secret_value(), tools.now()
    kind = report.headers.get("content-type", "")
    if kind.lower().startswith("application/json"):
        said = parsed(report.body)
        event = inner(said, "event-data")
        proven = proof.check(inner(said, "signature"), key, event, now)
        return Heard(events.receipts_of(event, now), proof=proven)
    fields = routes.form(kind, report.body)
    proven = proof.check(fields, key, fields, now)
    # A long mail takes its time.
    found = await asyncio.to_thread(routes.receipts_of, fields, settings.reply_domain, now)
    return Heard(found, proof=proven)


PROVIDER = Provider(
    name=NAME,
    label="Mailgun",
    channels=frozenset({Channel.EMAIL}),
    settings=MailgunSettings,
    send=send,
    hear=hear,
)
