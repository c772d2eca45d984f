"""Opening and clicks: what an e-mail's links report."""

from __future__ import annotations

import logging

from inbox_app.domain.errors import NotFound
from inbox_app.domain.mail_report import Evidence, MailReport
from inbox_app.lib import links
from inbox_app.lib.links import ClickLink, OpenLink
from inbox_app.lib.signing import BadSignature
from inbox_app.runtime import Runtime

log = logging.getLogger(__name__)


def opened(rt: Runtime, token: str) -> OpenLink:
    """The e-mail a picture belongs to; raises NotFound when it belongs to none of ours."""
    try:
        return links.read_open(rt.sealer, token)
    except BadSignature as error:
        raise NotFound("There is no such picture.") from error


def clicked(rt: Runtime, token: str) -> ClickLink:
    """Where a link leads; raises NotFound when it is none of ours."""
    try:
        return links.read_click(rt.sealer, token)
    except BadSignature as error:
        raise NotFound(
            "This link does not work", fix="It was cut short or changed on its way."
        ) from error


async def record(rt: Runtime, link: OpenLink | ClickLink, evidence: Evidence) -> None:
    """Records that a link was used, together with other reports.

    Never raises: nobody waits for the outcome, and a report that is lost does no harm.
    """
    url = link.url if isinstance(link, ClickLink) else None
    report = MailReport(link.delivery_id, url, rt.clock.now(), evidence)
    try:
        await rt.reports.submit(report)
    except Exception:
        log.exception("What was done with an e-mail could not be recorded.")
