"""Mail that Mailgun's routes pass on: forms, by "Receiving Messages via HTTP"."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from inbox_app.channels.mail.fields import kept, moment
from inbox_app.channels.mail.inbound import headers_of, is_automatic, writer
from inbox_app.channels.mail.origin import Origin, is_believed, signers_of
from inbox_app.channels.mail.quoted import written
from inbox_app.channels.mail.replies import token_in
from inbox_app.domain.receipt import Receipt, ReceiptKind

MOST_FIELDS = 200
SPAM = "x-mailgun-sflag"
"""Set by the spam filter, where a domain has one."""
CHECKS = ("x-mailgun-spf", "x-mailgun-dkim-check-result")
"""What it found out about the sender; ``Pass`` is the one good answer ("Spam Filter")."""
ADVICE = "Let Mailgun mark spam with MIME headers in this domain: without them it checks nothing."
Form = Mapping[str, str]


def form(content_type: str, body: bytes) -> Form:
    """The fields of a form, by their names, without files; empty when it cannot be read."""
    kind, options = parse_options_header(content_type)
    try:
        if kind == b"multipart/form-data":
            return _multipart(options.get(b"boundary", b""), body)
        text = body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except (FormParserError, ValueError):
        return {}


def _multipart(boundary: bytes, body: bytes) -> Form:
    """A form in parts (RFC 7578)."""
    reader = _Reader()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": reader.begin,
            "on_header_begin": reader.begin_header,
            "on_header_field": reader.header_name,
            "on_header_value": reader.header_value,
            "on_headers_finished": reader.named,
            "on_part_data": reader.content,
            "on_part_end": reader.end,
        },
    )
    parser.write(body)
    parser.finalize()
    return reader.fields


class _Reader:
    """Collects the fields of a form.

    Attributes:
        fields: What was read.
    """

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._headers: list[tuple[bytearray, bytearray]] = []
        self._text = bytearray()
        self._name: str | None = None
        self._parts = 0

    def begin(self) -> None:
        self._headers, self._text, self._name = [], bytearray(), None
        self._parts += 1
        if self._parts > MOST_FIELDS:
            raise ValueError("too many parts")

    def begin_header(self) -> None:
        self._headers.append((bytearray(), bytearray()))

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._headers[-1][0].extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._headers[-1][1].extend(data[start:end])

    def named(self) -> None:
        """Tells by the headers what the part is called, unless it is a file."""
        for name, value in self._headers:
            if bytes(name).lower() == b"content-disposition":
                _, options = parse_options_header(bytes(value))
                if b"name" in options and b"filename" not in options:
                    self._name = options[b"name"].decode("utf-8", "replace")

    def content(self, data: bytes, start: int, end: int) -> None:
        if self._name is not None:
            self._text += data[start:end]

    def end(self) -> None:
        if self._name is not None:
            self.fields[self._name] = self._text.decode("utf-8", "replace")


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
    pairs = _headers(fields)
    headers, sender = headers_of(pairs), fields.get("sender", "")
    spam = headers.get(SPAM, "").lower() == "yes"
    if not token or spam or is_automatic(headers, sender):
        return ()
    # Without what was quoted, where Mailgun found out what that is.
    text = kept(written(fields.get("stripped-text") or fields.get("body-plain", "")))
    author = writer(headers, sender)
    if not text or not _is_believed(pairs, Origin(author, sender, signers_of(pairs))):
        return ()
    return (
        Receipt(
            key=name_of(fields),
            kind=ReceiptKind.REPLIED,
            at=moment(fields.get("timestamp", "")) or now,
            address=author,
            text=text,
            reply_token=token,
        ),
    )


def _is_believed(headers: Sequence[tuple[str, str]], claimed: Origin) -> bool:
    """Whether Mailgun's checks prove the author; it makes none in a domain without spam filter."""
    spf, dkim = ([v.lower() for n, v in headers if n.lower() == check] for check in CHECKS)
    # A mail can bring such headers along: all of them have to say so.
    found = replace(claimed, spf=set(spf) == {"pass"}, dkim=set(dkim) == {"pass"})
    return is_believed(found, "" if spf or dkim else ADVICE)


def _headers(fields: Form) -> list[tuple[str, str]]:
    """The headers of the mail, which come as JSON; else those that are fields themselves."""
    try:
        listed: object = json.loads(fields.get("message-headers", ""))
    except (ValueError, RecursionError):
        listed = None
    pairs = cast("list[object]", listed) if isinstance(listed, list) else []
    named = [tuple(cast("list[object]", each)) for each in pairs if isinstance(each, list)]
    found = [(str(each[0]), str(each[1])) for each in named if len(each) == 2]  # noqa: PLR2004
    return [*found, *fields.items()]
