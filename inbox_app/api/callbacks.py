"""Where providers report: ``/callbacks/{provider}/{integration}``.

Who calls is proven by the provider's own signature; nothing else speaks here, no cookie and no key.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from inbox_app.api.errors import status_of
from inbox_app.api.requests import read_body
from inbox_app.channels.spec import Call
from inbox_app.domain.errors import InboxError, NotFound
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import callbacks


async def take(request: Request) -> Response:
    """Takes what a provider reports; it calls again whatever was not taken."""
    rt: Runtime = request.app.state.runtime()
    path = request.url.path
    url = f"{rt.settings.public_url}{path}" + (f"?{request.url.query}" if request.url.query else "")
    try:
        body = await read_body(request)
        call = Call(request.method, url, dict(request.headers), body)
        name, key = request.path_params["provider"], ids.read(request.path_params["integration"])
        if key is None:
            raise NotFound("There is no such integration.")
        said = await callbacks.take(rt, name, key, call)
    except InboxError as error:
        shape = {"error": {"code": error.code, "message": error.message}}
        return JSONResponse(shape, status_of(error))
    return Response(said.body, said.status, media_type=said.content_type)


routes = [
    Route("/callbacks/{provider}/{integration}", take, methods=["GET", "POST"]),
]
