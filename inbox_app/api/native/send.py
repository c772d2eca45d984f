"""``POST /send``."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response

from inbox_app.api.auth import ApplicationDep
from inbox_app.api.native.mapping import send_from
from inbox_app.api.native.schemas import SendBody, SendResult
from inbox_app.api.requests import RuntimeDep, parse, read_body
from inbox_app.services import sending

router = APIRouter(tags=["Sending"])

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/SendBody"},
                "example": {
                    "type": "order_shipped",
                    "to": {"id": "ada"},
                    "inapp": {"title": "Order {{order}} has shipped", "url": "https://example.com/orders/17"},
                    "parameters": {"order": "17"},
                },
            }
        },
    }
}


# The body is validated by pydantic itself: FastAPI's parameter machinery costs as much again.
@router.post("/send", response_model=SendResult, openapi_extra=BODY, summary="Notify a user")
async def send(
    request: Request,
    rt: RuntimeDep,
    environment: ApplicationDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Answers once the notification is durably stored.

    With an `Idempotency-Key`, the same request sent again gets the first answer and changes
    nothing; another request under the same key is refused with 409.
    """
    raw = await read_body(request)
    body = parse(raw, SendBody)
    accepted = await sending.send(
        rt, send_from(body, raw, environment, rt.clock.now(), rt.sealer, idempotency_key)
    )
    answer = {"trackingId": accepted.tracking_id, "messages": accepted.messages}
    return Response(orjson.dumps(answer), media_type="application/json")
