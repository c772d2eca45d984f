"""Where pictures of replies are, for who has an address that an API gave out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from inbox_app.api.requests import RuntimeDep
from inbox_app.services import attachments

HEADERS = {
    # People sent these bytes: nothing in them may run, and no shared cache may keep them.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "private, max-age=3600",
}

router = APIRouter(tags=["In-app"])


@router.get("/attachments/{attachment_id}", response_class=Response)
async def picture(rt: RuntimeDep, attachment_id: str, until: str, proof: str) -> Response:
    """A picture of a reply, by the address that stands in its thread."""
    data, content_type = await attachments.fetch_signed(rt, attachment_id, until, proof)
    return Response(data, media_type=content_type, headers=HEADERS)
