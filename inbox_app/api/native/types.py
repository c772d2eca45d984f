"""``/types``: kinds of notifications, with their channels, limits and choices."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from inbox_app.api.auth import ApplicationDep
from inbox_app.api.native.type_mapping import change_from, type_answer
from inbox_app.api.native.type_schemas import NewType, TypeAnswer, TypeChangeBody
from inbox_app.api.openapi import body
from inbox_app.api.requests import PathId, RuntimeDep, read
from inbox_app.services import types

router = APIRouter(tags=["Notification types"], prefix="/types")


@router.get("", response_model=list[TypeAnswer], response_model_exclude_none=True)
async def list_types(rt: RuntimeDep, environment: ApplicationDep) -> list[TypeAnswer]:
    """All notification types, by id."""
    return [type_answer(each, environment) for each in await types.every(rt, environment)]


@router.post(
    "", response_model=TypeAnswer, response_model_exclude_none=True, openapi_extra=body("NewType")
)
async def create_type(request: Request, rt: RuntimeDep, environment: ApplicationDep) -> TypeAnswer:
    """Makes a notification type; 409 when it is there already, also when a send made it."""
    asked = await read(request, NewType)
    made = await types.create(
        rt, environment, asked.notification_id, asked.title, change_from(asked)
    )
    return type_answer(made, environment)


@router.get("/{notification_id}", response_model=list[TypeAnswer], response_model_exclude_none=True)
async def get_type(
    rt: RuntimeDep, environment: ApplicationDep, notification_id: PathId
) -> list[TypeAnswer]:
    """One notification type, as a list of one, which is what the vendor answers."""
    return [type_answer(await types.get(rt, environment, notification_id), environment)]


@router.patch(
    "/{notification_id}",
    response_model=TypeAnswer,
    response_model_exclude_none=True,
    openapi_extra=body("TypeChangeBody"),
)
async def change_type(
    request: Request, rt: RuntimeDep, environment: ApplicationDep, notification_id: PathId
) -> TypeAnswer:
    """Changes what is sent; senders go by it within five seconds."""
    asked = change_from(await read(request, TypeChangeBody))
    return type_answer(await types.change(rt, environment, notification_id, asked), environment)


@router.delete("/{notification_id}", status_code=204)
async def delete_type(rt: RuntimeDep, environment: ApplicationDep, notification_id: PathId) -> None:
    """Deletes a type. What was sent of it stays; a send that names it makes a new one."""
    await types.remove(rt, environment, notification_id)
