"""``/user/inapp``: a person's inbox."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from inbox_app.api import stream
from inbox_app.api.auth import CallerDep, ReaderDep, caller, reader
from inbox_app.api.native import mapping
from inbox_app.api.native.schemas import (
    ChangesAnswer,
    CountAnswer,
    InAppsAnswer,
    SeenBody,
    StatusBody,
    SuccessAnswer,
)
from inbox_app.api.openapi import body as described
from inbox_app.api.requests import RuntimeDep, parse, read, read_body
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InboxError, InvalidInput
from inbox_app.domain.feed import Cursor
from inbox_app.domain.item_state import Mark
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import inbox, users

router = APIRouter(tags=["In-app"], prefix="/user/inapp")


@router.get("", response_model=InAppsAnswer, response_model_exclude_none=True)
async def list_items(
    rt: RuntimeDep,
    member: ReaderDep,
    before: str | None = None,
    count: Annotated[float, Query(ge=1, allow_inf_nan=False)] = 10,
) -> InAppsAnswer:
    """The newest items, archived or not. `before`: a date, or the `next` of the page before."""
    wanted = int(min(count, inbox.LARGEST_PAGE))
    found = await inbox.entries(rt, member.user.id, _cursor(before), wanted)
    last = found[-1].item if len(found) == wanted else None
    return InAppsAnswer(
        notifications=[mapping.in_app_answer(entry) for entry in found],
        next=Cursor(last.at, last.tracking_id).encode() if last else None,
    )


@router.patch(
    "", response_model=SuccessAnswer, openapi_extra=described("StatusBody"), summary="Report states"
)
async def report(
    request: Request, rt: RuntimeDep, who: CallerDep, member: ReaderDep
) -> SuccessAnswer:
    """Sets states of items and adds replies, on all of them or, if one is unknown, on none."""
    body = await read(request, StatusBody)
    now = rt.clock.now()
    sender = who.title if isinstance(who, Environment) else None
    await inbox.report(
        rt,
        member.user.id,
        list(dict.fromkeys(body.tracking_ids)),
        mapping.state_change(body, now),
        mapping.new_replies(body, now, as_sender=sender),
    )
    return SuccessAnswer(success=True)


@router.get("/unread", response_model=CountAnswer)
async def unseen_count(rt: RuntimeDep, member: ReaderDep) -> CountAnswer:
    """How many items were not seen yet: the number for a badge."""
    return CountAnswer(count=(await inbox.state(rt, member.user.id)).counters.unseen)


@router.patch("/unread", response_model=SuccessAnswer, openapi_extra=described("SeenBody"))
async def mark_seen(request: Request, rt: RuntimeDep, member: ReaderDep) -> SuccessAnswer:
    """Marks one item as seen, all of one type, or everything."""
    body = parse(await read_body(request) or b"{}", SeenBody)
    if body.tracking_id is not None:
        await inbox.report(rt, member.user.id, [body.tracking_id], inbox.setting(rt, Mark.SEEN))
    else:
        await inbox.see_all(rt, member.user.id, body.notification_id)
    return SuccessAnswer(success=True)


@router.get("/changes", response_model=ChangesAnswer, response_model_exclude_none=True)
async def changes(
    rt: RuntimeDep, member: ReaderDep, since: Annotated[int, Query(ge=0, le=2**63 - 1)]
) -> ChangesAnswer:
    """Everything that changed after change number `since`."""
    return await _changes(rt, member.user.id, since)


@router.get("/stream", response_class=StreamingResponse)
async def follow(
    request: Request,
    rt: RuntimeDep,
    member: ReaderDep,
    since: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
) -> StreamingResponse:
    """Changes as server-sent events. Resumes after `Last-Event-ID`, the last change number."""
    start = _resume_at(request.headers.get("last-event-id"), since)
    user = member.user
    if not user.id:
        # Nobody told this person anything yet. The hub knows people by their key, so they get one
        # now, or the first item would not reach this stream.
        user = await users.identify(rt, member.environment, user.external_id, Profile())
    if start is None:
        start = (await inbox.state(rt, user.id)).change

    async def read_changes(number: int) -> tuple[int, str]:
        found = await _changes(rt, user.id, number)
        return found.change, found.model_dump_json(by_alias=True, exclude_none=True)

    async def allowed() -> bool:
        try:
            await reader(await caller(request, rt), rt, request.query_params.get("userId"))
        except InboxError:
            return False
        return True

    return stream.response(rt, user.id, start, read_changes, allowed)


async def _changes(rt: Runtime, user_id: int, since: int) -> ChangesAnswer:
    state, items = await inbox.changed_items(rt, user_id, since)
    found = await inbox.threads(rt, items or [])
    return ChangesAnswer(
        change=state.change,
        reload=items is None,
        counts=mapping.counts(state),
        notifications=[mapping.in_app_answer(entry) for entry in found],
    )


def _cursor(before: str | None) -> Cursor | None:
    """A cursor from a page's ``next``, or from a date or timestamp.

    Raises:
        InvalidInput: neither.
    """
    if not before:
        return None
    try:
        return Cursor(mapping.moment("before", before))
    except InvalidInput as not_a_time:
        try:
            return Cursor.decode(before)
        except InvalidInput:
            raise not_a_time from None


def _resume_at(last_event_id: str | None, since: int | None) -> int | None:
    """The change number to continue after, None to start now.

    Raises:
        InvalidInput: ``Last-Event-ID`` is not a number of ours.
    """
    if not last_event_id:
        return since
    if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:  # noqa: PLR2004 - fits 63 bits
        raise InvalidInput(
            "Last-Event-ID is not a change number.", fix="Send the id of the last event."
        )
    return int(last_event_id)
