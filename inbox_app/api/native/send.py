"""``POST /send``."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from inbox_app.api import errors
from inbox_app.api.auth import application, caller
from inbox_app.api.native.mapping import send_from
from inbox_app.api.native.schemas import DecisionAnswer, PreviewAnswer, SendBody, SendResult
from inbox_app.api.native.timeline import decided
from inbox_app.api.requests import parse, read_body, runtime_of
from inbox_app.domain.errors import InvalidInput
from inbox_app.lib.clock import iso
from inbox_app.services import preview, sending
from inbox_app.services.preview import Preview

router = APIRouter(tags=["Sending"])

YES = frozenset({"true", "1", "yes", "on", ""})
NO = frozenset({"false", "0", "no", "off"})

DESCRIBED: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        },
        {
            "name": "dryRun",
            "in": "query",
            "required": False,
            "allowEmptyValue": True,
            "schema": {"type": "boolean", "default": False},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/SendBody"},
                "example": {
                    "type": "order_shipped",
                    "to": {"id": "ada"},
                    "inapp": {
                        "title": "Order {{order}} has shipped",
                        "url": "https://example.com/orders/17",
                    },
                    "parameters": {"order": "17"},
                },
            }
        },
    },
}


@router.post("/send", response_model=SendResult, openapi_extra=DESCRIBED, summary="Notify a user")
async def send(request: Request) -> Response:
    """Answers once the notification is durably stored.

    With an `Idempotency-Key`, the same request sent again gets the first answer and changes
    nothing; another request under the same key is refused with 409. With `?dryRun=true` nothing
    is stored or sent: the answer is the plan and the rendered messages.
    """
    rt = await runtime_of(request)
    environment = await application(await caller(request, rt))
    # Most ask nothing, and have no query to be parsed.
    dry = bool(request.scope["query_string"]) and _is_dry(request)
    raw = await read_body(request)
    body = parse(raw, SendBody)
    key = request.headers.get("idempotency-key")
    wanted = send_from(body, raw, environment, rt.clock.now(), rt.sealer, key)
    if dry:
        return _json(_preview(await preview.preview(rt, wanted)))
    accepted = await sending.send(rt, wanted)
    answer = {"trackingId": accepted.tracking_id, "messages": accepted.messages}
    return _json(answer)


def _is_dry(request: Request) -> bool:
    """Raises InvalidInput when it is not clear: who asks for a rehearsal must not get a send."""
    asked = request.query_params.get("dryRun", "false").strip().lower()
    if asked not in YES | NO:
        raise InvalidInput("dryRun is neither true nor false.", fix="Send dryRun=true or leave it.")
    return asked in YES


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), media_type="application/json")


def _preview(found: Preview) -> dict[str, Any]:
    decisions = [
        DecisionAnswer(
            channel=each.channel,
            outcome=each.outcome,
            rule=each.rule,
            sentence=decided(each),
            due_at=iso(each.due_at) if each.due_at else None,
        )
        for each in found.decisions
    ]
    answer = PreviewAnswer(
        decisions=decisions,
        rendered={channel: dict(each.fields) for channel, each in found.messages.items()},
        messages=list(found.remarks),
    )
    return answer.model_dump(mode="json", by_alias=True, exclude_none=True)


class _Exactly(Route):
    """Leaves a request that it cannot answer, such as one of another method, to what comes next."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return (match, found) if match is Match.FULL else (Match.NONE, {})


quick_route = _Exactly("/send", errors.Answering(send), methods=["POST"])
"""Answers sends without FastAPI, whose way to a handler costs as much as keeping a notification.

FastAPI describes the same function for the documentation.
"""
