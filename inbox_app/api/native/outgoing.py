"""What becomes of sends: schedules, the sandbox, timelines, dead letters, preferences."""

from __future__ import annotations

from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request

from inbox_app.api.auth import ApplicationDep, CallerDep, require_self
from inbox_app.api.native.mapping import send_from
from inbox_app.api.native.schemas import (
    CapturedAnswer,
    CapturedsAnswer,
    MessageAnswer,
    ReplayAnswer,
    ReplayBody,
    SendBody,
    StoryAnswer,
)
from inbox_app.api.native.timeline import delivery_answer, story_answer
from inbox_app.api.requests import PathId, RuntimeDep, parse, read_body
from inbox_app.domain import preference
from inbox_app.domain.delivery import Captured
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.clock import iso
from inbox_app.services import outgoing, preferences
from inbox_app.services.access import Member

LARGEST_ID = 2**63 - 1
"""Of the 64-bit keys of both databases."""

KeyText = Annotated[str, Query(pattern=r"^\d{0,19}$")]

router = APIRouter()


@router.put("/sender/scheduler/{tracking_id}", response_model=MessageAnswer, tags=["Sending"])
async def update_schedule(
    rt: RuntimeDep, environment: ApplicationDep, tracking_id: PathId, request: Request
) -> MessageAnswer:
    """Changes a send that has not gone out; what is left out stays as it was."""
    raw = await read_body(request)
    # The vendor lets a change name neither type nor user.
    whole = orjson.dumps({"type": "-", "to": {"id": "-"}, **_object(raw)})
    changed = send_from(parse(whole, SendBody), whole, environment, rt.clock.now(), rt.sealer, None)
    await outgoing.reschedule(rt, environment, tracking_id, changed)
    return MessageAnswer(message="The scheduled notification was changed.")


@router.delete("/sender/scheduler/{tracking_id}", response_model=MessageAnswer, tags=["Sending"])
async def delete_schedule(
    rt: RuntimeDep, environment: ApplicationDep, tracking_id: PathId
) -> MessageAnswer:
    """Takes back a send that has not gone out."""
    await outgoing.cancel(rt, environment, tracking_id)
    return MessageAnswer(message="The scheduled notification was cancelled.")


@router.get("/sandbox/messages", response_model=CapturedsAnswer, tags=["Sandbox"])
async def sandbox_messages(
    rt: RuntimeDep,
    environment: ApplicationDep,
    limit: Annotated[int, Query(ge=1, le=outgoing.LARGEST_PAGE)] = 50,
    before: KeyText = "",
    channel: Channel | None = None,
    tracking_id: Annotated[str | None, Query(alias="trackingId")] = None,
) -> CapturedsAnswer:
    """What was rendered and kept because no provider is set up, newest first."""
    found = await outgoing.captured(
        rt,
        environment,
        limit,
        before=_key(before),
        channel=channel,
        tracking_id=tracking_id,
    )
    following = str(found[-1].id) if len(found) == limit else None
    return CapturedsAnswer(messages=[_captured(each) for each in found], next=following)


@router.get("/notifications/{tracking_id}/timeline", response_model=StoryAnswer, tags=["Sending"])
async def timeline(rt: RuntimeDep, environment: ApplicationDep, tracking_id: PathId) -> StoryAnswer:
    """Everything that happened to a notification, in order."""
    return story_answer(await outgoing.story(rt, environment, tracking_id))


@router.get("/deliveries/dead", response_model=list[dict[str, Any]], tags=["Operations"])
async def dead_letters(
    rt: RuntimeDep,
    environment: ApplicationDep,
    limit: Annotated[int, Query(ge=1, le=outgoing.LARGEST_PAGE)] = 50,
    before: KeyText = "",
) -> list[dict[str, Any]]:
    """Deliveries that failed for good or may not have arrived, the latest first.

    The id of the last one as ``before`` lists those that ended earlier.
    """
    found = await outgoing.dead(rt, environment, limit, before=_key(before))
    return [delivery_answer(each) for each in found]


@router.post("/deliveries/replay", response_model=ReplayAnswer, tags=["Operations"])
async def replay(rt: RuntimeDep, environment: ApplicationDep, body: ReplayBody) -> ReplayAnswer:
    """Sends the named dead deliveries again."""
    wanted = [int(each) for each in body.ids if int(each) <= LARGEST_ID]
    many = await outgoing.replay(rt, environment, wanted)
    return ReplayAnswer(replayed=many)


@router.get("/users/{user_id}/preferences", response_model=dict[str, Any], tags=["Users"])
async def get_preferences(rt: RuntimeDep, who: CallerDep, user_id: PathId) -> dict[str, Any]:
    """What the user chose; what is left out is at its default."""
    environment = require_self(who, user_id)
    return preference.as_document(await preferences.get(rt, environment, user_id))


@router.patch("/users/{user_id}/preferences", response_model=dict[str, Any], tags=["Users"])
async def patch_preferences(
    rt: RuntimeDep, who: CallerDep, user_id: PathId, change: dict[str, Any]
) -> dict[str, Any]:
    """Merges a change (RFC 7396) into what the user chose; null takes a choice back."""
    environment: Environment = require_self(who, user_id)
    by = "user" if isinstance(who, Member) else "application"
    return preference.as_document(await preferences.patch(rt, environment, user_id, change, by))


def _key(text: str) -> int | None:
    return min(int(text), LARGEST_ID) if text else None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(raw)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise InvalidInput("The body is no JSON object.", fix="Send what is to change.")
    return cast("dict[str, Any]", given)


def _captured(each: Captured) -> CapturedAnswer:
    return CapturedAnswer(
        id=str(each.id),
        tracking_id=each.tracking_id,
        channel=each.channel,
        to=each.to,
        content=dict(each.fields),
        at=iso(each.at),
    )
