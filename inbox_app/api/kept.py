"""The route from which a browser takes what it keeps of the inbox (``service_worker/kept.js``)."""

from __future__ import annotations

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from inbox_app.api.browser import is_same_origin, runtime_of, session_token
from inbox_app.services import access, inbox

PATH: Final = "/inbox/kept"
# Kept by the worker alone, which also forgets it.
HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Cookie"}


async def kept(request: Request) -> Response:
    """The newest items, or an empty 304 when the browser has them already (RFC 9110, 13.1.2)."""
    rt = runtime_of(request)
    viewer = await access.viewer(rt, session_token(request))
    if viewer is None:
        return JSONResponse({"code": "UNAUTHORIZED"}, 401, HEADERS)
    if not is_same_origin(request):
        return JSONResponse({"code": "FORBIDDEN"}, 403, HEADERS)
    known = request.headers.get("if-none-match", "").strip('"')
    version, view = await inbox.kept(rt, viewer, known)
    headers = HEADERS | {"ETag": f'"{version}"'}
    if view is None:
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(view), media_type="application/json", headers=headers)


routes = [Route(PATH, kept)]
