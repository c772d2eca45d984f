"""``/integrations`` and ``/providers``: what carries the messages of an environment."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path
from pydantic import Field, StrictBool
from starlette.requests import Request

from inbox_app.api.auth import ApplicationDep
from inbox_app.api.native.schemas import Id, Wire
from inbox_app.api.openapi import body
from inbox_app.api.requests import RuntimeDep, read
from inbox_app.domain.delivery import AttemptOutcome
from inbox_app.domain.notification_type import Channel
from inbox_app.services import integrations
from inbox_app.services.integrations import IntegrationChange, IntegrationView

router = APIRouter(tags=["Integrations"])

IntegrationId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]
Position = Annotated[int, Field(ge=0, le=1_000)]
Rate = Annotated[float, Field(gt=0, le=100_000, description="Messages per second.")]
Concurrency = Annotated[int, Field(ge=1, le=1_000, description="Calls at a time per process.")]


class IntegrationChangeBody(Wire):
    """What is to be different; what is left out stays.

    Settings are merged by key: a secret that is left out stays, null takes a setting back to its
    default. A null ``rate`` means no limit.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    settings: Annotated[dict[str, Any], Field(max_length=100)] | None = None
    position: Position | None = None
    enabled: StrictBool | None = None
    rate: Rate | None = None
    concurrency: Concurrency | None = None


class NewIntegration(IntegrationChangeBody):
    """An integration to be made; by default it comes last in the order of fail-over."""

    channel: Channel
    provider: Id


class TestBody(Wire):
    to: Annotated[
        str, Field(min_length=1, max_length=4_096, description="An address of the channel.")
    ]


class IntegrationAnswer(Wire):
    """An integration; of its secrets only the names of those that are set."""

    id: str
    channel: Channel
    provider: str
    name: str
    settings: dict[str, Any]
    secrets: list[str]
    position: int
    enabled: bool
    rate: float | None
    concurrency: int
    problem: str | None = None


class ProviderAnswer(Wire):
    name: str
    label: str
    channels: list[Channel]
    settings: Annotated[dict[str, Any], Field(description="JSON schema of the settings.")]


class TestAnswer(Wire):
    success: bool
    outcome: AttemptOutcome
    detail: str
    message_id: str | None = None


@router.get("/providers", response_model=list[ProviderAnswer])
async def list_providers(environment: ApplicationDep) -> list[ProviderAnswer]:
    """The services that can be used, with what each needs to know."""
    return [
        ProviderAnswer(
            name=each.name,
            label=each.label,
            channels=[channel for channel in Channel if channel in each.channels],
            settings=each.settings.model_json_schema(),
        )
        for each in integrations.providers()
    ]


@router.get("/integrations", response_model=list[IntegrationAnswer])
async def list_integrations(rt: RuntimeDep, environment: ApplicationDep) -> list[IntegrationAnswer]:
    """All integrations, by channel in the order of fail-over."""
    return [_answer(each) for each in await integrations.every(rt, environment)]


@router.post(
    "/integrations", response_model=IntegrationAnswer, openapi_extra=body("NewIntegration")
)
async def add_integration(
    request: Request, rt: RuntimeDep, environment: ApplicationDep
) -> IntegrationAnswer:
    """Saves an integration; the channel leaves the sandbox with its first one."""
    asked = await read(request, NewIntegration)
    change = _change(asked)
    return _answer(await integrations.add(rt, environment, asked.channel, asked.provider, change))


@router.patch(
    "/integrations/{id}",
    response_model=IntegrationAnswer,
    openapi_extra=body("IntegrationChangeBody"),
)
async def change_integration(
    request: Request, rt: RuntimeDep, environment: ApplicationDep, integration_id: IntegrationId
) -> IntegrationAnswer:
    """Changes an integration."""
    change = _change(await read(request, IntegrationChangeBody))
    return _answer(await integrations.change(rt, environment, integration_id, change))


@router.delete("/integrations/{id}", status_code=204)
async def remove_integration(
    rt: RuntimeDep, environment: ApplicationDep, integration_id: IntegrationId
) -> None:
    """Deletes an integration."""
    await integrations.remove(rt, environment, integration_id)


@router.post("/integrations/{id}/rotate", response_model=IntegrationAnswer)
async def rotate_integration(
    rt: RuntimeDep, environment: ApplicationDep, integration_id: IntegrationId
) -> IntegrationAnswer:
    """Makes new secrets of the server's own, such as the keys of web push, beside the old ones."""
    return _answer(await integrations.rotate(rt, environment, integration_id))


@router.post(
    "/integrations/{id}/test",
    response_model=TestAnswer,
    response_model_exclude_none=True,
    openapi_extra=body("TestBody"),
)
async def test_integration(
    request: Request, rt: RuntimeDep, environment: ApplicationDep, integration_id: IntegrationId
) -> TestAnswer:
    """Sends a message through this integration alone, and answers how it went."""
    to = (await read(request, TestBody)).to
    tried = await integrations.try_out(rt, environment, integration_id, to)
    return TestAnswer(
        success=tried.outcome is AttemptOutcome.SENT,
        outcome=tried.outcome,
        detail=tried.detail,
        message_id=tried.message_id or None,
    )


def _change(asked: IntegrationChangeBody) -> IntegrationChange:
    names = ("name", "settings", "position", "enabled", "concurrency")
    change = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
    if "rate" in asked.model_fields_set:
        change["rate"] = asked.rate
    return cast("IntegrationChange", change)


def _answer(view: IntegrationView) -> IntegrationAnswer:
    each = view.integration
    return IntegrationAnswer(
        id=str(each.id),
        channel=each.channel,
        provider=each.provider,
        name=each.name,
        settings=dict(view.settings),
        secrets=list(view.secrets),
        position=each.position,
        enabled=each.enabled,
        rate=each.rate,
        concurrency=each.concurrency,
        problem=view.problem or None,
    )
