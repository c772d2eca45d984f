"""The application that sends: it talks to the server's API as any customer would."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from inbox_app.lib import signing
from tests.browser.server import Server

NOW = "2026-01-02T03:04:05Z"


@dataclass(frozen=True)
class Person:
    """A user of the host application, with the API as the host and as the user see it."""

    host: Host
    id: str
    name: str

    def send(self, title: str = "A note", **in_app: Any) -> str:
        """Sends one notification; its tracking id."""
        body = {"type": in_app.pop("type", "note"), "to": {"id": self.id}}
        answer = self.host.post("/send", body | {"inapp": {"title": title} | in_app})
        return answer["trackingId"]

    def send_email(self, title: str, kind: str) -> str:
        """Sends one notification to the inbox and by e-mail; its tracking id."""
        body = {
            "type": kind,
            "to": {"id": self.id, "email": f"{self.id}@example.org"},
            "inapp": {"title": title},
            "email": {"subject": title, "html": f"<p>{title}</p>"},
        }
        return self.host.post("/send", body)["trackingId"]

    def chooses(self, change: dict[str, Any]) -> None:
        """Changes the person's preferences."""
        self.host.patch_as_sender(f"/users/{self.id}/preferences", change, self.id)

    def send_many(self, count: int, prefix: str = "Note") -> list[str]:
        """Sends titles ``Note 1`` to ``Note count``, oldest first."""
        return [self.send(f"{prefix} {n}") for n in range(1, count + 1)]

    def items(self) -> dict[str, dict[str, Any]]:
        """All items by tracking id, as the API tells them."""
        found = self.host.get("/user/inapp", {"count": 200}, self.id)["notifications"]
        return {item["id"]: item for item in found}

    def item(self, tracking_id: str) -> dict[str, Any]:
        return self.items()[tracking_id]

    def counts(self) -> dict[str, int]:
        """The counters, as the API tells them."""
        return self.host.get("/user/inapp/changes", {"since": 0}, self.id)["counts"]

    def wait_until(self, holds: Callable[[dict[str, dict[str, Any]]], object]) -> None:
        """Follows the person's stream of changes until something holds of the items."""
        for _ in self.host.stream("/user/inapp/stream", {"since": 0}, self.id):
            if holds(self.items()):
                return

    def report(self, *tracking_ids: str, **marks: Any) -> None:
        """Reports states from elsewhere, such as the person's phone."""
        self.host.patch("/user/inapp", {"trackingIds": list(tracking_ids)} | marks, self.id)

    def answer(self, tracking_id: str, message: str, author: str) -> None:
        """Another person replies, through the host."""
        reply = {"message": message, "author": author}
        self.host.patch_as_sender(
            "/user/inapp", {"trackingIds": [tracking_id], "reply": reply}, self.id
        )

    def sign_in_url(self) -> str:
        return self.host.sign_in_url(self.id)


class Host:
    """Holds the environment's credentials."""

    def __init__(self, server: Server) -> None:
        self.server = server
        known = server.credentials()
        self._secret, self._client = known["client_secret"], known["client_id"]
        bearer = {"Authorization": f"Bearer {known['api_key']}"}
        self._http = httpx.Client(base_url=known["base_url"], headers=bearer, timeout=30)

    def person(self, name: str = "Robin Doe") -> Person:
        """Somebody new, with an empty inbox."""
        person = Person(self, f"person-{secrets.token_hex(4)}", name)
        self.post(f"/users/{person.id}", {"properties": {"name": name}})
        return person

    def make_type(self, title: str, **rules: Any) -> str:
        """A new notification type; its name."""
        name = f"kind-{secrets.token_hex(4)}"
        fields = {"notificationId": name, "title": title, "channels": ["INAPP_WEB"]}
        self.post("/types", fields | rules)
        return name

    def sign_in_url(self, user_id: str) -> str:
        token = signing.sign_in_token(
            self._client,
            self._secret,
            user_id,
            secrets.token_hex(11),
            datetime.now(UTC),
            timedelta(minutes=5),
        )
        return f"{self.server.url}/sign-in?token={token}"

    def integrations(self) -> list[dict[str, Any]]:
        """What the environment sends by."""
        answer: Any = self._json(self._http.get("/integrations"))
        return answer

    def user(self, user_id: str) -> dict[str, Any]:
        """What is known of somebody."""
        return self._json(self._http.get(f"/users/{user_id}"))

    def timeline(self, tracking_id: str) -> list[dict[str, Any]]:
        """What happened to a notification."""
        return self._json(self._http.get(f"/notifications/{tracking_id}/timeline"))["timeline"]

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._json(self._http.post(path, json=body))

    def get(self, path: str, query: dict[str, Any], user_id: str) -> dict[str, Any]:
        return self._json(self._http.get(path, params=query, headers=self._as(user_id)))

    def patch(self, path: str, body: dict[str, Any], user_id: str) -> dict[str, Any]:
        return self._json(self._http.patch(path, json=body, headers=self._as(user_id)))

    def patch_as_sender(self, path: str, body: dict[str, Any], user_id: str) -> dict[str, Any]:
        return self._json(self._http.patch(path, json=body, params={"userId": user_id}))

    def delete(self, path: str) -> dict[str, Any]:
        return self._json(self._http.delete(path))

    def stream(self, path: str, query: dict[str, Any], user_id: str) -> Iterator[str]:
        """The data of server-sent events, as they come."""
        headers = self._as(user_id)
        with self._http.stream("GET", path, params=query, headers=headers) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield line

    def close(self) -> None:
        self._http.close()

    def _as(self, user_id: str) -> dict[str, str]:
        proof = signing.end_user_hash(self._secret, user_id)
        plain = f"{self._client}:{user_id}:{proof}"
        return {"Authorization": "Basic " + base64.b64encode(plain.encode()).decode()}

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, f"{answer.request.url} {answer.status_code}: {answer.text}"
        return answer.json()
