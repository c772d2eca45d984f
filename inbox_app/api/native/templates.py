"""``/notifications/{notificationId}/{channel}/templates``: what is said on a channel."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request

from inbox_app.api.auth import ApplicationDep
from inbox_app.api.native.template_mapping import content_from, full_answer, template_answer
from inbox_app.api.native.template_schemas import (
    DefaultSelection,
    NewTemplate,
    TemplateAnswer,
    TemplateContent,
)
from inbox_app.api.openapi import body
from inbox_app.api.requests import PathId, RuntimeDep, read
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification_type import Channel
from inbox_app.services import templates
from inbox_app.services.templates import Place

DEFAULT_SELECTION = "default-selection"
"""Stands where the id of a template does."""

router = APIRouter(
    tags=["Templates"], prefix="/notifications/{notification_id}/{channel}/templates"
)


async def place_of(environment: ApplicationDep, notification_id: PathId, channel: Channel) -> Place:
    return Place(environment, notification_id, channel)


PlaceDep = Annotated[Place, Depends(place_of)]


@router.get("", response_model=list[dict[str, Any]])
async def list_templates(rt: RuntimeDep, place: PlaceDep) -> list[dict[str, Any]]:
    """The templates of a notification type for a channel, with their content."""
    return [full_answer(each, place) for each in await templates.every(rt, place)]


@router.post("", response_model=TemplateAnswer, openapi_extra=body("NewTemplate"))
async def create_template(request: Request, rt: RuntimeDep, place: PlaceDep) -> TemplateAnswer:
    """Saves a template; a complete one becomes the default when there is none.

    Fields that are none of the channel's are dropped; wrong Liquid is refused.
    """
    asked = await read(request, NewTemplate)
    if asked.template_id == DEFAULT_SELECTION:
        raise InvalidInput(
            f"templateId: {DEFAULT_SELECTION!r} has a meaning of its own.", fix="Use another id."
        )
    content = content_from(place.channel, asked)
    return template_answer(await templates.create(rt, place, asked.template_id, content), place)


@router.patch(
    f"/{DEFAULT_SELECTION}", response_model=TemplateAnswer, openapi_extra=body("DefaultSelection")
)
async def set_default_template(request: Request, rt: RuntimeDep, place: PlaceDep) -> TemplateAnswer:
    """Makes a template the default of one or more modes, in place of any other."""
    asked = await read(request, DefaultSelection)
    chosen = await templates.make_default(rt, place, asked.template_id, asked.modes)
    return template_answer(chosen, place)


@router.get("/{template_id}", response_model=dict[str, Any])
async def get_template(rt: RuntimeDep, place: PlaceDep, template_id: PathId) -> dict[str, Any]:
    """One template with its content."""
    return full_answer(await templates.get(rt, place, template_id), place)


@router.patch(
    "/{template_id}", response_model=TemplateAnswer, openapi_extra=body("TemplateContent")
)
async def change_template(
    request: Request, rt: RuntimeDep, place: PlaceDep, template_id: PathId
) -> TemplateAnswer:
    """Changes the fields that are sent; null empties one."""
    change = content_from(place.channel, await read(request, TemplateContent))
    return template_answer(await templates.change(rt, place, template_id, change), place)


@router.delete("/{template_id}", status_code=204)
async def delete_template(rt: RuntimeDep, place: PlaceDep, template_id: PathId) -> None:
    """Deletes a template; a default leaves its modes without one."""
    await templates.remove(rt, place, template_id)


@router.post("/{template_id}/migrate", response_model=TemplateAnswer)
async def migrate_template(rt: RuntimeDep, place: PlaceDep, template_id: PathId) -> TemplateAnswer:
    """The vendor moves old templates to a new form with it; here all have the same form."""
    return template_answer(await templates.get(rt, place, template_id), place)
