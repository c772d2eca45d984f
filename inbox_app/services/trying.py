"""A notification that people send to themselves, to see one arrive."""

from __future__ import annotations

import json
from datetime import timedelta

from inbox_app.domain.errors import NotFound, Refused, Unavailable
from inbox_app.domain.notification import IdempotencyKey, InAppContent, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.lib.catalogue import Tongue, spoken
from inbox_app.runtime import Runtime
from inbox_app.services import sending
from inbox_app.storage import environments, inbox, users

TYPE = "test"
PERIOD = timedelta(minutes=1)
"""Nobody gets more than one in each."""


async def send_test(rt: Runtime, user_id: int, language: str = "") -> str:
    """Sends a notification of the type `TYPE`, in the way all go; its tracking id.

    Args:
        language: The page's, such as ``de``.

    Raises:
        NotFound: there is no such person.
        Refused: their preferences keep it out of the inbox.
        Unavailable: there was one less than a `PERIOD` ago, or nothing can be sent now.
    """
    request = await _request(rt, user_id, Tongue(spoken([language])))
    tracking_id = (await sending.send(rt, request)).tracking_id
    if tracking_id != request.tracking_id:
        raise Unavailable(
            "You have just sent one.", fix="Try again in a minute.", name="why.test_again"
        )
    async with rt.database.read() as tx:
        arrived = await inbox.get_many(tx, user_id, [tracking_id])
    if not arrived:
        raise Refused(
            "Your preferences keep test notifications out of your inbox.",
            fix="Switch them on in your preferences.",
            name="why.tests_off",
        )
    return tracking_id


async def _request(rt: Runtime, user_id: int, tongue: Tongue) -> Send:
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        environment = user and await environments.by_id(tx, user.environment_id, rt.sealer)
    if user is None or environment is None:
        raise NotFound("There is no such person.")
    now = rt.clock.now()
    place = f"inbox-test:{user_id}:{int(now.timestamp() // PERIOD.total_seconds())}"
    return Send(
        tracking_id=ids.tracking_id(),
        environment=environment,
        user_id=user.external_id,
        profile=Profile(),
        type_name=TYPE,
        accepted_at=now,
        channels_with_content=(Channel.INAPP_WEB,),
        forced_channels=(Channel.INAPP_WEB,),
        in_app=InAppContent(tongue.say("server.test"), tongue.say("server.test_text")),
        request=json.dumps({"type": TYPE, "to": {"id": user.external_id}}),
        # The same key in the whole period, and so the same notification.
        idempotency=IdempotencyKey(place, place),
    )
