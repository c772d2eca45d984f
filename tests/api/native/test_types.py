"""``/types`` over HTTP: shapes, rules, and that what is answered can be sent back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.api.native.type_mapping import change_from, type_answer
from inbox_app.api.native.type_schemas import TypeChangeBody
from inbox_app.api.requests import MAX_ID
from inbox_app.domain import type_rules
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.services import types
from inbox_app.services.types import TypeView
from tests.api.calls import a_send, assert_refused, ok
from tests.databases import BOTH as DATABASES

TYPE: dict[str, Any] = {"notificationId": "order", "title": "Order", "channels": ["EMAIL"]}
LIMIT = {"max": 3, "period": 2, "unit": "days", "forever": False}
SCOPE = ["userId", "notificationId"]


@pytest.fixture(params=DATABASES)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


async def test_a_type_is_made_read_changed_and_deleted(
    application: httpx.AsyncClient, environment: Environment
):
    made = ok(await application.post("/api/types", json=TYPE))
    assert made == {
        "envId": environment.client_id,
        "notificationId": "order",
        "title": "Order",
        "channels": ["EMAIL"],
        "enabled": True,
        "options": {},
        "templates": [],
        "required": False,
        "trackOpens": False,
        "trackClicks": False,
        "resendUnknown": False,
        "subNotifications": {},
        "category": "",
        "description": "",
    }
    assert ok(await application.get("/api/types")) == [made]
    changed = ok(await application.patch("/api/types/order", json={"enabled": False}))
    assert changed == {**made, "enabled": False}
    assert ok(await application.get("/api/types/order")) == [changed]
    deleted = await application.delete("/api/types/order")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_refused(await application.get("/api/types/order"), 404, "NOT_FOUND")
    assert_refused(await application.delete("/api/types/order"), 404)
    assert_refused(await application.patch("/api/types/order", json={}), 404)
    assert ok(await application.get("/api/types")) == []


async def test_everything_that_rules_a_type_is_kept(application: httpx.AsyncClient):
    rules: dict[str, Any] = {
        "deduplication": {"duration": 60},
        "throttling": {**LIMIT, "scope": SCOPE},
        "retention": 30,
        "required": True,
        "escalationSeconds": 900,
        "trackOpens": True,
        "trackClicks": True,
        "resendUnknown": True,
        "subNotifications": {"eu": "Europe"},
        "category": "Orders",
        "description": "When a parcel leaves",
    }
    ok(await application.post("/api/types", json={**TYPE, **rules}))
    (found,) = ok(await application.get("/api/types/order"))
    assert {name: found[name] for name in rules} == rules
    taken: dict[str, Any] = dict.fromkeys(
        ("deduplication", "throttling", "retention", "escalationSeconds")
    )
    left = ok(await application.patch("/api/types/order", json=taken))
    assert not taken.keys() & left.keys()
    assert left["required"] is True


async def test_a_type_that_exists_is_not_made_again(application: httpx.AsyncClient):
    ok(await application.post("/api/send", json=a_send(type="order")))
    error = assert_refused(await application.post("/api/types", json=TYPE), 409, "CONFLICT")
    assert error["fix"].startswith("Change it instead")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("notificationId", "", "notificationId: "),
        ("notificationId", "x" * (MAX_ID + 1), "notificationId: "),
        ("notificationId", 7, "notificationId: "),
        ("title", "", "title: "),
        ("title", None, "title: "),
        ("title", "x" * 201, "title: "),
        ("channels", ["VOICE"], "'SLACK'"),
        ("enabled", "yes", "enabled: "),
        ("retention", 0, "retention: "),
        ("retention", 1.5, "retention: "),
        ("deduplication", {"duration": 0}, "deduplication.duration: "),
        ("deduplication", {}, "deduplication.duration: Field required"),
        ("throttling", {**LIMIT, "max": 0}, "throttling.max: "),
        ("throttling", {**LIMIT, "period": 0}, "throttling.period: "),
        ("throttling", {**LIMIT, "period": 10**9}, "throttling.period: "),
        ("throttling", {**LIMIT, "unit": "weeks"}, "'years'"),
        ("throttling", {**LIMIT, "scope": ["userId"]}, "scope is always userId and"),
        ("throttling", {**LIMIT, "scope": ["userId", "userId"]}, "scope is always userId and"),
        ("escalationSeconds", -1, "escalationSeconds: "),
        ("subNotifications", {"eu": ""}, "subNotifications.eu: "),
        ("category", "x" * 61, "category: "),
        ("description", "x" * 201, "description: "),
        ("options", {"VOICE": {}}, "options.VOICE"),
        ("options", {"EMAIL": {"defaultDeliveryOption": "never"}}, "defaultDeliveryOption: "),
        ("options", {"EMAIL": {"daily": {"enabled": True, "hour": "25"}}}, "daily.hour: "),
        ("options", {"EMAIL": {"daily": {"enabled": True, "hour": "8:5"}}}, "daily.hour: "),
        ("options", {"EMAIL": {"weekly": {"enabled": True, "day": "someday"}}}, "sunday"),
        ("options", {"EMAIL": {"monthly": {"enabled": True, "date": "15"}}}, "'last'"),
        ("options", {"INAPP_WEB": {"defaultDeliveryOption": "daily"}}, "nothing but off and"),
        ("options", {"INAPP_WEB": {"hourly": {"enabled": True}}}, "nothing but off and"),
        ("options", {"INAPP_WEB": {"instant": {"batchingWindow": 0}}}, "batchingWindow: "),
        ("options", {"INAPP_WEB": {"instant": {"batchingWindow": 10**9}}}, "batchingWindow: "),
    ],
)
async def test_what_breaks_a_rule_is_named(
    application: httpx.AsyncClient, field: str, value: object, said: str
):
    answer = await application.post("/api/types", json={**TYPE, field: value})
    assert said in assert_refused(answer, 400, "INVALID_INPUT")["message"]
    assert ok(await application.get("/api/types")) == []


async def test_end_users_set_nothing_up(ada: httpx.AsyncClient):
    assert_refused(await ada.get("/api/types"), 403)
    assert_refused(await ada.post("/api/types", json=TYPE), 403)
    assert_refused(await ada.get("/api/integrations"), 403)
    assert_refused(await ada.get("/api/notifications/a/SMS/templates"), 403)


async def test_a_type_with_deduplication_ignores_the_same_again(application: httpx.AsyncClient):
    body = {**TYPE, "channels": ["INAPP_WEB"], "deduplication": {"duration": 60}}
    ok(await application.post("/api/types", json=body))
    sent = [ok(await application.post("/api/send", json=a_send(type="order"))) for _ in range(2)]
    assert not sent[0]["messages"]
    assert "told exactly this" in sent[1]["messages"][0]


# There and back

hours = st.sampled_from(["8", "08", "23", "07:30", "7:30"])
switches = st.booleans()


def option(**times: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"enabled": switches}, optional=times)


instants = option(
    batching=switches,
    batchingKey=st.text("ab{}.é ", max_size=5),
    batchingWindow=st.one_of(st.integers(1, 604_800), st.floats(1, 604_800)),
)
days = st.sampled_from(["monday", "Sunday", "FRIDAY"])
dates = st.sampled_from(["first", "last"])
digests = {
    "off": option(),
    "instant": instants,
    "hourly": option(),
    "daily": option(hour=hours),
    "weekly": option(hour=hours, day=days),
    "monthly": option(hour=hours, date=dates),
}


def shapes(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    default = {"defaultDeliveryOption": st.sampled_from(names)}
    return st.fixed_dictionaries({}, optional={**default, **{n: digests[n] for n in names}})


documents = st.fixed_dictionaries(
    {},
    optional={
        channel.value: shapes("off", "instant")
        if channel is Channel.INAPP_WEB
        else shapes(*digests)
        for channel in Channel
    },
)
PLACE = Environment(1, "client_1", "secret_1", "Acme")


def changed(kind: NotificationType, body: dict[str, Any]) -> NotificationType:
    return types.changed(kind, change_from(TypeChangeBody.model_validate(body)))


def answered(kind: NotificationType) -> dict[str, Any]:
    answer = type_answer(TypeView(kind), PLACE)
    return answer.model_dump(mode="json", by_alias=True, exclude_none=True)


@given(documents)
def test_options_that_are_answered_can_be_sent_back_and_change_nothing(options: dict[str, Any]):
    before = NotificationType(1, 1, "order", "Order", (Channel.EMAIL,))
    asked = changed(before, {"options": options})
    stored = type_rules.from_document(type_rules.as_document(asked))
    kind = NotificationType(1, 1, "order", "Order", (Channel.EMAIL,), **stored)
    answer = answered(kind)
    assert answer == answered(asked)
    assert answer["options"].keys() == options.keys()
    again = changed(kind, answer)
    assert again == kind
    assert answered(again) == answer
