"""Slack as far as messages go: tokens that end, refresh tokens that are taken once, posts."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass

from slack_sdk.signature import SignatureVerifier

from tests.standins.http import Action, HttpStandIn, Request, Respond


@dataclass(frozen=True)
class Post:
    """A message that was taken."""

    token: str
    channel: str
    text: str
    ts: str


class SlackStandIn(HttpStandIn):
    """Slack's Web API.

    Attributes:
        valid: Access tokens that work.
        revoked: Those that were taken back.
        unused: Refresh tokens that were not taken yet.
        refreshed: Refresh tokens that somebody wanted to exchange, in order.
        posts: Messages that were taken.
    """

    def __init__(self, *, tls: ssl.SSLContext) -> None:
        super().__init__(tls=tls)
        self.valid: set[str] = set()
        self.revoked: set[str] = set()
        self.unused: set[str] = set()
        self.refreshed: list[str] = []
        self.posts: list[Post] = []

    def decide(self, request: Request) -> Action:
        """What Slack answers."""
        match request.path:
            case "/api/oauth.v2.access":
                return self._exchange(request.form())
            case "/api/chat.postMessage":
                token = request.headers.get("authorization", "").removeprefix("Bearer ")
                return self._post(token, request.json())
            case _:
                return _answer(ok=False, error="unknown_method")

    def _exchange(self, form: dict[str, str]) -> Respond:
        token = form.get("refresh_token", "")
        self.refreshed.append(token)
        if form.get("grant_type") != "refresh_token" or token not in self.unused:
            return _answer(ok=False, error="invalid_refresh_token")
        self.unused.remove(token)
        number = len(self.refreshed)
        made = {"access_token": f"xoxe.xoxb-{number}", "refresh_token": f"xoxe-1-{number}"}
        self.valid.add(made["access_token"])
        self.unused.add(made["refresh_token"])
        return _answer(ok=True, **made, expires_in=43200, token_type="bot")

    def _post(self, token: str, body: dict[str, str]) -> Respond:
        if token in self.revoked:
            return _answer(ok=False, error="token_revoked")
        if token not in self.valid:
            return _answer(ok=False, error="token_expired")
        ts = f"1503435956.{len(self.posts):06}"
        self.posts.append(Post(token, body["channel"], body.get("text", ""), ts))
        return _answer(ok=True, channel=body["channel"], ts=ts)


def _answer(**told: object) -> Respond:
    return Respond(headers={"Content-Type": "application/json"}, body=json.dumps(told).encode())


def signed(secret: str, body: bytes, seconds: float) -> dict[str, str]:
    """The headers by which Slack proves a report at a moment (seconds since 1970)."""
    stamp = str(int(seconds))
    proof = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": proof or ""}
