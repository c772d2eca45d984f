"""The API's documentation page, from files of our own.

FastAPI's page loads its viewer from a public network and starts it with an inline script; the
first tells a third party who reads the docs, the second our Content-Security-Policy refuses.
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_VIEWER: Final = "/vendor/swagger-ui"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{viewer}/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="{viewer}/swagger-ui-bundle.js"></script>
<script src="{start}"></script>
</body>
</html>
"""
_START: Final = (
    'SwaggerUIBundle({{url: {schema}, dom_id: "#docs", deepLinking: true, '
    "persistAuthorization: false}});\n"
)


def docs_routes(title: str, prefix: str = "/api", schema: str = "/openapi.json") -> list[Route]:
    """Routes of the documentation page, to be mounted at `prefix` beside the API.

    Args:
        title: The page's title.
        prefix: Where the routes are mounted.
        schema: Path of the OpenAPI document below `prefix`.
    """
    page = _PAGE.format(title=escape(title), viewer=_VIEWER, start=f"{prefix}/docs/start.js")
    start = _START.format(schema=json.dumps(prefix + schema))

    async def show(_request: Request) -> Response:
        return HTMLResponse(page)

    async def script(_request: Request) -> Response:
        return Response(start, media_type="text/javascript")

    return [Route("/docs", show), Route("/docs/start.js", script)]
