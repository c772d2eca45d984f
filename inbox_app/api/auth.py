"""Who calls: an application with an API key, or an end user with credentials of their own."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request

from inbox_app.api.requests import MAX_ID, RuntimeDep
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, Refused, Unauthenticated
from inbox_app.lib import signing
from inbox_app.runtime import Runtime
from inbox_app.services import access
from inbox_app.services.access import Member

HASH_LENGTH = 44
"""Length of base64 of the 32 bytes of an HMAC-SHA256."""


async def caller(request: Request, rt: RuntimeDep) -> Environment | Member:
    """Reads ``Authorization`` (wire/pingram, section 2).

    ``Bearer <API key>`` and ``Basic clientId:clientSecret`` speak for the environment,
    ``Basic clientId:userId`` and ``Basic clientId:userId:hash`` for one end user.

    Raises:
        Unauthenticated: nothing was sent, or nothing valid.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return await access.by_api_key(rt, value.strip())
    if scheme.lower() == "basic" and value.strip():
        return await _basic(rt, value.strip())
    raise Unauthenticated("Credentials are missing.", fix="Send `Authorization: Bearer <API key>`.")


CallerDep = Annotated[Environment | Member, Depends(caller)]


async def application(who: CallerDep) -> Environment:
    """Only an application may do this.

    Raises:
        Refused: an end user asked.
    """
    if isinstance(who, Member):
        raise Refused("This needs an API key.", fix="End users may only use their own inbox.")
    return who


ApplicationDep = Annotated[Environment, Depends(application)]


async def reader(
    who: CallerDep, rt: RuntimeDep, user_id: Annotated[str | None, Query(alias="userId")] = None
) -> Member:
    """The end user whose inbox is meant: the caller, or with an API key ``?userId=``.

    Raises:
        InvalidInput: an application asked and named nobody.
        Refused: an end user named somebody else.
    """
    if isinstance(who, Member):
        if user_id not in (None, who.user.external_id):
            raise Refused("An end user may only use their own inbox.")
        return who
    if not user_id:
        raise InvalidInput(
            "It is not said whose inbox is meant.",
            fix="Call with end-user credentials, Basic base64(clientId:userId), "
            "or with an API key and ?userId=.",
        )
    return await access.member_of(rt, who, user_id)


ReaderDep = Annotated[Member, Depends(reader)]


def environment_of(who: Environment | Member) -> Environment:
    return who.environment if isinstance(who, Member) else who


def require_self(who: Environment | Member, user_id: str) -> Environment:
    """The caller's environment, when the caller may touch this user.

    Raises:
        Refused: an end user asked for somebody else.
    """
    if isinstance(who, Member) and who.user.external_id != user_id:
        raise Refused("An end user may only use their own profile.")
    return environment_of(who)


async def _basic(rt: Runtime, value: str) -> Environment | Member:
    try:
        plain = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated(
            "The Basic credentials are not base64.", fix="Send base64(clientId:userId)."
        ) from None
    client_id, _, rest = plain.partition(":")
    environment = await access.by_client(rt, client_id)
    if signing.same(rest, environment.client_secret):
        return environment
    user_id, proof = _split(rest, secure=environment.secure_mode)
    if not user_id or len(user_id) > MAX_ID or "\0" in user_id:
        raise Unauthenticated("The credentials name no user.", fix="Send base64(clientId:userId).")
    return await access.member(rt, environment, user_id, proof)


def _split(rest: str, *, secure: bool) -> tuple[str, str | None]:
    """User id and hash. An id may hold colons, so only what looks like a hash is taken for one."""
    user_id, colon, proof = rest.rpartition(":")
    if colon and (secure or len(proof) == HASH_LENGTH):
        return user_id, proof
    return rest, None
