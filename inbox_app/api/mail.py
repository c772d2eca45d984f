"""Where the links of e-mails lead: unsubscribing, and what reports opening and clicks.

GET and HEAD of a page to unsubscribe change nothing, for programs follow every link of an e-mail
to look for harm. POST acts (RFC 8058): the link is all the authority there is, so no cookie is
read and a form of another site can do no more than its own link allows.
"""

from __future__ import annotations

import string
from typing import cast
from urllib.parse import parse_qs, quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inbox_app.api.pages import HEADERS, Button, page
from inbox_app.api.requests import read_body
from inbox_app.domain.errors import NotFound
from inbox_app.domain.mail_report import Evidence
from inbox_app.lib.links import ClickLink, OpenLink
from inbox_app.runtime import Runtime
from inbox_app.services import mail_events, unsubscribing
from inbox_app.services.unsubscribing import Act, Standing

PIXEL = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
"""One transparent dot."""
LONGEST_FORM = 10_000
STOP = Button(Act.STOP, "Unsubscribe")
WEEKLY = Button(Act.WEEKLY, "Make it weekly instead")
UNDO = Button(Act.UNDO, "Undo")
# What an address is made of in ASCII stays as it is, its own percent signs included.
AS_IT_IS = string.ascii_letters + string.digits + string.punctuation


async def ask(request: Request) -> Response:
    """The page that asks; changes nothing."""
    if request.method == "HEAD":
        return Response(headers=HEADERS)
    return _asking(await unsubscribing.look(_runtime(request), request.path_params["token"]))


async def act(request: Request) -> Response:
    """Does what a button of the page says, or unsubscribes for a mail program's one click."""
    body = await read_body(request)
    fields = parse_qs(body[:LONGEST_FORM].decode("utf-8", "replace"))
    # One click sends List-Unsubscribe=One-Click, in either encoding of forms; whatever a mail
    # program sends to this address, it means the one thing the header offers.
    asked = fields.get("action", [Act.STOP.value])[0]
    if asked not in list(Act):
        return page("Nothing was changed", "This page has no such button.", 400)
    rt, what = _runtime(request), Act(asked)
    token = request.path_params["token"]
    standing = await unsubscribing.act(rt, token, what, _evidence(request))
    return _fixed(standing, 403) if standing.fixed else _done(standing, what)


async def picture(request: Request) -> Response:
    """The picture of an e-mail, whatever the token; opening is recorded for right ones."""
    rt, answer = _runtime(request), Response(PIXEL, media_type="image/gif", headers=HEADERS)
    try:
        link = mail_events.opened(rt, request.path_params["token"])
    except NotFound:
        return answer
    return _recording(request, answer, link)


async def follow(request: Request) -> Response:
    """Sends a reader on to where the link leads."""
    link = mail_events.clicked(_runtime(request), request.path_params["token"])
    headers = HEADERS | {"Location": quote(link.url, safe=AS_IT_IS)}
    return _recording(request, Response(status_code=302, headers=headers), link)


routes = [
    Route("/unsubscribe/{token}", ask, methods=["GET"]),
    Route("/unsubscribe/{token}", act, methods=["POST"]),
    Route("/o/{token}.gif", picture),
    Route("/c/{token}", follow),
]


def _recording(request: Request, answer: Response, link: OpenLink | ClickLink) -> Response:
    """The answer, after which it is recorded: nobody waits for the database."""
    if request.method != "HEAD":
        rt, evidence = _runtime(request), _evidence(request)
        answer.background = BackgroundTask(mail_events.record, rt, link, evidence)
    return answer


def _asking(standing: Standing) -> Response:
    if standing.fixed:
        return _fixed(standing, 200)
    if standing.stopped:
        return _stopped(standing)
    buttons = [STOP, WEEKLY] if standing.offers_weekly and not standing.weekly else [STOP]
    if standing.title is None:
        return page(
            f"Stop all e-mail from {standing.sender}?",
            "You will still get what cannot be switched off, such as messages about security.",
            buttons=buttons,
            also=_also(standing),
        )
    return page(
        f"Stop e-mail about “{standing.title}”?",
        f"Other notifications from {standing.sender} stay as they are.",
        buttons=buttons,
        also=_also(standing),
    )


def _done(standing: Standing, what: Act) -> Response:
    if standing.stopped:
        return _stopped(standing)
    undo = [UNDO] if standing.undoable else []
    if what is Act.WEEKLY and standing.weekly:
        text = f"“{standing.title}” from {standing.sender} now comes in one e-mail a week."
        return page("Once a week from now on", text, buttons=[*undo, STOP], also=_also(standing))
    about = f"“{standing.title}”" if standing.title else "everything"
    text = f"You get e-mail from {standing.sender} about {about} the way you did before."
    return page("All as it was", text, buttons=[STOP], also=_also(standing))


def _stopped(standing: Standing) -> Response:
    undo = [UNDO] if standing.undoable else []
    weekly = [WEEKLY] if standing.offers_weekly else []
    about = f"about “{standing.title}”" if standing.title else "but what cannot be switched off"
    text = f"You get no more e-mail from {standing.sender} {about}."
    return page("You are unsubscribed", text, buttons=[*undo, *weekly], also=_also(standing))


def _fixed(standing: Standing, status: int) -> Response:
    return page(
        f"“{standing.title}” cannot be switched off",
        f"{standing.sender} has to send you these e-mails, for example because they are about "
        "your account or its security. Nothing was changed.",
        status,
        also=_also(standing),
    )


def _also(standing: Standing) -> tuple[str, str] | None:
    return (standing.preferences, "All your settings") if standing.preferences else None


def _evidence(request: Request) -> Evidence:
    host = request.client.host if request.client else ""
    return Evidence(request.headers.get("user-agent", ""), host)


def _runtime(request: Request) -> Runtime:
    return cast("Runtime", request.app.state.runtime())
