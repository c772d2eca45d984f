"""Slack: the page where people say yes, tokens, the places of a workspace, posts.

Tokens end, refresh tokens and codes are taken once, and lists come in pages.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

from tests.standins.http import Action, HttpStandIn, Request, Respond

ADA = "U0ADA"
"""Who says yes."""
BEN, BOT = "U0BEN", "U0BOT"
TEAM_NAME = "Acme Ångström"
PER_PAGE = 2
"""Places in a page, however many are asked for: Slack may do so."""


@dataclass(frozen=True)
class Post:
    """A message that was taken."""

    token: str
    channel: str
    text: str
    ts: str


@dataclass(frozen=True)
class SlackApp:
    """An app as its operator entered it at Slack."""

    client_id: str = "11.22"
    client_secret: str = "client-s3cret"
    redirect_uri: str = ""


@dataclass
class Channel:
    """A channel with who is in it."""

    id: str
    name: str
    members: set[str] = field(default_factory=set[str])
    private: bool = False
    closed: bool = False

    def told(self, user: str) -> dict[str, Any]:
        """As a member of the workspace sees it."""
        is_member = user in self.members
        return {
            "id": self.id,
            "name": self.name,
            "is_private": self.private,
            "is_member": is_member,
        }


def person(key: str, name: str, real_name: str = "", **more: bool) -> dict[str, Any]:
    """A member as ``users.list`` tells of one."""
    profile = {"display_name": name, "real_name": real_name or name}
    return {"id": key, "name": name.lower(), "profile": profile, **more}


def _channels() -> list[Channel]:
    return [
        Channel("C0GENERAL", "general", {ADA, BOT}),
        Channel("C0OPS", "ops-café", {ADA}),
        Channel("C0CLOSED", "closed", closed=True),
        Channel("G0TEAM", "team-日本", {ADA, BOT}, private=True),
        Channel("G0BOARD", "board", {BEN, BOT}, private=True),
        Channel("G0HERS", "hers", {ADA}, private=True),
    ]


def _people() -> list[dict[str, Any]]:
    return [
        person(ADA, "Ada"),
        person(BEN, "ben", "Ben Müller"),
        person("U0GONE", "Gone", deleted=True),
        person(BOT, "Hub", is_bot=True),
        person("USLACKBOT", "Slackbot"),
    ]


class SlackStandIn(HttpStandIn):
    """Slack's pages and its Web API.

    Attributes:
        valid: Access tokens that work.
        revoked: Those that were taken back.
        unused: Refresh tokens that were not taken yet.
        refreshed: Refresh tokens that somebody wanted to exchange, in order.
        posts: Messages that were taken.
        app: The one app that people can connect to.
        codes: Codes that were not exchanged yet.
        team, channels, people: The workspace, and what it has.
        instead: What it answers to some methods, whoever asks.
        later: What it answers for pages of some lists after the first.
    """

    def __init__(self, *, tls: ssl.SSLContext) -> None:
        super().__init__(tls=tls)
        self.app = SlackApp()
        self._made = 0
        self.start_over()

    def start_over(self) -> None:
        """Plays another workspace, where nobody has been yet."""
        self.requests.clear()
        self.valid: set[str] = set()
        self.revoked: set[str] = set()
        self.unused: set[str] = set()
        self.refreshed: list[str] = []
        self.posts: list[Post] = []
        self.codes: set[str] = set()
        self.team = {"id": f"T0ACME{self._made}", "name": TEAM_NAME}
        self.channels = _channels()
        self.people = _people()
        self.instead: dict[str, Action] = {}
        self.later: dict[str, Action] = {}

    def asked(self, method: str) -> list[Request]:
        """The requests for a method of the Web API."""
        return [each for each in self.requests if _method(each) == method]

    def decide(self, request: Request) -> Action:
        """What Slack answers."""
        method = _method(request)
        if method in self.instead:
            return self.instead[method]
        if method in self.later and "cursor" in _query(request.path):
            return self.later[method]
        if method == "oauth.v2.access":
            return self._exchange(request.form())
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.revoked:
            return answer(ok=False, error="token_revoked")
        if token not in self.valid:
            return answer(ok=False, error="token_expired")
        return self._done(method, token, request)

    def authorize(self, url: str) -> str:
        """The page where a person says yes or no."""
        asked = _query(url)
        known = SlackApp(asked["client_id"], self.app.client_secret, asked["redirect_uri"])
        if known != self.app or "chat:write" not in asked["scope"].split(","):
            return "<h1>Something went wrong</h1><p>invalid_client_id or bad_redirect_uri</p>"
        yes, no = self.agree(url), self.decline(url)
        return (
            f"<h1>The app wants to enter {TEAM_NAME}</h1>"
            f"<a href='{escape(yes)}'>Allow</a> <a href='{escape(no)}'>Cancel</a>"
        )

    def agree(self, url: str) -> str:
        """Where a person is led who says yes."""
        code = f"code-{len(self.requests)}-{len(self.codes)}"
        self.codes.add(code)
        asked = _query(url)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    @staticmethod
    def decline(url: str) -> str:
        """Where one is led who says no."""
        asked = _query(url)
        said = {"error": "access_denied", "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def _exchange(self, form: dict[str, str]) -> Respond:
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        given = (form.get("client_id"), form.get("client_secret"), form.get("redirect_uri"))
        if given[:2] != (self.app.client_id, self.app.client_secret):
            return answer(ok=False, error="bad_client_secret")
        if given[2] != self.app.redirect_uri:
            return answer(ok=False, error="bad_redirect_uri")
        if form.get("code") not in self.codes:
            return answer(ok=False, error="invalid_code")
        self.codes.remove(form["code"])
        user: Mapping[str, Any] = {"authed_user": {"id": ADA}, "bot_user_id": BOT}
        return answer(ok=True, **self._tokens(), **user, app_id="A0HUB", team=self.team)

    def _refresh(self, token: str) -> Respond:
        self.refreshed.append(token)
        if token not in self.unused:
            return answer(ok=False, error="invalid_refresh_token")
        self.unused.remove(token)
        return answer(ok=True, **self._tokens())

    def _tokens(self) -> dict[str, Any]:
        self._made += 1
        number = self._made
        made = {"access_token": f"xoxe.xoxb-{number}", "refresh_token": f"xoxe-1-{number}"}
        self.valid.add(made["access_token"])
        self.unused.add(made["refresh_token"])
        return {**made, "expires_in": 43200, "token_type": "bot"}

    def _done(self, method: str, token: str, request: Request) -> Respond:
        query = _query(request.path)
        match method:
            case "chat.postMessage":
                return self._post(token, request.json())
            case "auth.revoke":
                self.valid.remove(token)
                self.revoked.add(token)
                return answer(ok=True, revoked=True)
            case "conversations.join":
                return self._join(request.json()["channel"])
            case "conversations.list" | "users.conversations":
                shown = [each.told(BOT) for each in self.channels if _is_seen(each, query)]
                return _page("channels", shown, query)
            case "users.list" | "users.info":
                return self._people(query)
            case _:
                return answer(ok=False, error="unknown_method")

    def _people(self, query: dict[str, str]) -> Respond:
        """One of them, or a page of all."""
        if "user" not in query:
            return _page("members", self.people, query)
        return answer(ok=True, user=next(e for e in self.people if e["id"] == query["user"]))

    def _post(self, token: str, body: dict[str, str]) -> Respond:
        # To a person it goes into their conversation with the app.
        place = body["channel"]
        channel = f"D{place[1:]}" if place.startswith("U") else place
        ts = f"1503435956.{len(self.posts):06}"
        self.posts.append(Post(token, place, body.get("text", ""), ts))
        return answer(ok=True, channel=channel, ts=ts)

    def _join(self, key: str) -> Respond:
        for each in self.channels:
            if each.id == key and not each.private and not each.closed:
                each.members.add(BOT)
                return answer(ok=True, channel=each.told(BOT))
        return answer(ok=False, error="restricted_action")


def answer(**told: object) -> Respond:
    """JSON as Slack says it."""
    return Respond(headers={"Content-Type": "application/json"}, body=json.dumps(told).encode())


def _page(name: str, found: list[dict[str, Any]], query: dict[str, str]) -> Respond:
    first = int(query.get("cursor") or 0)
    last = first + min(PER_PAGE, int(query["limit"]))
    cursor = str(last) if last < len(found) else ""
    listed = {name: found[first:last]}
    return answer(ok=True, **listed, response_metadata={"next_cursor": cursor})


def _is_seen(channel: Channel, query: dict[str, str]) -> bool:
    """Whether a list holds a channel: of private ones those that the app is in."""
    whose = {query["user"]} if "user" in query else set[str]()
    whose |= {BOT} if channel.private else set[str]()
    kind = "private_channel" if channel.private else "public_channel"
    return kind in query["types"].split(",") and whose <= channel.members


def _method(request: Request) -> str:
    return urlsplit(request.path).path.removeprefix("/api/")


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def signed(secret: str, body: bytes, seconds: float) -> dict[str, str]:
    """The headers by which Slack proves a report at a moment (seconds since 1970)."""
    stamp = str(int(seconds))
    proof = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": proof or ""}
