"""Where the links of e-mails lead: unsubscribing, and what reports opening and clicks.

GET and HEAD of a page to unsubscribe change nothing, for programs follow every link of an e-mail
to look for harm. POST acts (RFC 8058): the link is all the authority there is, so no cookie is
read and a form of another site can do no more than its own link allows.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import cast
from urllib.parse import parse_qs, quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inbox_app.api.languages import tongue_for
from inbox_app.api.pages import HEADERS, Button, page
from inbox_app.api.requests import read_body
from inbox_app.domain.errors import NotFound
from inbox_app.domain.mail_report import Evidence
from inbox_app.lib.catalogue import Tongue
from inbox_app.lib.links import ClickLink, OpenLink
from inbox_app.runtime import Runtime
from inbox_app.services import mail_events, unsubscribing
from inbox_app.services.unsubscribing import Act, Standing

PIXEL = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
"""One transparent dot."""
LONGEST_FORM = 10_000
# What an address is made of in ASCII stays as it is, its own percent signs included.
AS_IT_IS = string.ascii_letters + string.digits + string.punctuation


async def ask(request: Request) -> Response:
    """The page that asks; changes nothing."""
    if request.method == "HEAD":
        return Response(headers=HEADERS)
    standing = await unsubscribing.look(_runtime(request), request.path_params["token"])
    return _asking(tongue_for(request, standing.language), standing)


async def act(request: Request) -> Response:
    """Does what a button of the page says, or unsubscribes for a mail program's one click."""
    body = await read_body(request)
    fields = parse_qs(body[:LONGEST_FORM].decode("utf-8", "replace"))
    # One click sends List-Unsubscribe=One-Click, in either encoding of forms; whatever a mail
    # program sends to this address, it means the one thing the header offers.
    asked = fields.get("action", [Act.STOP.value])[0]
    if asked not in list(Act):
        tongue = tongue_for(request)
        nothing = tongue.say("unsubscribe.nothing"), tongue.say("unsubscribe.no_button")
        return page(tongue, *nothing, 400)
    rt, what = _runtime(request), Act(asked)
    token = request.path_params["token"]
    standing = await unsubscribing.act(rt, token, what, _evidence(request))
    tongue = tongue_for(request, standing.language)
    return _fixed(tongue, standing, 403) if standing.fixed else _done(tongue, standing, what)


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


def _asking(tongue: Tongue, standing: Standing) -> Response:
    if standing.fixed:
        return _fixed(tongue, standing, 200)
    if standing.stopped:
        return _stopped(tongue, standing)
    weekly = standing.offers_weekly and not standing.weekly
    buttons = _buttons(tongue, Act.STOP, *([Act.WEEKLY] if weekly else []))
    key = "ask_all" if standing.title is None else "ask"
    return _page(tongue, standing, key, f"{key}_text", buttons=buttons)


def _done(tongue: Tongue, standing: Standing, what: Act) -> Response:
    if standing.stopped:
        return _stopped(tongue, standing)
    if what is Act.WEEKLY and standing.weekly:
        undo = [Act.UNDO] if standing.undoable else []
        buttons = _buttons(tongue, *undo, Act.STOP)
        return _page(tongue, standing, "weekly_now", "weekly_text", buttons=buttons)
    text = "restored_text" if standing.title else "restored_all_text"
    return _page(tongue, standing, "restored", text, buttons=_buttons(tongue, Act.STOP))


def _stopped(tongue: Tongue, standing: Standing) -> Response:
    undo = [Act.UNDO] if standing.undoable else []
    weekly = [Act.WEEKLY] if standing.offers_weekly else []
    text = "stopped_text" if standing.title else "stopped_all_text"
    return _page(tongue, standing, "stopped", text, buttons=_buttons(tongue, *undo, *weekly))


def _fixed(tongue: Tongue, standing: Standing, status: int) -> Response:
    return _page(tongue, standing, "fixed", "fixed_text", status)


def _page(
    tongue: Tongue,
    standing: Standing,
    title: str,
    text: str,
    status: int = 200,
    buttons: Sequence[Button] = (),
) -> Response:
    """A page whose texts are keys after ``unsubscribe.``."""
    names = {"sender": standing.sender, "title": standing.title or ""}
    heading, sentence = (tongue.say(f"unsubscribe.{key}", **names) for key in (title, text))
    return page(tongue, heading, sentence, status, buttons=buttons, also=_also(tongue, standing))


def _buttons(tongue: Tongue, *acts: Act) -> list[Button]:
    return [Button(act, tongue.say(f"unsubscribe.{act}")) for act in acts]


def _also(tongue: Tongue, standing: Standing) -> tuple[str, str] | None:
    words = tongue.say("unsubscribe.all_settings")
    return (standing.preferences, words) if standing.preferences else None


def _evidence(request: Request) -> Evidence:
    host = request.client.host if request.client else ""
    return Evidence(request.headers.get("user-agent", ""), host)


def _runtime(request: Request) -> Runtime:
    return cast("Runtime", request.app.state.runtime())
