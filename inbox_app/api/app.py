"""The web app beside the UI: the JSON APIs, sign-in, and what operators probe."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, Router

from inbox_app import __version__
from inbox_app.api import (
    attachments,
    browser_push,
    callbacks,
    errors,
    kept,
    mail,
    manifest,
    pictures,
    preference_visits,
    slack_visits,
    visits,
)
from inbox_app.api.docs import docs_routes
from inbox_app.api.metrics import Measured, Metrics
from inbox_app.api.native import (
    inapp,
    integrations,
    outgoing,
    send,
    suppressions,
    templates,
    types,
    users,
)
from inbox_app.api.native.integrations import IntegrationChangeBody, NewIntegration, TestBody
from inbox_app.api.native.schemas import SeenBody, SendBody, StatusBody, UserInput
from inbox_app.api.native.template_schemas import DefaultSelection, NewTemplate, TemplateContent
from inbox_app.api.native.type_schemas import NewType, TypeChangeBody
from inbox_app.api.openapi import describe
from inbox_app.api.requests import WholeSegments
from inbox_app.domain.errors import InboxError, Unavailable
from inbox_app.runtime import Runtime
from inbox_app.services import health

DESCRIPTION = """
Send notifications and read inboxes. Applications authenticate with `Authorization: Bearer
<API key>`; end users with `Basic base64(clientId:userId)`, or with a hash in secure mode.
"""


NATIVE = (send, outgoing, users, inapp, types, templates, integrations, suppressions, attachments)
BODIES = (
    *(SendBody, UserInput, StatusBody, SeenBody, NewType, TypeChangeBody),
    *(NewTemplate, TemplateContent, DefaultSelection),
    *(NewIntegration, IntegrationChangeBody, TestBody),
)
"""Bodies that pydantic reads without FastAPI's help."""


def build(runtime: Callable[[], Runtime]) -> Starlette:
    """The app; ``runtime`` is asked at each request, so it may be opened later."""
    metrics = Metrics()
    quick = Router([send.quick_route], redirect_slashes=False, default=native(runtime))
    app = Starlette(
        routes=[
            Mount("/api", WholeSegments(Measured(quick, metrics))),
            Route("/healthz", _healthz),
            Route("/readyz", _readyz),
            Route("/metrics", metrics.endpoint),
            *visits.routes,
            *kept.routes,
            *manifest.routes,
            *pictures.routes,
            *browser_push.routes,
            *mail.routes,
            *callbacks.routes,
            *preference_visits.routes,
            *slack_visits.routes,
        ],
        exception_handlers={InboxError: visits.trouble},
    )
    app.state.runtime = runtime
    return app


def native(runtime: Callable[[], Runtime]) -> FastAPI:
    """The native API by itself."""
    app = FastAPI(
        title="Notification inbox",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    app.state.runtime = runtime
    errors.install(app)
    for module in NATIVE:
        app.include_router(module.router)
    app.router.routes.extend(docs_routes(app.title))
    describe(app, *BODIES)
    return app


async def _healthz(request: Request) -> JSONResponse:
    """The process is alive."""
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> JSONResponse:
    """The process can serve: the database answers and has the newest schema."""
    try:
        await health.check(request.app.state.runtime())
    except Unavailable as error:
        return JSONResponse({"status": "unavailable", "message": error.message}, 503)
    return JSONResponse({"status": "ready"})
