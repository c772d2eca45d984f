"""Addresses that are not to be used, and how they are used again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from inbox_app.api.auth import ApplicationDep
from inbox_app.api.native.mapping import user_answer
from inbox_app.api.native.schemas import UserAnswer, Wire
from inbox_app.api.native.users import EnvId, check_environment
from inbox_app.api.requests import PathId, RuntimeDep
from inbox_app.domain.delivery import Suppression, SuppressionReason
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.clock import iso
from inbox_app.services import suppressions

router = APIRouter(tags=["Suppressions"])


class LiftedAnswer(Wire):
    user: UserAnswer


class SuppressionAnswer(Wire):
    channel: Channel
    address: str
    reason: SuppressionReason
    details: dict[str, Any]
    at: str


class SuppressionsAnswer(Wire):
    suppressions: list[SuppressionAnswer]
    next: str | None = None


@router.get("/suppressions", response_model=SuppressionsAnswer, response_model_exclude_none=True)
async def list_suppressions(
    rt: RuntimeDep,
    environment: ApplicationDep,
    channel: Channel,
    limit: Annotated[int, Query(ge=1, le=suppressions.LARGEST_PAGE)] = 100,
    after: Annotated[str, Query(max_length=4_096)] = "",
) -> SuppressionsAnswer:
    """Addresses of a channel that are not used, with the reason; continue with `next`."""
    found = await suppressions.page(rt, environment, channel, limit, after)
    following = found[-1].address if len(found) == limit else None
    return SuppressionsAnswer(suppressions=[_answer(each) for each in found], next=following)


@router.delete(
    "/user_suppression/{user_id}/channel/{channel}",
    response_model=LiftedAnswer,
    response_model_exclude_none=True,
)
async def lift(
    rt: RuntimeDep,
    environment: ApplicationDep,
    user_id: PathId,
    channel: Channel,
    env_id: EnvId = None,
) -> LiftedAnswer:
    """Uses the addresses of a user on a channel again."""
    check_environment(environment, env_id)
    user = await suppressions.lift(rt, environment, user_id, channel)
    return LiftedAnswer(user=user_answer(user, rt.sealer))


def _answer(each: Suppression) -> SuppressionAnswer:
    return SuppressionAnswer(
        channel=each.channel,
        address=each.address,
        reason=each.reason,
        details=dict(each.details),
        at=iso(each.at),
    )
