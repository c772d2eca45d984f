"""Pictures for replies: uploaded first, then named by the reply; who may see them, and how long."""

from __future__ import annotations

from datetime import datetime, timedelta

from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification import Attachment
from inbox_app.lib import ids, images, links
from inbox_app.lib.signing import BadSignature
from inbox_app.runtime import Runtime
from inbox_app.services.inbox.moving import owned
from inbox_app.services.inbox.replying import check_replies
from inbox_app.services.inbox_views import attachment_view
from inbox_app.services.views import AttachmentView
from inbox_app.storage import attachments, inbox
from inbox_app.storage.engine import Transaction

MOST_WAITING = 20
"""Pictures of one person that belong to no reply yet."""
UNUSED = timedelta(days=1)
"""How long a picture waits for its reply."""


async def upload(rt: Runtime, user_id: int, tracking_id: str, data: bytes) -> AttachmentView:
    """Takes a picture for a reply to an item: PNG, JPEG, GIF (its first frame) or WebP.

    Raises:
        Conflict: too many pictures wait for their replies.
        InvalidInput: no picture of these kinds, damaged, or too large.
        NotFound: there is no such item in this inbox.
        Refused: it takes no replies.
    """
    async with rt.database.read() as tx:
        await _check(tx, user_id, tracking_id)
    try:
        picture = await images.clean(data)
    except images.BadPicture as error:
        most = f"{images.LARGEST // 1_000_000} MB and {images.MOST_PIXELS // 1_000_000} million"
        fix = f"Choose a PNG, JPEG, GIF or WebP of {most} pixels at most."
        raise InvalidInput(str(error), fix=fix) from error
    attachment = Attachment(
        *(ids.token(), picture.content_type, picture.width, picture.height, len(picture.data))
    )
    async with rt.database.write() as tx:
        # Others may have come meanwhile: who counts under the lock counts all.
        await inbox.lock(tx, user_id)
        await _check(tx, user_id, tracking_id)
        owner, now = (user_id, tracking_id), rt.clock.now()
        await attachments.add(tx, owner, attachment, picture.data, now)
    return attachment_view(attachment)


async def fetch(rt: Runtime, user_id: int, attachment_id: str) -> tuple[bytes, str]:
    """A picture of the person and its content type.

    Raises:
        NotFound: there is no such picture of this person.
    """
    async with rt.database.read() as tx:
        found = await attachments.data(tx, attachment_id, user_id)
    return found or _missing()


async def fetch_signed(
    rt: Runtime, attachment_id: str, until: str, proof: str
) -> tuple[bytes, str]:
    """A picture by an address that `url` made.

    Raises:
        NotFound: the address is not ours or has expired, or the picture is no more.
    """
    try:
        links.check_attachment(rt.sealer, attachment_id, until, proof)
    except BadSignature:
        return _missing()
    if int(until) <= rt.clock.now().timestamp():
        return _missing()
    async with rt.database.read() as tx:
        found = await attachments.data(tx, attachment_id)
    return found or _missing()


async def tidy(rt: Runtime, now: datetime) -> None:
    """Drops pictures whose reply never came."""
    async with rt.database.write() as tx:
        await attachments.forget_unused(tx, now - UNUSED)


async def _check(tx: Transaction, user_id: int, tracking_id: str) -> None:
    check_replies(await owned(tx, user_id, [tracking_id]))
    waiting = await attachments.waiting(tx, user_id)
    if waiting >= MOST_WAITING:
        raise Conflict(
            f"{waiting} pictures wait for their replies.", fix="Send or discard a reply first."
        )


def _missing() -> tuple[bytes, str]:
    raise NotFound("There is no such picture.", fix="It may have been deleted; reload the page.")
