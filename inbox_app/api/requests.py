"""Reading requests: the runtime, bodies within limits, ids in paths."""

from __future__ import annotations

import math
import re
from typing import Annotated, TypeVar, cast
from urllib.parse import quote, unquote

from fastapi import Depends, Path
from pydantic import BaseModel, BeforeValidator, ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from inbox_app.api.errors import from_validation
from inbox_app.domain.errors import InvalidInput, TooLarge
from inbox_app.runtime import Runtime

Model = TypeVar("Model", bound=BaseModel)

MAX_BODY = 5 * 1024 * 1024
MAX_ID = 256
SUSPECT = re.compile(
    rb"[\\NI\d](?:(?<=\\)u0000|(?<=N)aN|(?<=I)nfinity|(?<=\d)(?:[eE]\+?\d\d|\d{299}))"
)
"""What a NUL character or a number beyond a float may look like; looked for closely only then.

Every part begins with a sign of the first set, which is looked for at a third of the price.
"""


# Not because it waits for anything: FastAPI hands plain functions to a thread, at twice the cost of
# a whole small request.
async def runtime_of(request: Request) -> Runtime:
    """The process's runtime, put there by whoever built the app."""
    return cast("Runtime", request.app.state.runtime())


RuntimeDep = Annotated[Runtime, Depends(runtime_of)]
PathId = Annotated[str, Path(max_length=3 * MAX_ID), BeforeValidator(unquote)]
"""An id in a path, whole: `WholeSegments` keeps an encoded slash inside it."""


class WholeSegments:
    """Makes paths routable as the SDK sends them.

    ASGI servers decode ``%2F`` before routing, which would split an id such as ``a/b``. The path
    is rebuilt from the raw one with slashes and percent signs inside a segment still encoded;
    `PathId` decodes them. A double slash, which comes from a base URL with a trailing slash,
    counts as one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("raw_path"):
            raw = scope["raw_path"].partition(b"?")[0].decode("latin-1")
            if "%" in raw or "//" in raw:
                scope = {**scope, "path": _whole(raw)}
        await self.app(scope, receive, send)


def _whole(raw: str) -> str:
    segments = [unquote(segment).replace("%", "%25") for segment in raw.split("/") if segment]
    tail = "/" if raw.endswith("/") and segments else ""
    return "/" + "/".join(segment.replace("/", quote("/", safe="")) for segment in segments) + tail


async def read_body(request: Request) -> bytes:
    """The body, refused as soon as it is known to be too large.

    Raises:
        TooLarge: over 5 MiB.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise _too_large()
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY:
            raise _too_large()
    return bytes(chunks)


async def read(request: Request, model: type[Model]) -> Model:
    """The body as ``model``.

    Raises:
        TooLarge: over 5 MiB.
        InvalidInput: not JSON, or not of this shape.
    """
    return parse(await read_body(request), model)


def parse(body: bytes, model: type[Model]) -> Model:
    """JSON as ``model``.

    Raises:
        InvalidInput: not JSON, not of this shape, or with a NUL character or a number that is none
            somewhere: no database takes the one and no JSON the other.
    """
    try:
        parsed = model.model_validate_json(body)
    except ValidationError as error:
        raise from_validation(error) from None
    if SUSPECT.search(body):
        _refuse_unstorable(parsed.model_dump())
    return parsed


def _refuse_unstorable(value: object) -> None:
    if isinstance(value, str) and "\0" in value:
        raise InvalidInput("The body holds a NUL character.", fix="Take the \\u0000 out.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(
            "The body holds NaN, Infinity or a number too large.", fix="Send a number, or null."
        )
    if isinstance(value, dict):
        for pair in cast("dict[object, object]", value).items():
            _refuse_unstorable(pair)
    if isinstance(value, list | tuple):
        for part in cast("list[object]", value):
            _refuse_unstorable(part)


def _too_large() -> TooLarge:
    return TooLarge(
        f"The body is larger than {MAX_BODY // 1024 // 1024} MiB.",
        fix="Send less, or link to files instead of including them.",
    )
