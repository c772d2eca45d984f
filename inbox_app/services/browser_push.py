"""Web push in a person's own browser: it subscribes by itself, and reports what it showed.

A subscription goes with the session of the browser that made it: whoever signs out there, or is
signed out from elsewhere, is told nothing there any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from inbox_app.domain.address import HANDED_ON
from inbox_app.domain.delivery import Delivery, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound, Refused, Unauthenticated
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt, ReceiptKind
from inbox_app.domain.user import Profile, User
from inbox_app.lib import user_agent
from inbox_app.lib.links import read_reply
from inbox_app.lib.signing import BadSignature
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.runtime import Runtime
from inbox_app.services import callbacks, integrations, users
from inbox_app.services.access import Viewer
from inbox_app.services.centre_where import key_of, listed_of
from inbox_app.services.holding import held
from inbox_app.storage import deliveries, environments, inbox, outbox
from inbox_app.storage import users as user_rows


class Became(StrEnum):
    """What became of a push, as the worker says."""

    SHOWN = "shown"
    OPENED = "opened"
    PRESSED = "pressed"
    DISMISSED = "dismissed"


KINDS = {
    Became.SHOWN: ReceiptKind.DELIVERED,
    Became.OPENED: ReceiptKind.OPENED,
    Became.PRESSED: ReceiptKind.PRESSED,
    Became.DISMISSED: ReceiptKind.DISMISSED,
}


@dataclass(frozen=True)
class Offer:
    """What a browser has to know to subscribe.

    Attributes:
        key: The server's public key, base64url; "" where web push is not offered.
        who: Names the person to a browser, so that it knows for whom it was told to subscribe.
        session: Names the session; what a browser told in another one is gone with that.
        stands: How the address it asks about fares: "reached", "dead", or "" when it is none of
            the person's.
    """

    key: str
    who: str
    session: str
    stands: str = ""


async def offer(rt: Runtime, viewer: Viewer, address: str = "") -> Offer:
    """Whether and how the person's browser can subscribe.

    Args:
        address: Key of the address that it has (`AddressView.key`), or "".
    """
    user, environment = await _person(rt, viewer)
    known = await integrations.public(rt, environment, Channel.WEB_PUSH)
    reached = user.profile.reached(Channel.WEB_PUSH)
    mine = next((each for each in reached if key_of("browser", each.value) == address), None)
    stands = "" if mine is None else "dead" if mine.disabled else "reached"
    key = str(known.get("vapidPublicKey", ""))
    return Offer(key, viewer.view.person, viewer.view.session, stands)


async def subscribe(
    rt: Runtime, viewer: Viewer, told: Mapping[str, Any], *, agent: str = "", replaces: str = ""
) -> str:
    """Reaches the browser from now on; the key of its address (`AddressView.key`).

    Args:
        told: The subscription, as the native API's object.
        agent: What the browser says of itself, by which people tell their browsers apart.
        replaces: The endpoint that this one comes in the place of, or "".
    """
    user, environment = await _person(rt, viewer)
    endpoint = str(told["sub"]["endpoint"])
    if replaces and replaces != endpoint:
        await _forget(rt, viewer.user_id, key_of("browser", replaces))
    name = " · ".join(filter(None, (user_agent.browser(agent), user_agent.system(agent))))
    device = {**told, "name": name} if name else told
    profile = Profile(web_push_tokens=(device,))
    await users.identify(
        *(rt, environment, user.external_id, profile),
        in_person=True,
        session_id=viewer.session_id,
    )
    await _tell(rt, viewer.user_id)
    return key_of("browser", endpoint)


async def renew(
    rt: Runtime, viewer: Viewer, told: Mapping[str, Any], *, agent: str = "", replaces: str = ""
) -> str:
    """As `subscribe`, where the browser changed its subscription without a page and a person.

    Raises:
        Refused: the one before is none of theirs: they took it back, or never asked for any.
    """
    known = (replaces, str(told["sub"]["endpoint"]))
    offers = [await offer(rt, viewer, key_of("browser", each)) for each in known]
    if not any(each.stands for each in offers):
        raise Refused(
            "This browser is not to be reached any more.", fix="Turn web push on in the inbox."
        )
    return await subscribe(rt, viewer, told, agent=agent, replaces=replaces)


async def unsubscribe(rt: Runtime, viewer: Viewer, endpoint: str) -> None:
    """Reaches the browser no more; one that is not known is no error."""
    if await _forget(rt, viewer.user_id, key_of("browser", endpoint)):
        await _tell(rt, viewer.user_id)


async def revoke(rt: Runtime, user_id: int, key: str) -> None:
    """Reaches one of the person's browsers or phones no more (`AddressView.key`).

    Raises:
        NotFound: the person has no such one.
    """
    if not await _forget(rt, user_id, key):
        raise NotFound(
            "You have no such device.", fix="Load the page again.", name="why.no_such_address"
        )
    await _tell(rt, user_id)


async def _forget(rt: Runtime, user_id: int, key: str) -> bool:
    """Forgets a browser or a phone of a person; whether it was known."""
    async with rt.database.write() as tx:
        user = await held(tx, user_id)
        known = (
            each for kind, each, _ in listed_of(user.profile) if key_of(kind, each.value) == key
        )
        gone = next((each for each in known if each.channel in HANDED_ON), None)
        if gone is None:
            return False
        profile = user.profile.without_device(gone.value)
        await user_rows.save(tx, [replace(user, profile=profile)])
    return True


async def report(rt: Runtime, token: str, through: int, became: Became, number: int = 0) -> None:
    """Counts what a browser says of a push, each once.

    Args:
        token: What the push named itself by, which proves that it was received.
        through: The integration that it went through, as the push says as well.
        number: The button that was pressed, 1 or 2.

    Raises:
        Unauthenticated: no push had this token.
        InvalidInput: there is no such button.
        NotFound: it is not known any more what it was.
        Refused: a button was pressed in a browser that is the person's no more.
    """
    try:
        delivery_id = read_reply(rt.sealer, token).delivery_id
    except BadSignature as error:
        raise Unauthenticated("No push had this token.") from error
    if became is Became.PRESSED and number not in {1, 2}:
        raise InvalidInput("There is no such button.")
    integration, delivery = await _pushed(rt, through, delivery_id)
    if became is Became.PRESSED:
        await _check_theirs(rt, delivery)
    which = number if became is Became.PRESSED else 0
    receipt = Receipt(
        key=f"{delivery_id}-{became.value}-{which}",
        kind=KINDS[became],
        at=rt.clock.now(),
        delivery_id=delivery_id,
        number=which,
    )
    await callbacks.count(rt, integration, [receipt])


async def _pushed(rt: Runtime, through: int, delivery_id: int) -> tuple[Integration, Delivery]:
    """What a push went through, and which it was: answers to e-mails have such tokens, too.

    Raises:
        NotFound: it was no push, or did not go through that.
    """
    async with rt.database.read() as tx:
        integration = await outbox.integration(tx, through, rt.sealer)
        found = await deliveries.get_many(tx, [delivery_id])
    delivery = found[0] if found else None
    if integration is None or delivery is None or not _went(delivery, integration):
        raise NotFound("It is not known what this push was.")
    return integration, delivery


def _went(delivery: Delivery, integration: Integration) -> bool:
    """Whether it was a push, and may have gone through an integration."""
    pushed = {delivery.channel, integration.channel} == {Channel.WEB_PUSH}
    return pushed and delivery.environment_id == integration.environment_id


async def _check_theirs(rt: Runtime, delivery: Delivery) -> None:
    """What was shown stays on a screen, also where its person has been signed out since.

    Raises:
        Refused: the browser is not theirs any more.
    """
    async with rt.database.read() as tx:
        user = await user_rows.get(tx, delivery.user_id)
    if user is None or delivery.address not in user.profile.addresses(Channel.WEB_PUSH):
        raise Refused("This browser is signed out.", fix="Open the inbox and sign in.")


async def _person(rt: Runtime, viewer: Viewer) -> tuple[User, Environment]:
    async with rt.database.read() as tx:
        user = await user_rows.get(tx, viewer.user_id)
        place = await environments.by_id(tx, viewer.environment_id, rt.sealer)
    if user is None or place is None:
        raise NotFound("There is no such person any more.")
    return user, place


async def _tell(rt: Runtime, user_id: int) -> None:
    async with rt.database.write() as tx:
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
    await tell(rt, reached)
