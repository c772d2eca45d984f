"""Mail that Mailgun's routes pass on: forms, by "Receiving Messages via HTTP"."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from typing import cast
from urllib.parse import parse_qsl

from inbox_app.channels.mail.fields import kept, moment
from inbox_app.channels.mail.inbound import headers_of, is_automatic, writer
from inbox_app.channels.mail.quoted import written
from inbox_app.channels.mail.replies import token_in
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.receipt import Receipt, ReceiptKind

MOST_FIELDS = 200
SPAM = "x-mailgun-sflag"
"""Set by the spam filter, where a domain has one."""
Form = Mapping[str, str]


def form(content_type: str, body: bytes) -> Form:
    """The fields of a form, by their names; files are left out.

    Raises:
        InvalidInput: too many fields.
    """
    if content_type.lower().startswith("multipart/"):
        return _multipart(content_type, body)
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise InvalidInput("The form has too many fields.") from None
    return dict(pairs)


def _multipart(content_type: str, body: bytes) -> Form:
    """A form with files is built as a mail with attachments is (RFC 7578)."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    fields: dict[str, str] = {}
    whole = message_from_bytes(head + body)
    # What lies inside a part is a file's, and a file is whatever its sender likes.
    for part in cast("list[Message]", whole.get_payload()) if whole.is_multipart() else []:
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is None and isinstance(name, str):
            content = part.get_payload(decode=True)
            fields[name] = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        if len(fields) > MOST_FIELDS:
            raise InvalidInput("The form has too many fields.")
    return fields


def name_of(fields: Form) -> str:
    """Names a mail to one recipient: the same whenever it is passed on."""
    said = (
        *(fields.get("recipient", ""), fields.get("Message-Id", "")),
        *(fields.get("from", ""), fields.get("body-plain", "")),
    )
    return hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()


def receipts_of(fields: Form, reply_domain: str, now: datetime) -> tuple[Receipt, ...]:
    """An answer of a person, or nothing."""
    token = token_in(fields.get("recipient", "").split(","), reply_domain)
    headers = _headers(fields)
    sender = fields.get("sender", "")
    spam = headers.get(SPAM, "").lower() == "yes"
    if not token or spam or is_automatic(headers, sender):
        return ()
    # Without what was quoted, where Mailgun found out what that is.
    text = kept(written(fields.get("stripped-text") or fields.get("body-plain", "")))
    if not text:
        return ()
    return (
        Receipt(
            key=name_of(fields),
            kind=ReceiptKind.REPLIED,
            at=moment(fields.get("timestamp", "")) or now,
            address=writer(headers, sender),
            text=text,
            reply_token=token,
        ),
    )


def _headers(fields: Form) -> dict[str, str]:
    """The headers of the mail, which come as JSON; else those that are fields themselves."""
    try:
        listed: object = json.loads(fields.get("message-headers", ""))
    except (ValueError, RecursionError):
        listed = None
    pairs = cast("list[object]", listed) if isinstance(listed, list) else []
    named = [tuple(cast("list[object]", each)) for each in pairs if isinstance(each, list)]
    found = [(str(each[0]), str(each[1])) for each in named if len(each) == 2]  # noqa: PLR2004
    return headers_of([*found, *fields.items()])
