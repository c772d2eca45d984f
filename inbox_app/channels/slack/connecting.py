"""Connecting a person's Slack by OAuth 2.0: where they say yes, the exchange, and the way back.

https://docs.slack.dev/authentication/installing-with-oauth names the parameters. What is granted is
a token of the app's bot in the person's workspace, which Slack gives to all of the workspace who
connect: `revoke` ends it for everybody there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from inbox_app.channels.slack import tokens
from inbox_app.channels.slack.client import HOST, Slack
from inbox_app.channels.slack.errors import NAME, Meaning, Speaker, meaning_of
from inbox_app.channels.slack.tokens import Grant
from inbox_app.channels.spec import Tools
from inbox_app.domain.errors import Permanent, ProviderError

AUTHORIZE_URL: Final = f"https://{HOST}/oauth/v2/authorize"
SCOPES: Final = (
    *("chat:write", "users:read"),
    # The list of places, and letting the app into public channels: it hears replies nowhere else.
    *("channels:read", "groups:read", "channels:join"),
    # Replies in threads.
    *("channels:history", "groups:history", "im:history"),
)
"""What the app's bot may do; docs/channels.md tells operators to enter the same."""


@dataclass(frozen=True)
class App:
    """An app at Slack, as far as people connect to it."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str

    def authorize_url(self, state: str) -> str:
        """Where the person decides; Slack leads them back to the redirect URI with ``state``."""
        query = {
            "client_id": self.client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self.redirect_uri,
            "state": state,
        }
        return f"{AUTHORIZE_URL}?{urlencode(query)}"


async def exchange(app: App, code: str, tools: Tools) -> str:
    """What Slack grants for the code it led the person back with; as `tokens` reads it.

    Raises:
        Transient, RateLimited, Permanent, OutcomeUnknown: it did not; a code is good for one try.
    """
    form = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code": code,
        "redirect_uri": app.redirect_uri,
    }
    speaker = Speaker(secrets=(app.client_secret, code), since=tools.now())
    answer = await Slack(tools, "", speaker).exchange("oauth.v2.access", form)
    granted = json.dumps(tokens.dated(answer, tools.now()))
    grant = tokens.read(granted)
    if grant is None or not (grant.token and grant.user_id and grant.team_id):
        raise Permanent(NAME, "Slack granted no token, or does not say whose.", status="incomplete")
    return granted


async def revoke(grant: Grant, tools: Tools) -> None:
    """Ends a token for good; one that has ended already is no error.

    Raises:
        Transient, RateLimited, Permanent: it, or the refresh token that came with it, may still
            work.
    """
    slack = Slack(tools, grant.token, grant.speaker(tools.now()))
    over = {Meaning.REVOKED} if grant.refresh_token else {Meaning.REVOKED, Meaning.EXPIRED}
    try:
        await slack.ask("auth.revoke", {})
    except ProviderError as error:
        if meaning_of(error.status) not in over:
            raise
