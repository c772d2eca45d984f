"""Attachments: given with the send, or fetched through the guarded way out."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from inbox_app.domain.errors import Transient, UnsupportedContent
from inbox_app.lib.http import MIB, Blocked, Http, HttpError
from inbox_app.lib.mailbox import clean

MOST_BYTES = 10 * MIB
"""All attachments of one message together."""

LONGEST_NAME = 120
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


async def attachments(
    given: Sequence[Mapping[str, Any]], provider: str, http: Http, timeout: float
) -> list[Attachment]:
    """The files of a send, each ``{filename, content}`` in base64 or ``{filename, url}``.

    Raises:
        UnsupportedContent: one is not base64, is refused, or all are over `MOST_BYTES`.
        Transient: one cannot be fetched now.
    """
    found: list[Attachment] = []
    left = MOST_BYTES
    for one in given:
        name = safe_name(str(one.get("filename") or ""))
        content, kind = await _content(one, name, _Source(provider, http, timeout, left))
        left -= len(content)
        if left < 0:
            raise UnsupportedContent(provider, f"The attachments are over {MOST_BYTES} bytes.")
        found.append(Attachment(name, _type(str(one.get("contentType") or kind), name), content))
    return found


def safe_name(name: str) -> str:
    """The last part of a path, without signs that mean something to a shell or file system."""
    last = re.split(r"[/\\]", clean(name))[-1]
    safe = re.sub(r'[<>:"|?*;]', "_", last).strip(". ")
    return safe[-LONGEST_NAME:] or "attachment"


def _type(named: str, filename: str) -> str:
    kind = named.partition(";")[0].strip().lower()
    if re.fullmatch(r"(application|audio|font|image|model|text|video)/[a-z0-9.+-]{1,80}", kind):
        return kind
    return mimetypes.guess_type(filename)[0] or UNKNOWN_TYPE


@dataclass(frozen=True)
class _Source:
    provider: str
    http: Http
    timeout: float
    left: int


async def _content(one: Mapping[str, Any], name: str, source: _Source) -> tuple[bytes, str]:
    if url := one.get("url"):
        return await _fetched(str(url), name, source)
    given = cast("object", one.get("content"))
    try:
        return base64.b64decode(given if isinstance(given, str) else "?", validate=True), ""
    except (binascii.Error, ValueError):
        raise UnsupportedContent(source.provider, f"The attachment {name} is not base64.") from None


async def _fetched(url: str, name: str, source: _Source) -> tuple[bytes, str]:
    what = f"The attachment {name} cannot be fetched"
    try:
        answer = await source.http.request("GET", url, limit=source.left, timeout=source.timeout)
    except Blocked as error:
        raise UnsupportedContent(source.provider, f"{what}: {error}", status="blocked") from None
    except HttpError as error:
        raise _for_now(source, f"{what}: {error}", "attachment") from None
    if answer.truncated and len(answer.body) >= source.left:
        raise UnsupportedContent(source.provider, f"The attachments are over {MOST_BYTES} bytes.")
    status = str(answer.status)
    if answer.truncated or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _for_now(source, f"{what}.", status)
    if answer.status != HTTPStatus.OK:
        raise UnsupportedContent(source.provider, f"{what}.", status=status)
    return answer.body, answer.headers.get("Content-Type", "")


def _for_now(source: _Source, detail: str, status: str) -> Transient:
    return Transient(source.provider, detail, status=status, about_message=True)
