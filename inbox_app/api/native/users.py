"""``/users``: the people an application may notify."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from inbox_app.api.auth import ApplicationDep, CallerDep, environment_of, require_self
from inbox_app.api.native.mapping import profile_from, user_answer
from inbox_app.api.native.schemas import (
    MessageAnswer,
    Metadata,
    MetadataAnswer,
    PreferenceLinkAnswer,
    UserAnswer,
    UserInput,
    UsersAnswer,
)
from inbox_app.api.requests import MAX_ID, PathId, RuntimeDep, parse, read_body
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.json_document import moment_text
from inbox_app.domain.notification_type import Channel
from inbox_app.services import integrations, preference_links, users
from inbox_app.services.access import Member

router = APIRouter(tags=["Users"], prefix="/users")

EnvId = Annotated[str | None, Query(alias="envId")]


@router.get("/account-metadata", response_model=MetadataAnswer)
async def account_metadata(rt: RuntimeDep, who: CallerDep) -> MetadataAnswer:
    """What a front end needs before it offers web push."""
    environment = environment_of(who)
    key = (await integrations.public(rt, environment, Channel.WEB_PUSH)).get("vapidPublicKey", "")
    return MetadataAnswer(
        user_account_metadata=Metadata(
            logo=environment.look.logo,
            environment_vapid_public_key=key,
            has_web_push_enabled=bool(key),
        )
    )


@router.get("", response_model=UsersAnswer, response_model_exclude_none=True)
async def list_users(
    rt: RuntimeDep,
    environment: ApplicationDep,
    limit: Annotated[float, Query(ge=0, allow_inf_nan=False)] = 100,
    next_token: Annotated[str, Query(alias="nextToken")] = "",
    env_id: EnvId = None,
) -> UsersAnswer:
    """Users by id; continue with `lastEvaluatedKey` as `nextToken` while `hasMore`."""
    check_environment(environment, env_id)
    page = await users.page(rt, environment, int(min(limit, users.LARGEST_PAGE)), next_token)
    return UsersAnswer(
        users=[user_answer(user, rt.sealer) for user in page.users],
        has_more=page.more,
        last_evaluated_key=page.users[-1].external_id if page.more else None,
    )


@router.get("/{user_id}", response_model=UserAnswer, response_model_exclude_none=True)
async def get_user(rt: RuntimeDep, who: CallerDep, user_id: PathId) -> UserAnswer:
    """A user; one that nobody told of yet is only its id."""
    environment = require_self(who, user_id)
    user = await users.find(rt, environment, user_id)
    return UserAnswer(id=user_id) if user is None else user_answer(user, rt.sealer)


@router.post(
    "/{user_id}",
    response_model=UserAnswer,
    response_model_exclude_none=True,
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UserInput"}}}
        }
    },
)
async def identify(request: Request, rt: RuntimeDep, who: CallerDep, user_id: PathId) -> UserAnswer:
    """Creates the user, or merges what is sent into it."""
    environment = require_self(who, user_id)
    if not 1 <= len(user_id) <= MAX_ID or "\0" in user_id:
        raise InvalidInput(f"The user id must have 1 to {MAX_ID} characters.")
    body = parse(await read_body(request) or b"{}", UserInput)
    if body.id not in (None, user_id):
        raise InvalidInput("The id in the body is not the one in the path.", fix="Leave it out.")
    told = profile_from(body, rt.sealer, rt.clock.now())
    user = await users.identify(rt, environment, user_id, told, in_person=isinstance(who, Member))
    return user_answer(user, rt.sealer)


@router.delete("/{user_id}", response_model=MessageAnswer)
async def delete_user(
    rt: RuntimeDep, environment: ApplicationDep, user_id: PathId, env_id: EnvId = None
) -> MessageAnswer:
    """Deletes a user with every notification of theirs."""
    check_environment(environment, env_id)
    await users.remove(rt, environment, user_id)
    return MessageAnswer(message="The user was deleted.")


def check_environment(environment: Environment, env_id: str | None) -> None:
    """Refuses to act on another environment than the key's.

    Raises:
        NotFound: ``env_id`` names another environment; whether it exists is not told.
    """
    if env_id not in (None, "", environment.client_id):
        raise NotFound(f"There is no environment {env_id!r} for this API key.")


@router.post("/{user_id}/preference-link", response_model=PreferenceLinkAnswer)
async def make_preference_link(
    rt: RuntimeDep, environment: ApplicationDep, user_id: PathId
) -> PreferenceLinkAnswer:
    """A link that opens the user's preferences without signing in, for 30 days."""
    made = await preference_links.make(rt, environment, user_id)
    return PreferenceLinkAnswer(url=made.url, expires_at=moment_text(made.expires_at))


@router.delete("/{user_id}/preference-link", response_model=MessageAnswer)
async def revoke_preference_links(
    rt: RuntimeDep, environment: ApplicationDep, user_id: PathId
) -> MessageAnswer:
    """Ends every link to the user's preferences that was made until now, also those in e-mails."""
    await preference_links.revoke(rt, environment, user_id)
    return MessageAnswer(message="Every link made until now is void.")
