"""Metrics in Prometheus' text format."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

    async def endpoint(self, request: Request) -> Response:
        self.readers.set(request.app.state.runtime().hub.readers)
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE)


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
