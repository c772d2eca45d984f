"""Metrics in Prometheus' text format."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inbox_app.domain.errors import Unavailable
from inbox_app.runtime import Runtime
from inbox_app.services import integrations

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The process's own registry and what it counts; no label holds personal data."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "inbox_http_requests_total",
            "API requests by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "inbox_http_request_seconds",
            "Time to the first byte of an answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.readers = Gauge(
            "inbox_live_readers",
            "Open tabs and event streams of this process.",
            registry=self.registry,
        )

        self.problems = Gauge(
            "inbox_integration_problems",
            "Integrations that an operator has to mend.",
            ("channel", "provider"),
            registry=self.registry,
        )

    async def endpoint(self, request: Request) -> Response:
        runtime: Runtime = request.app.state.runtime()
        self.readers.set(runtime.hub.readers)
        await self._count_problems(runtime)
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE)

    async def _count_problems(self, rt: Runtime) -> None:
        try:
            found = await integrations.troubled(rt)
        except Unavailable:
            # What is known of the process is of use all the more then.
            return
        self.problems.clear()
        for each in found:
            labels = (each.integration.channel.value, each.integration.provider)
            self.problems.labels(*labels).inc()


class Measured:
    """Counts and times the requests of an app."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        # Looking a label up costs more than counting.
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - started)
            await send(message)

        await self.app(scope, receive, watched)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        key = (scope["method"], route, status)
        if key not in self._found:
            self._found[key] = (
                self.metrics.requests.labels(*key),
                self.metrics.seconds.labels(*key[:2]),
            )
        requests, times = self._found[key]
        requests.inc()
        times.observe(seconds)
